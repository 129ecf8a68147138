from django.db import models

from .run import Run


class NamedLock(models.Model):
    """A step's place in the queue for a lock; the one that is let in holds it. Rows go when they are given up."""

    name = models.CharField(max_length=200)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="locks", db_index=False)
    no = models.PositiveIntegerField()
    granted = models.BooleanField(default=False)
    asked_at = models.DateTimeField()
    granted_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]  # first come, first served
        constraints = [
            models.UniqueConstraint(fields=["run", "no"], name="lock_of_step_once"),
            # The lock itself: whatever goes wrong elsewhere, two can never hold it.
            models.UniqueConstraint(fields=["name"], name="lock_held_once", condition=models.Q(granted=True)),
        ]
        indexes = [models.Index(fields=["name", "id"], name="lock_queue")]

    def __str__(self) -> str:
        return f"{self.name} of {self.run_id}"
