from django.conf import settings
from django.db import models


class Destination(models.Model):
    """Where steps may call besides the web at large: another port, or an address of our own network."""

    host = models.CharField(max_length=255)  # a name, an address, or *.example.com
    port = models.PositiveIntegerField()
    private = models.BooleanField(default=False)  # its addresses may be private ones
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    added_at = models.DateTimeField()

    class Meta:
        ordering = ["host", "port"]
        constraints = [models.UniqueConstraint(fields=["host", "port"], name="destination_once")]

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"
