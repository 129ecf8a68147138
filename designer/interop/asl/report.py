"""What became of each part of a machine that was opened, in sentences."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from designer.graph import Graph

from .problem import Problem


class Treatment(StrEnum):
    """What became of a field."""

    CARRIED = "carried"  # it means here what it meant there
    BOUND = "bound"  # it was bound to something that does it
    UNBOUND = "unbound"  # nothing does it yet
    IGNORED = "ignored"  # it says nothing here; the run is the same without it
    REFUSED = "refused"  # it would mean something that cannot be done here


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a report; ``state`` is empty where it is about the whole, ``field`` where about the state."""

    treatment: Treatment
    state: str
    field: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Report:
    """The lines in the order of the document."""

    lines: tuple[Line, ...] = ()

    def of(self, treatment: Treatment) -> Iterator[Line]:
        return (line for line in self.lines if line.treatment is treatment)

    def count(self, treatment: Treatment) -> int:
        return sum(1 for _ in self.of(treatment))


@dataclass(frozen=True, slots=True)
class Imported:
    """A machine as a graph, what became of its parts, and what AWS would say against it."""

    graph: Graph
    report: Report
    problems: tuple[Problem, ...] = ()
