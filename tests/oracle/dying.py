"""Cases made by workers who die: attempts are lost and handed out again, and the state is read from its text."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from designer.graph import Graph
from runs.engine import Event, dump_state, load_state
from runs.engine import events as e
from runs.simulation import Answer, Order, Simulated, Simulation, simulate

from .running import mocks_of

MOST_LOSSES = 3  # of one attempt, that count for nothing


@dataclass
class Dying(Simulation):
    after_each: int = 1  # so many events
    alive_until: int = 0
    losses: dict[tuple[int, int], int] = field(default_factory=dict)

    def feed(self, fact: Event) -> Any:
        """Whoever decides next has read all of it from what is stored."""
        self.state = load_state(dump_state(self.state))
        return super().feed(fact)

    def report(self, order: Order, answer: Answer) -> None:
        place = (order.no, order.attempt)
        if len(self.journal) < self.alive_until or self.losses.get(place, 0) == MOST_LOSSES:
            super().report(order, answer)
            return
        self.losses[place] = self.losses.get(place, 0) + 1
        self.alive_until = len(self.journal) + self.after_each
        told: Any = {"at": self.now, "no": order.no, "attempt": order.attempt, "phase": order.phase}
        self.feed(e.AttemptLost(worker="simulation", **told))
        if order.no in self.orders:
            self.feed(e.AttemptStarted(worker="another", **told))
            self.report(order, answer)


def killed_after(events: int, case: Mapping[str, Any], graph: Graph) -> Simulated:
    """The worker is killed at the first report after so many events, and again after so many more."""
    return simulate(
        graph, case["input"], mocks_of(case), made_by=lambda **run: Dying(after_each=events, **run)
    )
