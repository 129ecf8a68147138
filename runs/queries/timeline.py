"""The timeline of a run: when each step was at work, laid out on one scale.

Pure: facts in, places out. Times are seconds since the run was accepted, places are thousandths of the width.
The law: along a row the segments stand in the order of time, inside the chart, and none on another; a quiet
time that is folded takes the same room however long it was, and outside the folds one second is one width.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

WIDTH = 1000.0
LEAST = 2.5  # the least width of a bar, so that a quick attempt can be seen
FOLDED = 20.0  # a quiet time longer than this is folded
FOLD_SHARE, MOST_FOLDED = 0.065, 0.4  # of the width: one fold, and all of them together
SHORTEST, SLACK, GROWTH = 10.0, 1.05, 1.1  # a living run's chart has room, and grows by a tenth
MARGIN = 1.015  # what a finished run's chart has at its end
TICKS = 8
EDGE, NEAR = 22.0, 200.0  # a tick so near to the edge or to a fold has no label, or none on a phone

AT_WORK = frozenset({"ok", "fail", "lost", "run", "undo", "undo-run", "undo-fail"})
CAPPED = frozenset({"fail", "lost", "undo-fail"})
THIN = frozenset({"backoff", "undo-backoff"})
TONES = {"review": "review", "wait": "run", "backoff": "warn", "undo-backoff": "comp", "park": "fail"}


@dataclass(frozen=True, slots=True)
class Span:
    """What a step did from one moment to another; without an end it is still at it."""

    start: float
    end: float | None
    kind: str  # one of AT_WORK, or what it waited for: one of TONES


@dataclass(frozen=True, slots=True)
class Segment:
    x: float
    width: float
    kind: str
    grows: bool = False

    @property
    def end(self) -> float:
        return round(self.x + self.width, 2)

    @property
    def is_capped(self) -> bool:
        return self.kind in CAPPED

    @property
    def is_thin(self) -> bool:
        return self.kind in THIN

    @property
    def least(self) -> float:
        return 0.01 if self.is_thin else LEAST


@dataclass(frozen=True, slots=True)
class Fold:
    x: float
    width: float
    label: str
    tone: str

    @property
    def end(self) -> float:
        return round(self.x + self.width, 2)

    @property
    def percent(self) -> float:
        """Of its middle, where its label stands."""
        return round((self.x + self.width / 2) / 10, 3)


@dataclass(frozen=True, slots=True)
class Tick:
    x: float
    label: str
    is_minor: bool = False  # a phone has no room for its label

    @property
    def percent(self) -> float:
        return round(self.x / 10, 3)


@dataclass(frozen=True, slots=True)
class Scale:
    """From moments to places."""

    length: float  # seconds that are shown, without those in folds
    folds: tuple[tuple[float, float], ...] = ()

    @property
    def fold_width(self) -> float:
        return WIDTH * min(FOLD_SHARE, MOST_FOLDED / len(self.folds)) if self.folds else 0.0

    @property
    def rate(self) -> float:
        """The width of a second outside the folds."""
        return (WIDTH - len(self.folds) * self.fold_width) / self.length

    def place(self, moment: float) -> float:
        return max(0.0, min(WIDTH, self.unfolded(moment) * self.rate + self._folded(moment)))

    def unfolded(self, moment: float) -> float:
        return moment - sum(min(moment, end) - start for start, end in self.folds if start < moment)

    def _folded(self, moment: float) -> float:
        parts = ((min(moment, end) - start) / (end - start) for start, end in self.folds if start < moment)
        return sum(parts) * self.fold_width


def scale_of(rows: Sequence[Sequence[Span]], *, until: float, over: bool, folded: bool) -> Scale:
    """``until`` is now, or the run's end once it is over."""
    folds = tuple(quiet_times(rows, until)) if folded else ()
    shown = Scale(1.0, folds).unfolded(until)
    return Scale(max(shown * MARGIN, 0.05) if over else grown(shown), folds)


def quiet_times(rows: Sequence[Sequence[Span]], until: float) -> Iterator[tuple[float, float]]:
    """Where nothing is at work for long: the run waits for a person, a moment or a worker."""
    busy = sorted(
        (span.start, until if span.end is None else span.end)
        for spans in rows
        for span in spans
        if span.kind in AT_WORK
    )
    reached = 0.0
    for start, end in (*busy, (until, until)):
        if start - reached > FOLDED:
            yield reached, start
        reached = max(reached, end)


def grown(shown: float) -> float:
    """The length of a living run's chart: it has room for what comes next, and seldom changes."""
    length = SHORTEST
    while length < shown * SLACK:
        length *= GROWTH
    return length


def lay_out(spans: Sequence[Span], scale: Scale, now: float) -> tuple[Segment, ...]:
    """The segments of one row. What is too near to be drawn apart is drawn as one."""
    laid: list[Segment] = []
    for span in sorted(spans, key=lambda span: (span.start, now if span.end is None else span.end)):
        segment = _segment(span, scale, now)
        if laid and laid[-1].is_thin and laid[-1].end > segment.x:
            line = laid.pop()
            laid += [_ending(line, segment.x)] if segment.x > line.x else []
        free = laid[-1].end if laid else 0.0
        if segment.x >= free:
            laid.append(segment)
        elif segment.end - free >= segment.least:
            laid.append(_between(free, segment.end, span))
        elif not segment.is_thin:
            laid[-1] = _between(laid[-1].x, max(free, segment.end), span)
    return tuple(laid)


def _segment(span: Span, scale: Scale, now: float) -> Segment:
    least = 0.0 if span.kind in THIN else LEAST
    start = min(scale.place(span.start), WIDTH - least)
    end = scale.place(now if span.end is None else span.end)
    return _between(start, max(end, start + least), span)


def _between(start: float, end: float, span: Span) -> Segment:
    x = round(start, 2)
    return Segment(x, max(0.0, round(round(end, 2) - x, 2)), span.kind, span.end is None)


def _ending(segment: Segment, end: float) -> Segment:
    return replace(segment, width=round(end - segment.x, 2))


def folds_of(rows: Sequence[Sequence[Span]], scale: Scale) -> tuple[Fold, ...]:
    width = round(scale.fold_width, 2)
    return tuple(
        Fold(round(scale.place(start), 2), width, short(end - start), _waited_for(rows, start, end))
        for start, end in scale.folds
    )


def _waited_for(rows: Sequence[Sequence[Span]], start: float, end: float) -> str:
    """The tone of what lasted longest of what the run waited for meanwhile."""
    waits = [
        (min(end, end if span.end is None else span.end) - max(start, span.start), TONES[span.kind])
        for spans in rows
        for span in spans
        if span.kind in TONES
    ]
    longest, tone = max(waits, default=(0.0, "idle"))
    return tone if longest > 0 else "idle"


def ticks_of(scale: Scale) -> tuple[Tick, ...]:
    step = next((step for step in STEPS if step * TICKS >= scale.length), STEPS[-1])
    end = scale.length + sum(end - start for start, end in scale.folds)
    middles = [(scale.place(start) + scale.place(end)) / 2 for start, end in scale.folds]
    ticks: list[Tick] = []
    moment, index = 0.0, 0
    while moment <= end and len(ticks) < 3 * TICKS:
        folded = next((fold for fold in scale.folds if fold[0] < moment < fold[1]), None)
        if folded is not None:
            moment = (folded[1] // step + 1) * step
            continue
        x = round(scale.place(moment), 2)
        if x <= WIDTH - EDGE:
            near = min((abs(x - middle) for middle in middles), default=WIDTH)
            label = label_of(moment, step) if near > scale.fold_width / 2 + EDGE else ""
            ticks.append(Tick(x, label, is_minor=index % 2 == 1 or near < NEAR))
            index += 1
        moment = (round(moment / step) + 1) * step
    return tuple(ticks)


STEPS = (
    *(0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30),
    *(60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 28800, 43200),
    *(86400, 172800, 432000, 864000, 2592000, 8640000),
)


def label_of(moment: float, step: float) -> str:
    """As fine as the ticks are."""
    for unit, seconds in (("d", 86400), ("h", 3600), ("min", 60)):
        if step >= seconds:
            return f"{moment / seconds:g} {unit}"
    if moment < 600:
        return f"{round(moment, 2):g} s"
    minutes, seconds = divmod(round(moment), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


def short(seconds: float) -> str:
    for unit, size, most in (("s", 1, 120), ("min", 60, 7200), ("h", 3600, 172800)):
        if seconds < most:
            return f"{round(seconds / size)} {unit}"
    return f"{round(seconds / 86400)} d"
