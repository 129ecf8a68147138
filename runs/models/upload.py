from django.conf import settings
from django.db import models

from designer.ids import uuid7
from designer.models import Version, Workflow


class Upload(models.Model):
    """A CSV file from which many runs are started, one for each good row, by the workers.

    How far they are is `taken`: it grows in the transaction that starts the runs of these rows.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workflow = models.ForeignKey(Workflow, on_delete=models.CASCADE, related_name="+")
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    text = models.TextField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    made_at = models.DateTimeField(db_index=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    started_at = models.DateTimeField(null=True)
    good = models.PositiveIntegerField(default=0)  # rows; counted at the start
    bad = models.PositiveIntegerField(default=0)
    taken = models.PositiveIntegerField(default=0)  # rows that have been looked at, from the first one on
    begun = models.PositiveIntegerField(default=0)  # runs
    refused = models.JSONField(default=dict)  # by row: why none was started from it, though it looked good
    stopped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name

    @property
    def rows(self) -> int:
        return self.good + self.bad

    @property
    def is_under_way(self) -> bool:
        return self.started_at is not None and self.ended_at is None
