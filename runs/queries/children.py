"""Runs that runs start, and what the journal says of these, of locks and of the run's own deadline."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from runs.models import JournalEntry, Run, StepRun
from runs.wording import fault_words

from .teller import Teller, Told

MOST_CHILDREN = 20


def children_of(step: StepRun) -> Sequence[Run]:
    """The runs that a step has started, the newest first."""
    started = Run.objects.filter(parent=step.run_id, parent_no=step.no).select_related("workflow", "version")
    named = started.filter(Q(workflow__team=None) | Q(workflow__team=step.run.workflow.team_id))
    return list(named.defer("version__document", "state").order_by("-id")[:MOST_CHILDREN])


def _child_ordered(entry: JournalEntry, teller: Teller) -> Told:
    return "kind-workflow", "run", f"starts {entry.data['runs']}"


def _child_started(entry: JournalEntry, teller: Teller) -> Told:
    return "kind-workflow", "run", f"started a run of version {entry.data['version']}"


def _child_refused(entry: JournalEntry, teller: Teller) -> Told:
    return "fail", "fail", f"could not start its run: {fault_words(entry.data['fault'])}"


def _child_ended(entry: JournalEntry, teller: Teller) -> Told:
    if entry.data["incomplete"]:
        return "fail", "fail", "its run could not undo all that it had done"
    if entry.data["status"] == "succeeded":
        return "ok", "ok", "its run succeeded"
    fault = entry.data.get("fault")
    return "cancelled", "idle", f"its run has ended: {fault_words(fault)}" if fault else "its run has ended"


def _undo_requested(entry: JournalEntry, teller: Teller) -> Told:
    return "comp", "comp", f"Undone by {entry.data['by'] or 'the run that started it'}"


def _lock(said: str) -> Callable[[JournalEntry, Teller], Told]:
    return lambda entry, teller: ("lock", "idle", f"{said} the lock {entry.data['name']}")


def _lock_granted(entry: JournalEntry, teller: Teller) -> Told:
    return "lock", "run", "holds its lock now"


def _run_deadline_set(entry: JournalEntry, teller: Teller) -> Told:
    due = timezone.localtime(datetime.fromisoformat(entry.data["due"]))
    return "waiting", "idle", f"The run runs out of time at {due:%H:%M:%S}"


def _run_deadline_passed(entry: JournalEntry, teller: Teller) -> Told:
    return "warning", "warn", "The run has run out of time"


TELL_OF_CHILDREN: Mapping[str, Callable[[JournalEntry, Teller], Told]] = {
    "ChildOrdered": _child_ordered,
    "ChildStarted": _child_started,
    "ChildRefused": _child_refused,
    "ChildEnded": _child_ended,
    "UndoRequested": _undo_requested,
    "LockAsked": _lock("waits for"),
    "LockGranted": _lock_granted,
    "LockReleased": _lock("gave up"),
    "RunDeadlineSet": _run_deadline_set,
    "RunDeadlinePassed": _run_deadline_passed,
}
