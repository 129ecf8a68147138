from datetime import timedelta

from django.conf import settings
from django.db import models

from .draft import Draft


class Presence(models.Model):
    """That somebody has a draft open, and where in it. A hint to the others, never a lock."""

    EXPIRES = timedelta(seconds=30)  # whoever was not seen for so long is not here

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="presences")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    step = models.CharField(max_length=64, blank=True)  # the key of the step that is open
    seen_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["draft", "person"], name="presence_once")]

    def __str__(self) -> str:
        return f"{self.person} in {self.draft}"
