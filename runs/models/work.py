from django.db import models

from designer.ids import uuid7
from runs.engine import Phase

from .lanes import DEFAULT_LANE
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
    PUBLISH = "publish"  # hand a signal out to those who wait for it
    LISTEN = "listen"  # look whether a signal is kept that a step waits for
    CHILD = "child"  # tell the run that one it has started has ended
    CANCEL = "cancel"  # cancel the run, because the one that started it went on without it
    UNDO = "undo"  # undo the run, because the one that started it is undone
    LOCK = "lock"  # look who comes next for a lock
    LET_IN = "let_in"  # tell the run that a step holds its lock now
    SIGNAL = "signal"  # tell the run of a signal, or start the run of a trigger by it
    ROWS = "rows"  # start the runs of some rows of a file, and order that of the next ones
    CRON = "cron"  # start the runs of a trigger whose moment has come, and order its next moment


class Work(models.Model):
    """What is to be done, when, and who has it: outbox, queue and timer wheel in one.

    Rows are written in the transaction of the decision that orders them and go when the work is done.
    """

    # Null for the work of a trigger, or of a lock.
    run = models.ForeignKey(Run, null=True, on_delete=models.CASCADE, related_name="work", db_index=False)
    trigger = models.ForeignKey(
        "Trigger", null=True, on_delete=models.CASCADE, related_name="work", db_index=False
    )
    gate = models.ForeignKey(  # of a start that the limits of its workflow hold back, or have let through
        "Limits", null=True, on_delete=models.SET_NULL, related_name="work", db_index=False
    )
    signal = models.ForeignKey(
        "Signal", null=True, on_delete=models.CASCADE, related_name="work", db_index=False
    )
    lane = models.CharField(max_length=40, default=DEFAULT_LANE)
    kind = models.CharField(max_length=8, choices=WorkKind)
    no = models.PositiveIntegerField(default=0)
    attempt = models.PositiveIntegerField(default=0)
    phase = models.CharField(
        max_length=4, choices=[(phase.value, phase.value) for phase in Phase], default=Phase.DO
    )
    timer = models.CharField(max_length=80, blank=True)  # or the arrival that a signal is for
    does = models.CharField(max_length=200, blank=True)  # or the name of the lock, or the id of a file
    timeout = models.DurationField(null=True)
    due_at = models.DateTimeField()
    worker = models.UUIDField(null=True)  # no foreign key: a claim must not depend on the row's life
    token = models.PositiveIntegerField(default=0)  # the fence: grows with every claim
    claimed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["lane", "due_at"], name="work_due_in_lane", condition=models.Q(worker=None)),
            models.Index(
                fields=["lane", "due_at"],
                name="work_to_start",
                condition=models.Q(worker=None, kind=WorkKind.START),
            ),
            models.Index(
                fields=["gate", "lane", "due_at"], name="work_of_gate", condition=models.Q(gate__isnull=False)
            ),
            models.Index(fields=["worker"], name="work_claimed", condition=models.Q(worker__isnull=False)),
            models.Index(fields=["run", "no"], name="work_of_step"),
            models.Index(fields=["signal"], name="work_of_signal", condition=models.Q(signal__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["trigger"], name="work_of_trigger_once", condition=models.Q(kind="cron")
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.no} of {self.run_id}"
