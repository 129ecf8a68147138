"""What administrators keep for definitions to name."""

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models


class Secret(models.Model):
    """A value that definitions name and nobody reads: it is encrypted here, and opened for a step type alone."""

    name = models.CharField(max_length=64, unique=True)
    sealed = models.TextField()
    # Whose workflows alone may name it; null: all may.
    team = models.ForeignKey(Group, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
