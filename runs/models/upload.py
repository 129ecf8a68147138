from django.conf import settings
from django.db import models

from designer.ids import uuid7
from designer.models import Version, Workflow


class Upload(models.Model):
    """A CSV file from which many runs are started, one for each good row."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workflow = models.ForeignKey(Workflow, on_delete=models.CASCADE, related_name="+")
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    text = models.TextField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    made_at = models.DateTimeField(db_index=True)
    started_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name
