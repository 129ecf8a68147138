"""One plain sentence for each run: what is going on, and what it waits for."""

from collections.abc import Sequence

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from designer.graph import Action, Graph
from runs.engine import Reason, RunStatus, Status
from runs.models import Run, StepRun


def sentence(run: Run, graph: Graph, steps: Sequence[StepRun]) -> SafeString:
    """``steps`` are the run's step runs in order of entry; the newest may be enough for a list."""
    match run.status:
        case RunStatus.READY:
            return SafeString("Accepted, and waiting for a worker.")
        case RunStatus.RUNNING:
            return _running(graph, steps)
        case RunStatus.UNDOING:
            return format_html(
                "{} Finished steps are being undone, {}.", _cause(run, graph, steps), _progress(steps)
            )
        case RunStatus.SUCCEEDED:
            return SafeString("Every step that was needed has succeeded.")
    return _ended(run, graph, steps)


def _running(graph: Graph, steps: Sequence[StepRun]) -> SafeString:
    living = [step for step in steps if step.ended_at is None and step.status in LIVING]
    for reason, tell in TELLING:
        for step in living:
            if step.reason == reason:
                return tell(graph, step)
    names = [_bold(graph, step) for step in living if step.status in (Status.RUNNING, Status.READY)]
    if not names:
        return SafeString("Waiting for reports of attempts that the run has moved on from.")
    return format_html("{} {} running.", _listed(names), "is" if len(names) == 1 else "are")


def _gave_up_waiting(graph: Graph, step: StepRun) -> SafeString:
    return format_html("{} gave up and waits for a person: {}.", _bold(graph, step), _fault(step.fault))


def _waits_for_person(graph: Graph, step: StepRun) -> SafeString:
    late = step.due_at is not None and step.due_at < timezone.now()
    return format_html(
        "Waiting for a person to decide {}{}.", _bold(graph, step), ", which is late" if late else ""
    )


def _backs_off(graph: Graph, step: StepRun) -> SafeString:
    return format_html(
        "{}: try {} of {} failed ({}). It will be tried again.",
        *(_bold(graph, step), step.tries - 1, _limit(graph, step), _fault(step.fault)),
    )


def _waits_for_moment(graph: Graph, step: StepRun) -> SafeString:
    return format_html("{} waits for its moment.", _bold(graph, step))


def _ended(run: Run, graph: Graph, steps: Sequence[StepRun]) -> SafeString:
    cause = _cause(run, graph, steps)
    if run.reason == Reason.ROLLED_BACK:
        undone = sum(step.status == Status.UNDONE for step in steps)
        return format_html("{} All {} finished steps that can be undone were undone.", cause, undone)
    if run.reason == Reason.ROLLBACK_INCOMPLETE:
        stuck = next((step for step in steps if step.status == Status.UNDO_FAILED), None)
        if stuck is not None:
            return format_html(
                "{} The undo of {} gave up: {}.", cause, _bold(graph, stuck), _fault(stuck.undo_fault)
            )
    return cause


def _cause(run: Run, graph: Graph, steps: Sequence[StepRun]) -> SafeString:
    """Why it came to this."""
    failed = [step for step in steps if step.status == Status.FAILED and step.reason not in HANDLED]
    if run.status == RunStatus.CANCELLED or (run.fault or {}).get("name") == "Cancelled":
        return SafeString("The run was cancelled.")
    if not failed:
        return SafeString("The run failed.") if run.fault is None else format_html("{}.", _fault(run.fault))
    origin = (failed[0].fault or {}).get("step")
    step = next((step for step in failed if step.key == origin), failed[0])
    if isinstance(graph.steps.get(step.key), Action):
        limit = _limit(graph, step)
        tries = f"{step.tries} of {limit} attempts" if limit > 1 else "its attempt"
        return format_html("{} gave up after {} ({}).", _bold(graph, step), tries, _fault(step.fault))
    return format_html("{} ended the run: {}.", _bold(graph, step), _fault(step.fault))


def _progress(steps: Sequence[StepRun]) -> str:
    done = sum(step.status == Status.UNDONE for step in steps)
    left = sum(step.compensable and step.status in (Status.SUCCEEDED, Status.UNDOING) for step in steps)
    return f"{done} of {done + left} done"


def _bold(graph: Graph, step: StepRun) -> SafeString:
    known = graph.steps.get(step.key)
    return format_html("<b>{}</b>", known.name if known else step.key)


def _listed(names: list[SafeString]) -> SafeString:
    if len(names) > 3:
        return format_html("{}, {} and {} others", names[0], names[1], len(names) - 2)
    if len(names) == 1:
        return names[0]
    return format_html("{} and {}", format_html(", ".join(["{}"] * (len(names) - 1)), *names[:-1]), names[-1])


def _limit(graph: Graph, step: StepRun) -> int:
    known = graph.steps.get(step.key)
    return known.retry.attempts if isinstance(known, Action) else 1


def _fault(fault: dict | None) -> str:
    if not fault:
        return "no reason was recorded"
    message = str(fault.get("message", "")).rstrip(".")
    return f"{fault['name']}: {message}" if message else fault["name"]


LIVING = (Status.READY, Status.RUNNING, Status.WAITING)
HANDLED = (Reason.CAUGHT, Reason.CONTINUED)
TELLING = (
    (Reason.DEAD_LETTERED, _gave_up_waiting),
    (Reason.OUTCOME_UNKNOWN, _gave_up_waiting),
    (Reason.AWAITING_REVIEW, _waits_for_person),
    (Reason.BACKING_OFF, _backs_off),
    (Reason.AWAITING_TIMER, _waits_for_moment),
)
