from django.db import models

from .documents import DocumentField
from .workflow import Version


class Drawing(models.Model):
    """Where everything stands in the picture of a version, in one direction. Few who load a version draw it."""

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="drawings")
    direction = models.CharField(max_length=8)
    document = DocumentField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "direction"], name="drawing_once")]

    def __str__(self) -> str:
        return f"{self.version} {self.direction}"
