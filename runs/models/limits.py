from django.conf import settings
from django.db import models

from designer.models import Workflow

from .lanes import DEFAULT_PRIORITY, lane_of


class Limits(models.Model):
    """How many runs of a workflow may be in flight, how many may start in a minute, and whose turn they are."""

    workflow = models.OneToOneField(
        Workflow, primary_key=True, on_delete=models.CASCADE, related_name="limits"
    )
    max_running = models.PositiveIntegerField(null=True)
    starts_per_minute = models.PositiveIntegerField(null=True)
    priority = models.PositiveSmallIntegerField(default=DEFAULT_PRIORITY)
    queue = models.CharField(max_length=32, blank=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    changed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "limits"

    def __str__(self) -> str:
        return f"limits of {self.workflow_id}"

    @property
    def lane(self) -> str:
        return lane_of(self.queue, self.priority)

    @property
    def gated(self) -> bool:
        """Whether a run may have to wait before it starts."""
        return self.max_running is not None or self.starts_per_minute is not None
