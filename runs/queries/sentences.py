"""One plain sentence for each run: what is going on, and what it waits for.

A run's state holds only what is active, so what a sentence is about is found by its number, however long the run.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from uuid import UUID

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from designer.graph import Action, Graph
from designer.versions import graph_of
from runs.engine import Fault, Reason, RunState, RunStatus, Status, load_state
from runs.models import Run, StepRun
from runs.models.lanes import queue_of
from runs.wording import fault_words

from .gates import held_back
from .outside import TELL_OF_OUTSIDE, Outside, outside_of
from .veils import veil_of

MOST_NAMED = 20  # active steps that are looked at
UNDONE_LATER = (Status.SUCCEEDED, Status.FAILED)  # what a rollback may still undo, if it can be undone
APART = ("input", "output", "handed_on", "undo_input")  # the columns that may be large


@dataclass(frozen=True, slots=True)
class Subject:
    """What a sentence needs to know of a run."""

    run: Run
    graph: Graph
    state: RunState
    steps: Sequence[StepRun]  # what is active, and what the run failed by
    left: int  # undos that are still to come
    held: str = ""  # by the limits of its workflow, before it starts

    @property
    def fault(self) -> Fault | None:
        return self.state.ending.fault if self.state.ending else None

    @property
    def living(self) -> list[StepRun]:
        return [step for step in self.steps if step.ended_at is None and step.status in LIVING]

    @property
    def telling(self) -> StepRun | None:
        """The step that says what the run waits for."""
        reason = self.state.condition()
        return next((step for step in self.living if reason and step.reason == reason), None)

    @property
    def undone(self) -> int:
        at_work = (Status.UNDOING, Status.UNDO_FAILED)
        return self.state.undo_count - sum(step.status in at_work for step in self.state.steps.values())


def sentences(runs: Sequence[Run]) -> Mapping[UUID, SafeString]:
    """A sentence for each run."""
    states = {run.pk: load_state(run.state) for run in runs}
    steps, left = _steps(states), _left([run.pk for run in runs if run.status == RunStatus.UNDOING])
    held = held_back([run.pk for run in runs if run.status == RunStatus.READY])
    subjects = [
        Subject(
            run=run,
            graph=graph_of(run.version_id),
            state=states[run.pk],
            steps=steps[run.pk],
            left=left.get(run.pk, 0),
            held=held.get(run.pk, ""),
        )
        for run in runs
    ]
    outside = outside_of(step for subject in subjects if (step := subject.telling))
    return {subject.run.pk: _veiled(subject.run, _sentence(subject, outside)) for subject in subjects}


def _veiled(run: Run, sentence: SafeString) -> SafeString:
    return mark_safe(veil_of(run).html(sentence))  # dots in place of texts in what is safe


def _sentence(subject: Subject, outside: Outside) -> SafeString:
    match subject.run.status:
        case RunStatus.READY:
            return format_html("{}", subject.held or _queued(subject.run))
        case RunStatus.RUNNING:
            return _running(subject, outside)
        case RunStatus.UNDOING:
            return format_html("{} Finished steps are being undone, {}.", _cause(subject), _progress(subject))
        case RunStatus.SUCCEEDED:
            return SafeString("Every step that was needed has succeeded.")
    return _ended(subject)


def _queued(run: Run) -> str:
    """A queue that has a name is served by the hosts that were told so, and perhaps by none."""
    queue = queue_of(run.lane)
    return f"Accepted, and waiting for a worker{f' that serves the queue “{queue}”' if queue else ''}."


def _steps(states: Mapping[UUID, RunState]) -> Mapping[UUID, list[StepRun]]:
    wanted = Q(pk__in=[])
    for run, state in states.items():
        if state.steps:
            wanted |= Q(run=run, no__in=list(islice(state.steps, MOST_NAMED)))
        if state.ending and state.ending.fault and state.ending.fault.step:
            wanted |= Q(run=run, key=state.ending.fault.step, status=Status.FAILED)
    found = defaultdict(list)
    for step in StepRun.objects.filter(wanted).order_by("no").defer(*APART):
        found[step.run_id].append(step)
    return found


def _left(runs: Sequence[UUID]) -> Mapping[UUID, int]:
    if not runs:
        return {}
    waiting = StepRun.objects.filter(run__in=runs, compensable=True, status__in=UNDONE_LATER)
    return dict(waiting.order_by().values_list("run").annotate(Count("pk")))


def _running(subject: Subject, outside: Outside) -> SafeString:
    graph, telling = subject.graph, subject.telling
    if telling is not None:
        return _waits(graph, telling, outside)
    if items := _items(subject, subject.living):
        return items
    at_work = [step for step in subject.living if step.status in (Status.RUNNING, Status.READY)]
    names = [_bold(graph, step) for step in {step.key: step for step in at_work}.values()]
    late = [_bold(graph, step) for step in subject.steps if step.status == Status.UNDOING]
    if late:
        words = "{} finished after the run had moved on, and {} being undone."
        return format_html(words, _listed(late), "is" if len(late) == 1 else "are")
    if not names:
        return SafeString("Waiting for reports of attempts that the run has moved on from.")
    return format_html("{} {} running.", _listed(names), "is" if len(names) == 1 else "are")


def _waits(graph: Graph, step: StepRun, outside: Outside) -> SafeString:
    reason = Reason(str(step.reason))
    if reason in TELL_OF_OUTSIDE:
        return TELL_OF_OUTSIDE[reason](_bold(graph, step), (step.run_id, step.no), outside)
    return TELL[reason](graph, step)


def _items(subject: Subject, living: Sequence[StepRun]) -> SafeString | None:
    """Of a map that is under way: its counts say more than the names of so many steps at once."""
    fans = subject.state.fans
    found = next((step for step in living if step.no in fans and step.reason == Reason.AWAITING_ITEMS), None)
    if found is None:
        return None
    fan = fans[found.no]
    name, failed = _bold(subject.graph, found), f", {fan.failed:,} failed" if fan.failed else ""
    if not fan.under_way and not fan.closed:
        return format_html("{} waits for more items; {} are done{}.", name, f"{fan.succeeded:,}", failed)
    told = f"{fan.succeeded:,} of {fan.total:,} items are done"
    return format_html("{}: {}{}.", name, told, failed)


def _gave_up_waiting(graph: Graph, step: StepRun) -> SafeString:
    return format_html("{} gave up and waits for a person: {}.", _bold(graph, step), fault_words(step.fault))


def _waits_for_person(graph: Graph, step: StepRun) -> SafeString:
    late = step.due_at is not None and step.due_at < timezone.now()
    since = f" since {_clock(step.started_at)}" if step.started_at else ""
    words = "Waiting for a person to decide {}{}{}."
    return format_html(words, _bold(graph, step), since, ", which is late" if late else "")


def _backs_off(graph: Graph, step: StepRun) -> SafeString:
    again = f" at {_clock(step.due_at)}" if step.due_at else ""
    return format_html(
        "{}: try {} of {} failed ({}). It will be tried again{}.",
        *(_bold(graph, step), step.tries - 1, _limit(graph, step), fault_words(step.fault), again),
    )


def _waits_for_moment(graph: Graph, step: StepRun) -> SafeString:
    if step.due_at is None:
        return format_html("{} waits for its moment.", _bold(graph, step))
    return format_html("{} waits until {}.", _bold(graph, step), _clock(step.due_at))


def _clock(moment: datetime) -> str:
    """14:02:10, with its day when that is not today."""
    local, today = timezone.localtime(moment), timezone.localdate()
    return f"{local:%H:%M:%S}" if local.date() == today else f"{local:%H:%M} on {local.day} {local:%b}"


def _ended(subject: Subject) -> SafeString:
    cause = _cause(subject)
    if subject.run.reason == Reason.ROLLED_BACK:
        return format_html("{} {}", cause, _all_undone(subject.undone))
    if subject.run.reason == Reason.ROLLBACK_INCOMPLETE:
        stuck = next((step for step in subject.steps if step.status == Status.UNDO_FAILED), None)
        if stuck is not None:
            name, fault = _bold(subject.graph, stuck), fault_words(stuck.undo_fault)
            if subject.state.steps[stuck.no].let_go:
                return format_html("{} The undo of {} was skipped: what it did stands.", cause, name)
            return format_html("{} The undo of {} gave up: {}.", cause, name, fault)
    return cause


def _all_undone(count: int) -> str:
    if count == 1:
        return "The one finished step that can be undone was undone."
    return f"All {count} finished steps that can be undone were undone."


def _cause(subject: Subject) -> SafeString:
    """Why it came to this."""
    run, graph, fault = subject.run, subject.graph, subject.fault
    if fault and fault.name == "Undone":
        return SafeString("It had succeeded, and the run that started it was undone.")
    if run.status == RunStatus.CANCELLED or (fault and fault.name == "Cancelled"):
        return SafeString("The run was cancelled.")
    if fault is None:
        return SafeString("The run failed.")
    failed = [step for step in subject.steps if step.key == fault.step and step.status == Status.FAILED]
    if not failed:
        return format_html("{}.", fault_words({"name": fault.name, "message": fault.message}))
    step = failed[-1]
    if isinstance(graph.steps.get(step.key), Action):
        limit = _limit(graph, step)
        tries = f"{step.tries} of {limit} attempts" if limit > 1 else "its attempt"
        return format_html("{} gave up after {} ({}).", _bold(graph, step), tries, fault_words(step.fault))
    return format_html("{} ended the run: {}.", _bold(graph, step), fault_words(step.fault))


def _progress(subject: Subject) -> str:
    at_work = sum(step.status == Status.UNDOING for step in subject.state.steps.values())
    return f"{subject.undone} of {subject.undone + subject.left + at_work} done"


def _bold(graph: Graph, step: StepRun) -> SafeString:
    return format_html("<b>{}</b>", graph.name_of(step.key))


def _listed(names: list[SafeString]) -> SafeString:
    if len(names) > 3:
        return format_html("{}, {} and {} others", names[0], names[1], len(names) - 2)
    if len(names) == 1:
        return names[0]
    return format_html("{} and {}", format_html(", ".join(["{}"] * (len(names) - 1)), *names[:-1]), names[-1])


def _limit(graph: Graph, step: StepRun) -> int:
    known = graph.steps.get(step.key)
    return known.most_tries if known else 1


LIVING = (Status.READY, Status.RUNNING, Status.WAITING)
TELL: Mapping[Reason, Callable[[Graph, StepRun], SafeString]] = {
    Reason.DEAD_LETTERED: _gave_up_waiting,
    Reason.OUTCOME_UNKNOWN: _gave_up_waiting,
    Reason.AWAITING_REVIEW: _waits_for_person,
    Reason.BACKING_OFF: _backs_off,
    Reason.AWAITING_TIMER: _waits_for_moment,
}
