"""When each step of a run was at work, and what it waited for: the facts that a timeline is drawn from.

A step run that went well at the first try says all by itself. The journal is asked only about the others.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import datetime

from designer.graph import Graph
from runs.engine import Phase, Reason, Status
from runs.models import DeadLetter, JournalEntry, Run, StepRun
from runs.models.people import DeadLetterStatus

from .rare import rare_entries
from .sentences import APART
from .timeline import Span

VISITS_READ = 200  # step runs beyond the newest of each step: those of loops
ENTRIES_READ = 2_000
UNSHOWN = (
    "choice",
    "emit",
    "loop",
    "map",
    "parallel",
    "set",
    "succeed",
)  # at once over, or told by what is in them
WAITS = {"review": "review", "wait": "wait"}
ENDINGS = {"AttemptSucceeded": "ok", "AttemptFailed": "fail", "AttemptLost": "lost"}

TrackKey = tuple[str, str]  # a step's key and a phase


class Clock:
    """Moments as seconds since the run was accepted."""

    def __init__(self, run: Run, now: datetime):
        self.zero = run.created_at
        self.now = self(now)
        self.until = self(run.ended_at or now)

    def __call__(self, moment: datetime) -> float:
        return max(0.0, (moment - self.zero).total_seconds())


def visits_of(run: Run, newest: Mapping[str, StepRun]) -> Mapping[str, list[StepRun]]:
    """The step runs that are drawn: the newest of each step, and the newest of all."""
    found = {step.no: step for step in newest.values()}
    if run.step_runs.count() > len(found):
        found |= {step.no: step for step in run.step_runs.order_by("-no").defer(*APART)[:VISITS_READ]}
    visits: dict[str, list[StepRun]] = defaultdict(list)
    for no in sorted(found):
        visits[found[no].key].append(found[no])
    return visits


def spans_of(
    run: Run, graph: Graph, visits: Mapping[str, Sequence[StepRun]], clock: Clock
) -> Mapping[TrackKey, list[Span]]:
    """By step and phase; steps that have not begun are not there."""
    steps = {step.no: step for found in visits.values() for step in found}
    letters = _letters(run, steps, clock)
    tried = _attempts(run, steps, {no for no, _ in letters}, clock)
    spans: dict[TrackKey, list[Span]] = defaultdict(list)
    for no, step in steps.items():
        known = graph.steps.get(step.key)
        if known is None or known.kind in UNSHOWN:
            continue
        for phase in (Phase.DO, Phase.UNDO):
            found = tried.get((no, phase)) or _plain(step, known.kind, phase, clock)
            spans[step.key, phase] += [*found, *letters.get((no, phase), ())]
    return {place: found for place, found in spans.items() if found}


def _plain(step: StepRun, kind: str, phase: Phase, clock: Clock) -> list[Span]:
    """A step run that was tried once, or that waits."""
    doing = phase is Phase.DO
    began, ended = (step.started_at, step.ended_at) if doing else (step.undo_started_at, step.undo_ended_at)
    if doing and kind == "fail" and began is None:
        began = step.entered_at
    if began is None:
        return []
    end = None if ended is None else clock(max(began, ended))
    return [Span(clock(began), end, _kind(step, kind, phase, end is None))]


def _kind(step: StepRun, kind: str, phase: Phase, lasts: bool) -> str:
    if kind in WAITS:
        return WAITS[kind]
    if phase is Phase.UNDO:
        return "undo-run" if lasts else "undo-fail" if step.undo_fault else "undo"
    if lasts:
        return "backoff" if step.status in (Status.READY, Status.WAITING) else "run"
    return "fail" if step.status == Status.FAILED else "lost" if step.status == Status.CANCELLED else "ok"


def _attempts(
    run: Run, steps: Mapping[int, StepRun], parked: Set[int], clock: Clock
) -> Mapping[tuple[int, str], list[Span]]:
    """Attempts and the waits between them, of the step runs whose rows do not tell all of it."""
    retried = {no for no, step in steps.items() if step.tries > 1 or step.undo_tries > 1}
    lost = rare_entries(run, "AttemptLost").values_list("no", flat=True)[:ENTRIES_READ]
    nos = (retried | parked | set(lost)) & set(steps)
    if not nos:
        return {}
    entries = run.journal.filter(no__in=nos, kind__startswith="Attempt").order_by("-seq")[:ENTRIES_READ]
    tales: dict[tuple[int, str], list[JournalEntry]] = defaultdict(list)
    for entry in reversed(entries):
        tales[entry.no or 0, entry.data["phase"]].append(entry)
    return {place: _tale(entries, steps[place[0]], place[1], clock) for place, entries in tales.items()}


def _tale(entries: Iterable[JournalEntry], step: StepRun, phase: str, clock: Clock) -> list[Span]:
    undo = "undo-" if phase == Phase.UNDO else ""
    ended = step.undo_ended_at if undo else step.ended_at
    spans: list[Span] = []
    open_at, last = None, None
    for entry in entries:
        at = clock(entry.at)
        if entry.kind == "AttemptStarted":
            if last is not None and at > last:
                spans.append(Span(last, at, f"{undo}backoff"))
            open_at, last = at, None
        elif entry.kind in ENDINGS and open_at is not None:
            spans.append(Span(open_at, at, _ending(entry.kind, undo)))
            open_at, last = None, at
    if open_at is not None:
        spans.append(
            Span(open_at, clock(ended) if ended else None, "fail" if ended and not undo else f"{undo}run")
        )
    elif last is not None and ended is None and step.reason == Reason.BACKING_OFF:
        spans.append(Span(last, None, f"{undo}backoff"))
    return spans


def _ending(kind: str, undo: str) -> str:
    if not undo:
        return ENDINGS[kind]
    return "undo" if kind == "AttemptSucceeded" else "undo-fail"


def _letters(run: Run, steps: Mapping[int, StepRun], clock: Clock) -> Mapping[tuple[int, str], list[Span]]:
    """How long dead letters waited for a person."""
    waits: dict[tuple[int, str], list[Span]] = defaultdict(list)
    for letter in DeadLetter.objects.filter(run=run, no__in=steps).order_by("opened_at")[:ENTRIES_READ]:
        closed = letter.resolved_at or (None if letter.status == DeadLetterStatus.OPEN else run.ended_at)
        end = None if closed is None else clock(max(closed, letter.opened_at))
        if run.ended_at is None or end is not None:
            waits[letter.no, letter.phase].append(Span(clock(letter.opened_at), end, "park"))
    return waits
