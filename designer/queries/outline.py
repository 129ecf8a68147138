"""The outline: the steps in the order of a run, groups within each other."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from designer.graph import Action, Graph, Rung

from .icons import icon_of
from .problems import NONE, Counts


@dataclass(frozen=True, slots=True)
class OutlineItem:
    is_a = "item"

    key: str
    icon: str
    name: str
    undone: bool
    counts: Counts
    mark: str  # new, changed


@dataclass(frozen=True, slots=True)
class OutlineLabel:
    is_a = "label"

    text: str


@dataclass(frozen=True, slots=True)
class OutlineGroup:
    is_a = "group"

    conditional: bool
    parts: list["OutlinePart"] = field(default_factory=list)


OutlinePart = OutlineItem | OutlineLabel | OutlineGroup


def outline(
    graph: Graph,
    rungs: Iterable[Rung],
    counts: Mapping[str | None, Counts],
    marks: Mapping[str, str],
) -> list[OutlinePart]:
    levels: list[list[OutlinePart]] = [[]]
    for rung in rungs:
        del levels[rung.depth + 1 :]
        while len(levels) <= rung.depth:
            group = OutlineGroup(conditional=rung.label.startswith(("if ", "on ")))
            levels[-1].append(group)
            levels.append(group.parts)
        if rung.label:
            levels[-1].append(OutlineLabel(rung.label))
        levels[-1].append(_item(graph, rung.key, counts, marks))
    return levels[0]


def _item(
    graph: Graph, key: str, counts: Mapping[str | None, Counts], marks: Mapping[str, str]
) -> OutlineItem:
    step = graph.steps[key]
    undone = isinstance(step, Action) and step.compensate is not None
    return OutlineItem(key, icon_of(step), step.name, undone, counts.get(key, NONE), marks.get(key, ""))
