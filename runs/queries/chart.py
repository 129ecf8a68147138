"""The timeline of a run, as a value: a track for each step that was entered, and one for each undo."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from designer.graph import Action, AnyStep, Compensate, Graph
from runs.engine import Phase, RunStatus, Status
from runs.models import Run, StepRun
from runs.wording import Wording, step_wording

from .rare import rare_entries
from .spans import Clock, TrackKey, spans_of, visits_of
from .timeline import WIDTH, Fold, Scale, Segment, Span, Tick, folds_of, lay_out, scale_of, ticks_of

TRACKS_SHOWN = 120


@dataclass(frozen=True, slots=True)
class Track:
    """One row: a step, or its undo."""

    key: str
    name: str
    undoes: bool
    icon: str
    tone: str
    tries: int
    limit: int
    gave_up: bool
    segments: tuple[Segment, ...]
    since: datetime | None
    until: datetime | None
    word: str

    @property
    def tries_tone(self) -> str:
        return "fail" if self.gave_up else "warn"

    @property
    def id(self) -> str:
        return f"{'undo' if self.undoes else 'track'}-{self.key}"


@dataclass(frozen=True, slots=True)
class Frame:
    """What all rows share. While it stays the same, only what has changed needs to be drawn anew."""

    length: float
    folds: tuple[Fold, ...]
    ticks: tuple[Tick, ...]
    gave_up: float | None  # where undoing began
    undone: float | None  # where it ended; the chart's end while it lasts
    hidden: int  # rows that are not drawn

    @property
    def undo_width(self) -> float:
        return round((self.undone or 0.0) - (self.gave_up or 0.0), 2)


@dataclass(frozen=True, slots=True)
class Now:
    """Where the line of now stood at a moment, and how fast it moves."""

    x: float
    rate: float
    at: float


@dataclass(frozen=True, slots=True)
class Chart:
    frame: Frame
    doing: Sequence[Track]
    undoing: Sequence[Track]
    now: Now | None
    said: str  # the picture in words

    @property
    def tracks(self) -> Sequence[Track]:
        return (*self.doing, *self.undoing)

    def continues(self, before: "Chart") -> bool:
        """Whether it is ``before`` with other bars, and perhaps with more rows at its end."""
        known, now = ([track.id for track in chart.tracks] for chart in (before, self))
        begins_to_undo = bool(self.undoing) and not before.undoing
        return self.frame == before.frame and now[: len(known)] == known != [] and not begins_to_undo


def chart(
    run: Run, graph: Graph, newest: Mapping[str, StepRun], now: datetime, *, folded: bool, every: bool
) -> Chart:
    """``newest`` holds the newest step run of each step. ``every``: more rows than a page usually shows."""
    clock, visits = Clock(run, now), visits_of(run, newest)
    # What has been entered since the rows were read is drawn with the next ring.
    found = {at: spans for at, spans in spans_of(run, graph, visits, clock).items() if at[0] in newest}
    doing, undoing = _order(found, visits)
    hidden = 0 if every else max(0, len(doing) - TRACKS_SHOWN)
    shown = {place: found[place] for place in (*doing[hidden:], *undoing)}
    charted = list(shown.values())
    scale = scale_of(charted, until=clock.until, over=run.ended_at is not None, folded=folded)
    tracks = [
        _track(graph.step(key), newest[key], phase, lay_out(spans, scale, clock.until))
        for (key, phase), spans in shown.items()
    ]
    frame = _frame(run, scale, clock, tracks, charted, hidden)
    done, undone = ([track for track in tracks if track.undoes is undoes] for undoes in (False, True))
    return Chart(frame, done, undone, _now(run, scale, clock, now), _said(tracks, len(scale.folds)))


def _order(
    found: Iterable[TrackKey], visits: Mapping[str, Sequence[StepRun]]
) -> tuple[list[TrackKey], list[TrackKey]]:
    """Steps as they were entered, undos as they were begun."""
    entered = {key: min(step.no for step in steps) for key, steps in visits.items()}
    begun = {
        key: min((s.undo_order for s in steps if s.undo_order), default=0) for key, steps in visits.items()
    }
    doing = sorted((place for place in found if place[1] == Phase.DO), key=lambda place: entered[place[0]])
    undoing = sorted((place for place in found if place[1] == Phase.UNDO), key=lambda place: begun[place[0]])
    return doing, undoing


def _frame(
    run: Run, scale: Scale, clock: Clock, tracks: Sequence[Track], charted: list[list[Span]], hidden: int
) -> Frame:
    undoes = run.status == RunStatus.UNDOING or any(track.undoes for track in tracks)
    began = _rollback_began(run) if undoes else None
    ended = WIDTH if run.ended_at is None else round(scale.place(clock.until), 2)
    return Frame(
        length=round(scale.length, 3),
        folds=folds_of(charted, scale),
        ticks=ticks_of(scale),
        gave_up=None if began is None else round(scale.place(clock(began)), 2),
        undone=None if began is None else ended,
        hidden=hidden,
    )


def _rollback_began(run: Run) -> datetime | None:
    return min(rare_entries(run, "RollbackStarted").values_list("at", flat=True), default=None)


def _track(known: AnyStep, step: StepRun, phase: str, segments: tuple[Segment, ...]) -> Track:
    undo = known.compensate if isinstance(known, Action) and phase == Phase.UNDO else None
    wording = _wording(step, undo)
    limit = undo.retry.attempts if undo else known.most_tries
    return Track(
        key=step.key,
        name=undo.name if undo else known.name,
        undoes=undo is not None,
        icon="review" if known.kind == "review" else wording.icon,
        tone=wording.tone,
        tries=step.undo_tries if undo else step.tries,
        limit=limit,
        gave_up=wording.tone == "fail" and limit > 1,
        segments=segments,
        since=step.undo_started_at if undo else step.started_at or step.entered_at,
        until=step.undo_ended_at if undo else step.ended_at,
        word=wording.word,
    )


def _wording(step: StepRun, undo: Compensate | None) -> Wording:
    """A step that is being undone has succeeded all the same."""
    undone = step.status in (Status.UNDOING, Status.UNDONE, Status.UNDO_FAILED)
    return (
        step_wording(Status.SUCCEEDED) if undone and undo is None else step_wording(step.status, step.reason)
    )


def _now(run: Run, scale: Scale, clock: Clock, now: datetime) -> Now | None:
    if run.ended_at is not None:
        return None
    stands = bool(scale.folds) and scale.folds[-1][1] >= clock.now
    return Now(round(scale.place(clock.now), 2), 0.0 if stands else round(scale.rate, 4), now.timestamp())


def _said(tracks: Sequence[Track], folds: int) -> str:
    doing = [track for track in tracks if not track.undoes]
    parts = [f"Timeline of {len(doing)} step{'' if len(doing) == 1 else 's'}"]
    if retried := [track.name for track in doing if track.tries > 1]:
        parts.append(f"tried more than once: {', '.join(retried[:5])}")
    if folds:
        parts.append(f"{folds} long wait{'' if folds == 1 else 's'} folded")
    if len(tracks) > len(doing):
        parts.append(f"{len(tracks) - len(doing)} undone or being undone")
    return "; ".join(parts) + "."
