"""Runs that runs start. What one has to tell another travels as work: nobody decides about two runs at a time.

A run is started in the transaction that orders it, under a key of its step's own, so that it is started once. Its
end, its cancelling and its undoing are work of the run that is told.

A worker keeps the runs that it is about, and reads them anew only when they have gone on. What others may change about
a run that stands still is therefore asked for here: its team, its parent, and who started it.
"""

from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.utils import timezone

from designer.graph import MOST_RUNS_DEEP
from designer.models import Version, Workflow
from designer.versions import find_version, graph_of
from designer.visibility import shared_with
from runs.engine import Event, Fault, Phase, Reason, RunStatus, StartChild, events, load_state
from runs.models import Keeper, Run, Work, idempotency_key
from runs.models.work import WorkKind
from runs.refusals import InputRefused

from .start import Origin, Parent, accept_run


def start_child(run: Run, key: str, order: StartChild) -> Event:
    """What the run is told: that the other one is there, or why it cannot be."""
    told: dict[str, Any] = {"at": timezone.now(), "no": order.no, "attempt": order.attempt}
    if run.depth >= MOST_RUNS_DEEP:
        message = f"Runs may start runs {MOST_RUNS_DEEP} deep, and this is the last of them."
        return events.ChildRefused(fault=Fault(name="TooDeep", message=message, retryable=False), **told)
    version = _version(run, order.runs)
    if version is None:
        message = f"There is no published workflow {order.runs}."
        return events.ChildRefused(
            fault=Fault(name="UnknownWorkflow", message=message, retryable=False), **told
        )
    once = f"{idempotency_key(run.pk, key, order.no, Phase.DO)}.{order.attempt}"
    parent = Parent(run, order.no, order.attempt, order.awaited)
    try:
        child, _ = accept_run(version, dict(order.inputs), Origin(_starter(run), once, parent=parent))
    except InputRefused as refused:
        fault = Fault(name="InputRefused", message=str(refused), retryable=False)
        return events.ChildRefused(fault=fault, **told)
    return events.ChildStarted(child=str(child.pk), version=version.semantic, **told)


def tell_parent(run: Run) -> dict[str, Any] | None:
    """The work by which the run that started this one hears of its end; None where nobody waits for it."""
    if run.parent_id is None or not run.awaited or not Run.objects.filter(pk=run.parent_id).exists():
        return None
    return _work_for(run.parent_id) | {
        "kind": WorkKind.CHILD,
        "no": run.parent_no,
        "attempt": run.parent_attempt,
    }


def tell_child(run: Run, no: int, attempt: int, kind: WorkKind, *, undo: bool = True) -> dict[str, Any]:
    """The work by which a run that this one has started is cancelled or undone."""
    child = child_of(run.pk, no, attempt)
    if child is None:  # it was removed: so there is nothing to wait for
        return _work_for(run.pk) | {"kind": WorkKind.CHILD, "no": no, "attempt": attempt}
    return _work_for(child.pk) | {"kind": kind, "phase": Phase.UNDO if undo else Phase.DO}


def child_of(run_id: UUID, no: int, attempt: int) -> Run | None:
    return Run.objects.filter(parent=run_id, parent_no=no, parent_attempt=attempt).first()


def end_of_child(work: Work) -> list[Event]:
    """What a run is told of the one that it has started. One that goes on again will end again."""
    assert work.claimed_at is not None and work.run_id is not None
    child = child_of(work.run_id, work.no, work.attempt)
    told: dict[str, Any] = {"at": work.claimed_at, "no": work.no, "attempt": work.attempt}
    if child is None:
        return [events.ChildEnded(child="", status=RunStatus.CANCELLED, **told)]
    status = RunStatus(child.status)
    if not status.is_over:
        return []
    fault = child.fault or {}
    return [
        events.ChildEnded(
            child=str(child.pk),
            status=status,
            incomplete=child.reason == Reason.ROLLBACK_INCOMPLETE,
            fault=Fault(name=fault.get("name", "Failed"), message=fault.get("message", ""), retryable=False)
            if child.fault
            else None,
            output=Keeper(child).open(child.output) if child.output is not None else None,
            **told,
        )
    ]


def cancelled_by_parent(work: Work) -> list[Event]:
    run, at = _subject(work)
    begun = [events.RunStarted(at=at)] if run.status == RunStatus.READY else []
    run.work.filter(kind=WorkKind.START).delete()
    reason = "The run that started it went on without it."
    undo = work.phase == Phase.UNDO
    return [*begun, events.CancelRequested(at=at, by=_parent_name(run), reason=reason, undo=undo)]


def undone_by_parent(work: Work) -> list[Event]:
    """A run that is over and has nothing left to undo says so once more: it is waited for."""
    run, at = _subject(work)
    ending = load_state(run.state).ending
    if RunStatus(run.status).is_over and ending is not None and ending.status is not RunStatus.SUCCEEDED:
        if (answer := tell_parent(run)) is not None:
            Work.objects.create(**answer)
        return []
    return [events.UndoRequested(at=at, by=_parent_name(run))]


def _parent_name(run: Run) -> str:
    """As its journal may tell it: who sees a run need not see the one that started it."""
    if run.parent is None:
        return "the run that started it"
    return run.shown_parent.name if run.shown_parent else "a run of another team"


def _subject(work: Work) -> tuple[Run, Any]:
    """The run that the work is about, which is locked."""
    assert work.run_id is not None
    return Run.objects.select_related("workflow", "parent__workflow").get(pk=work.run_id), work.claimed_at


def _starter(run: Run) -> User | None:
    """Who started the run, if there still is such a person."""
    return User.objects.filter(pk=run.started_by_id).first() if run.started_by_id else None


def _version(run: Run, reference: str) -> Version | None:
    """The one that is pinned, or the newest that is published."""
    pinned = graph_of(run.version_id).contracts.get(reference) if "@" in reference else None
    team = Workflow.objects.values_list("team", flat=True).get(pk=run.workflow_id)
    if pinned is None:
        return find_version(reference, team)
    mine = shared_with(team, "workflow__team")
    return Version.objects.filter(mine, workflow__key=pinned.key, semantic=pinned.version).first()


def _work_for(run_id: UUID) -> dict[str, Any]:
    lane = Run.objects.values_list("lane", flat=True).get(pk=run_id)
    return {"run_id": run_id, "lane": lane, "due_at": timezone.now()}
