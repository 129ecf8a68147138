"""What a shape says: its name, what it does, its undo, what changed and what is wrong with it.

Telling knows the definition, never where anything stands. What is shown by a picture is said in words too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from designer.graph import AnyStep, Box, Graph, Loop, Review, Shape
from designer.queries.draft_ladder import said_of, undo_of
from designer.queries.icons import icon_of
from designer.queries.problems import NONE, Counts

from .placing import Badge, Figure, Sign, badges_on

TONES = {"new": "ok", "changed": "warn", "removed": "fail"}
SAID_ROOM = 19  # characters beside the icon in a box


@dataclass(frozen=True, slots=True)
class Marks:
    """What stands on the edges of the boxes."""

    changed: Mapping[str, str] = field(default_factory=dict)
    counts: Mapping[str | None, Counts] = field(default_factory=dict)
    selected: str = ""


@dataclass(frozen=True, slots=True)
class Node(Figure):
    """A shape of the drawing with what is written on it."""

    name: str
    icon: str
    said: str
    undo: str  # the step type that undoes it
    mark: str  # new, changed, removed
    counts: Counts
    selected: bool

    @property
    def label(self) -> str:
        """What it is called by those who do not see it."""
        told = [self.name, self.said, self.mark]
        told += [_counted(self.counts.errors, "error"), _counted(self.counts.warnings, "warning")]
        return ", ".join(part for part in told if part)

    @property
    def badges(self) -> Sequence[Badge]:
        signs = (
            Sign(str(self.counts.errors or ""), "fail", "fail"),
            Sign(str(self.counts.warnings or ""), "warn", "warning"),
            Sign(self.mark, TONES.get(self.mark, ""), ""),
        )
        return badges_on(self, [sign for sign in signs if sign.word])


def node_of(graph: Graph, box: Box, marks: Marks) -> Node:
    step = graph.steps.get(box.step)
    if step is None:
        return Node(box, "", "", "", "", "", NONE, selected=False)
    opens = box.shape != Shape.JOIN  # what a parallel is told is told where it opens
    return Node(
        box=box,
        name=step.name,
        icon=icon_of(step),
        said=_cut(_told(step), SAID_ROOM),
        undo=_cut(undo_of(step), SAID_ROOM),
        mark=marks.changed.get(step.key, "") if opens else "",
        counts=marks.counts.get(step.key, NONE) if opens else NONE,
        selected=opens and step.key == marks.selected,
    )


def _told(step: AnyStep) -> str:
    if isinstance(step, Review):
        return "person · " + (", ".join(step.reviewers.groups) or "any reviewer")
    if isinstance(step, Loop):  # how often stands at its frame
        return f"{step.limit} rounds at most"
    return said_of(step).replace("@^", "@")


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}" if number else ""


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else text[: room - 1].rstrip() + "…"
