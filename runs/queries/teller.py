"""Who tells of journal entries: what they need to know of the run."""

from collections.abc import Mapping
from dataclasses import dataclass

from designer.graph import Action, AnyStep, Compensate, Graph
from runs.engine import Phase

from .turns import name_in

type Told = tuple[str, str, str]  # an icon, a tone and what is said


@dataclass(frozen=True, slots=True)
class Teller:
    """What a line needs to know of the run: the graph, and where in it each step run is."""

    graph: Graph
    places: Mapping[int, tuple[str, str]]  # by step run: its step, and its scope
    tries: Mapping[tuple[int, int], int]  # by step run and attempt: which try it is of its phase

    def name(self, no: int | None, phase: str = Phase.DO) -> str:
        """The step; in an item or a round with its number."""
        undo, (key, scope) = self._undo(no, phase), self._place(no)
        return name_in(undo.name if undo else self.graph.name_of(key), scope)

    def limit(self, no: int | None, phase: str) -> int:
        step, undo = self.step(no), self._undo(no, phase)
        return undo.retry.attempts if undo else step.most_tries if step else 1

    def step(self, no: int | None) -> AnyStep | None:
        return self.graph.steps.get(self._place(no)[0])

    def _place(self, no: int | None) -> tuple[str, str]:
        return self.places.get(no or 0, ("", ""))

    def _undo(self, no: int | None, phase: str) -> Compensate | None:
        step = self.step(no)
        return step.compensate if phase == Phase.UNDO and isinstance(step, Action) else None
