from uuid import UUID

from django.conf import settings
from django.db import models

from designer.ids import uuid7
from designer.models import Version, Workflow
from runs.engine import Phase, Reason, RunState, RunStatus, Status

from .lanes import DEFAULT_LANE


def choices(enum: type[RunStatus] | type[Status] | type[Reason]) -> list[tuple[str, str]]:
    return [(member.value, member.value.replace("_", " ")) for member in enum]


class Run(models.Model):
    """One execution of a version. `state` is the engine's; status, reason and seq repeat what lists need."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workflow = models.ForeignKey(Workflow, on_delete=models.PROTECT, related_name="runs", db_index=False)
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="runs")
    key = models.CharField(max_length=200, blank=True)  # the business key: what people call it
    # Null, so that many runs may have none.
    idempotency_key = models.CharField(max_length=200, null=True, blank=True)  # noqa: DJ001
    status = models.CharField(max_length=16, choices=choices(RunStatus), default=RunStatus.READY)
    reason = models.CharField(max_length=32, choices=choices(Reason), null=True, blank=True)  # noqa: DJ001
    state = models.TextField(blank=True)
    seq = models.PositiveIntegerField(default=0)  # the journal's newest entry
    input = models.JSONField()  # enveloped, like all values (see values.py)
    output = models.JSONField(null=True)
    fault = models.JSONField(null=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    trigger = models.ForeignKey(
        "Trigger", null=True, on_delete=models.SET_NULL, related_name="runs", db_index=False
    )
    parent = models.ForeignKey(  # the run that started it
        "self", null=True, on_delete=models.SET_NULL, related_name="children", db_index=False
    )
    parent_no = models.PositiveIntegerField(default=0)  # of the step that did
    parent_attempt = models.PositiveIntegerField(default=0)
    awaited = models.BooleanField(default=False)  # whether that step waits for its end
    depth = models.PositiveSmallIntegerField(default=0)  # how many runs are above it
    lane = models.CharField(max_length=40, default=DEFAULT_LANE)  # of all its work
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    seen_whole = False  # by whoever it was read for; else what is marked as sensitive stays hidden

    # What this process has written as `state`, so that it need not read it again.
    written: tuple[str | None, RunState] = (None, RunState())
    # Whether other workers are at work on it as well, or were lost with it: nobody looks ahead in it (ADR 0046).
    is_shared = False

    class Meta:
        ordering = ["-id"]  # UUIDv7 sorts by time
        constraints = [
            models.UniqueConstraint(fields=["workflow", "idempotency_key"], name="run_started_once")
        ]
        indexes = [
            models.Index(fields=["workflow", "-id"], name="run_of_workflow"),
            models.Index(fields=["status", "-id"], name="run_by_status"),
            models.Index(fields=["key"], name="run_by_key"),
            # All that the figures of a period need, so that they are counted without reading a single run.
            models.Index(
                fields=["created_at", "workflow", "status", "reason", "ended_at"], name="run_by_start"
            ),
            models.Index(fields=["status", "workflow", "reason"], name="run_in_flight"),
            # What the limits of a workflow count: those that started in the last minute.
            models.Index(
                fields=["workflow", "started_at"],
                name="run_by_beginning",
                condition=models.Q(started_at__isnull=False),
            ),
            models.Index(
                fields=["trigger", "-id"], name="run_by_trigger", condition=models.Q(trigger__isnull=False)
            ),
            models.Index(
                fields=["parent", "parent_no"],
                name="run_by_parent",
                condition=models.Q(parent__isnull=False),
            ),
            models.Index(
                fields=["reason", "-id"], name="run_by_reason", condition=models.Q(reason__isnull=False)
            ),
        ]
        permissions = [
            ("start_run", "Can start run"),
            ("operate_run", "Can cancel runs and resolve dead letters"),
            ("see_sensitive", "Can see values that are marked as sensitive"),
        ]

    def __str__(self) -> str:
        return self.key or str(self.id)

    @property
    def name(self) -> str:
        return self.key or self.short_id

    @property
    def short_id(self) -> str:
        """The part that differs between runs of the same day."""
        return f"run_{self.id.hex[-10:]}"

    @property
    def shown_parent(self) -> "Run | None":
        """The run that started it. Another team's is not named."""
        parent = self.parent
        return parent if parent and parent.workflow.team_id in (None, self.workflow.team_id) else None

    @property
    def shown_parent_id(self) -> UUID | None:
        return self.shown_parent.pk if self.shown_parent else None

    @property
    def ledger(self) -> "models.QuerySet[StepRun]":
        """What a rollback undoes, the newest first: what succeeded, and where a workflow says so what was tried."""
        done = (Status.SUCCEEDED, Status.FAILED)
        return self.step_runs.filter(compensable=True, status__in=done).order_by("-completed")


class StepRun(models.Model):
    """A step's life in a run. Doing and undoing have inputs, times and errors of their own."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="step_runs", db_index=False)
    no = models.PositiveIntegerField()
    key = models.CharField(max_length=64)
    scope = models.CharField(max_length=900, blank=True)
    status = models.CharField(max_length=16, choices=choices(Status))
    reason = models.CharField(max_length=32, choices=choices(Reason), null=True, blank=True)  # noqa: DJ001
    attempt = models.PositiveIntegerField(default=0)  # the newest attempt ordered, doing and undoing together
    tries = models.PositiveIntegerField(default=0)
    input = models.JSONField(null=True)
    output = models.JSONField(null=True)
    handed_on = models.JSONField(null=True)  # what its fallback is given, where it failed and has a flow
    fault = models.JSONField(null=True)
    due_at = models.DateTimeField(null=True)  # what it waits for: the next try, a moment, a review's limit
    entered_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    completed = models.PositiveIntegerField(null=True)  # the journal entry of its success
    compensable = models.BooleanField(default=False)
    undo_order = models.PositiveIntegerField(null=True)
    undo_tries = models.PositiveIntegerField(default=0)
    undo_input = models.JSONField(null=True)
    undo_fault = models.JSONField(null=True)
    undo_started_at = models.DateTimeField(null=True)
    undo_ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["run", "no"]
        constraints = [models.UniqueConstraint(fields=["run", "no"], name="step_run_no_once")]
        indexes = [
            models.Index(fields=["run", "key", "scope", "-no"], name="step_run_output"),
            models.Index(
                fields=["run", "-completed"], name="step_run_ledger", condition=models.Q(compensable=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} ({self.no})"

    @property
    def idempotency_key(self) -> str:
        return idempotency_key(self.run_id, self.key, self.no, Phase.DO)


def idempotency_key(run_id: UUID, key: str, no: int, phase: Phase) -> str:
    """The same for every attempt, so that the world outside can tell a repetition."""
    return f"{run_id}.{key}.{no}" + (".undo" if phase is Phase.UNDO else "")
