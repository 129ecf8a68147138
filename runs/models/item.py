from django.db import models

from .run import Run


class ItemStatus(models.TextChoices):
    WAITING = "waiting"  # not begun, or under way
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    SKIPPED = "skipped"  # cancelled from outside the map


class Item(models.Model):
    """An item of a map, and what became of it. The run's state counts items and keeps none of them."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="items", db_index=False)
    no = models.PositiveIntegerField()  # the step run of the map
    index = models.PositiveIntegerField()
    value = models.JSONField()
    status = models.CharField(max_length=9, choices=ItemStatus, default=ItemStatus.WAITING)
    last = models.PositiveIntegerField(null=True)  # the step run that it ended with
    fault = models.JSONField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["run", "no", "index"]
        constraints = [models.UniqueConstraint(fields=["run", "no", "index"], name="item_once")]

    def __str__(self) -> str:
        return f"item {self.index} of {self.no}"
