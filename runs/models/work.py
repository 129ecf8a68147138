from django.db import models

from designer.ids import uuid7
from runs.engine import Phase

from .run import Run


class Worker(models.Model):
    """A worker process. It renews its own row; when it falls silent its work may be claimed by another."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    host = models.CharField(max_length=100)
    pid = models.PositiveIntegerField()
    cluster = models.CharField(max_length=64, blank=True)  # names the process group that it belongs to
    started_at = models.DateTimeField()
    beat_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.host}:{self.pid}"


class WorkKind(models.TextChoices):
    START = "start"  # begin the run
    ATTEMPT = "attempt"  # make an attempt
    TIMER = "timer"  # tell the run that a moment has come


class Work(models.Model):
    """What is to be done, when, and who has it: outbox, queue and timer wheel in one.

    Rows are written in the transaction of the decision that orders them and go when the work is done.
    """

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="work")
    kind = models.CharField(max_length=8, choices=WorkKind)
    no = models.PositiveIntegerField(default=0)
    attempt = models.PositiveIntegerField(default=0)
    phase = models.CharField(
        max_length=4, choices=[(phase.value, phase.value) for phase in Phase], default=Phase.DO
    )
    timer = models.CharField(max_length=16, blank=True)
    does = models.CharField(max_length=200, blank=True)
    timeout = models.DurationField(null=True)
    due_at = models.DateTimeField()
    worker = models.UUIDField(null=True)  # no foreign key: a claim must not depend on the row's life
    token = models.PositiveIntegerField(default=0)  # the fence: grows with every claim
    claimed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="work_due", condition=models.Q(worker=None)),
            models.Index(fields=["worker"], name="work_claimed", condition=models.Q(worker__isnull=False)),
            models.Index(fields=["run", "no"], name="work_of_step"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.no} of {self.run_id}"
