from django.conf import settings
from django.db import models

from .documents import DocumentField
from .draft import Draft


class Imported(models.Model):
    """What came of the newest document of another language that was opened into a draft."""

    draft = models.OneToOneField(Draft, on_delete=models.CASCADE, related_name="imported")
    report = DocumentField()  # a list of lines
    at = models.DateTimeField(auto_now=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    def __str__(self) -> str:
        return f"import into {self.draft}"
