"""The ladder: the steps as rows with a rail beside them, like the graph column of a git log.

The law of this file: a way is drawn from row to row without a gap. What leaves a row at its lower edge in some
lane enters the next row at its upper edge in the same lane; lanes are changed inside a row.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from designer.graph.model import ROOT, Graph

from .order import in_order
from .waiting import needs_drawn
from .ways import Way, if_words, ways

Part = Literal["top", "bottom", "through"]


@dataclass(frozen=True, slots=True)
class Segment:
    """A line in one row: from its upper edge to the dot, from the dot to its lower edge, or past the dot.

    ``ways`` are the (from step, to step) it is part of: more than one where ways share a lane.
    """

    part: Part
    lane_from: int
    lane_to: int
    ways: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Rung:
    """One row of the ladder."""

    key: str
    lane: int  # of the dot
    depth: int  # how far the title is indented
    label: str  # what the group that begins here is called: “in parallel”, “if score ≥ 70”
    segments: tuple[Segment, ...]
    back_to: tuple[str, ...]  # steps further up to which this one leads back

    @property
    def lanes(self) -> int:
        """How many lanes the row is wide."""
        return 1 + max([self.lane, *(max(one.lane_from, one.lane_to) for one in self.segments)])


@dataclass(frozen=True, slots=True)
class _Group:
    """Rows that only one condition leads to; without a label, the rows that every run may reach."""

    label: str = ""
    first: str = ""
    around: "_Group | None" = None
    depth: int = 0

    def label_over(self, key: str) -> str:
        return self.label if key == self.first else ""


_EVERY_RUN = _Group()


@dataclass(slots=True)
class _Line:
    """A way on its way down: the lane it is in, and the one it moves to in the next row."""

    way: Way
    lane: int
    wanted: int


def ladder(graph: Graph, *, hide: Collection[str] = ()) -> tuple[Rung, ...]:
    """Every step as a row, in the order of a run. Steps of the kinds in ``hide`` are passed through."""
    keys = [key for key in in_order(graph) if graph.step(key).kind not in hide]
    place = {key: number for number, key in enumerate(keys)}
    led = ways(graph, place)
    down = [way for way in led if place[way.origin] < place[way.target]]
    back: dict[str, list[str]] = {key: [] for key in keys}
    for way in led:
        if place[way.origin] >= place[way.target]:
            back[way.origin].append(way.target)
    rails, groups = _rails(place, down), _groups(keys, down)
    first = _first_of_scopes(graph, keys)
    return tuple(
        Rung(
            key=key,
            lane=lane,
            depth=_nesting(graph, key) + groups[key].depth,
            label=_branch_label(graph, key) if key in first else groups[key].label_over(key),
            segments=segments,
            back_to=tuple(back[key]),
        )
        for key, (lane, segments) in zip(keys, rails, strict=True)
    )


def _nesting(graph: Graph, key: str) -> int:
    return sum(scope != ROOT for scope in graph.enclosing(graph.step(key).scope))


def _first_of_scopes(graph: Graph, keys: Iterable[str]) -> set[str]:
    """The first row of each scope."""
    first: dict[str, str] = {}
    for key in keys:
        first.setdefault(graph.steps[key].scope, key)
    return set(first.values())


def _rails(place: Mapping[str, int], down: Iterable[Way]) -> list[tuple[int, tuple[Segment, ...]]]:
    """The lane of each row's dot, and the row's segments."""
    leaving: dict[str, list[Way]] = {}
    for way in down:
        leaving.setdefault(way.origin, []).append(way)
    lines: list[_Line] = []
    rails = []
    for key in place:
        arriving = [line for line in lines if line.way.target == key]
        passing = [line for line in lines if line.way.target != key]
        lane = min((line.wanted for line in arriving), default=_free(passing))
        onwards = sorted(leaving.get(key, ()), key=lambda way: (bool(way.label), place[way.target]))
        lines = [*_moved(passing), *_begun(onwards, lane, passing)]
        rails.append((lane, _segments(lane, arriving, passing, onwards)))
    return rails


def _begun(onwards: Iterable[Way], lane: int, passing: list[_Line]) -> list[_Line]:
    """The lines that begin at a dot. The usual way goes straight down; conditional ways to one step share a lane."""
    begun: list[_Line] = []
    for way in onwards:
        shared = [
            line.wanted for line in passing if way.label and line.way.label and line.way.target == way.target
        ]
        straight = not any(line.wanted == lane for line in begun)
        wanted = shared[0] if shared else lane if straight else _free([*passing, *begun])
        begun.append(_Line(way, lane, wanted))
    return begun


def _moved(passing: Iterable[_Line]) -> list[_Line]:
    return [_Line(line.way, line.wanted, line.wanted) for line in passing]


def _free(lines: Iterable[_Line]) -> int:
    taken = {line.wanted for line in lines}
    return next(lane for lane in range(len(taken) + 1) if lane not in taken)


def _segments(
    lane: int, arriving: Iterable[_Line], passing: Iterable[_Line], onwards: Iterable[Way]
) -> tuple[Segment, ...]:
    """A row's lines, those in the same place as one."""
    drawn: dict[tuple[Part, int, int], list[Way]] = {}
    for line in arriving:
        drawn.setdefault(("top", line.lane, lane), []).append(line.way)
    for line in passing:
        drawn.setdefault(("through", line.lane, line.wanted), []).append(line.way)
    for way in onwards:
        drawn.setdefault(("bottom", lane, lane), []).append(way)
    return tuple(
        Segment(*where, tuple((way.origin, way.target) for way in held)) for where, held in drawn.items()
    )


def _groups(keys: Iterable[str], down: Iterable[Way]) -> Mapping[str, _Group]:
    """By row, the innermost condition that all ways to it share."""
    arriving: dict[str, list[Way]] = {}
    for way in down:
        arriving.setdefault(way.target, []).append(way)
    groups: dict[str, _Group] = {}
    for key in keys:
        led = arriving.get(key, [])
        around = _shared([groups[way.origin] for way in led])
        label, *others = {way.label for way in led} or {""}
        groups[key] = around if others or not label else _Group(label, key, around, around.depth + 1)
    return groups


def _shared(groups: list[_Group]) -> _Group:
    """The innermost group that lies around all of ``groups``."""
    shared = groups[0] if groups else _EVERY_RUN
    for group in groups[1:]:
        while shared is not group:
            if shared.around and shared.depth >= group.depth:
                shared = shared.around
            else:
                group = group.around or _EVERY_RUN
    return shared


_OPENING = {"parallel": "in parallel", "map": "for each item", "loop": "in rounds"}


def _branch_label(graph: Graph, key: str) -> str:
    """What to write over the first row of a scope."""
    scope = graph.steps[key].scope
    if scope == ROOT:
        return ""
    opener, name = graph.opener(scope)
    called = {body.name: body.title for body in opener.bodies}
    when = next((body.when for body in opener.bodies if body.name == name), "")
    needs = [called[need] or need for need in needs_drawn(opener).get(name, ())]
    parts = (
        _OPENING[opener.kind] if next(iter(called), name) == name else "",
        called.get(name, ""),
        f"after {', '.join(needs)}" if needs else "",
        if_words(when) if when else "",
    )
    return " · ".join(part for part in parts if part)
