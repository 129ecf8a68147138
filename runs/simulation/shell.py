"""A run in memory: the engine decides, and what it says is recorded and carried out in dictionaries.

It does what `runs.actions.advance` does on the database. The clock moves when it is told to.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from runs.engine import Decision, Event, Needs, RunState, Values, decide

from .orders import Orders
from .rows import Rows, changes_of

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
MOST_ROUNDS = 30  # of asking for values, in one decision
LARGEST = 50 * 1024 * 1024  # bytes of JSON that one value may have


@dataclass
class Shell(Orders, Rows):
    now: datetime = NOON
    state: RunState = field(default_factory=RunState)
    facts_of_run: Mapping[str, Any] = field(
        default_factory=lambda: {"id": "run-1"}
    )  # what expressions see as `run`
    largest: int = LARGEST

    def feed(self, fact: Event) -> Decision:
        """Decide what follows from the fact, record it, carry it out, and go on with what that brought about."""
        decision = self.decide(fact)
        self.accept(fact, decision)
        for answer in self.beside.answers(self.now):
            self.feed(answer)
        return decision

    def decide(self, fact: Event) -> Decision:
        values = Values(run=self.facts_of_run, largest=self.largest)
        for _ in range(MOST_ROUNDS):
            answer = decide(self.graph, self.state, fact, values)
            if isinstance(answer, Decision):
                return answer
            assert isinstance(answer, Needs) and not answer.references & values.known.keys()
            values = values.learning({reference: self.look_up(reference) for reference in answer.references})
        raise AssertionError("the engine keeps asking for values")

    def accept(self, fact: Event, decision: Decision) -> None:
        if decision.ignored is not None:
            return
        self.close(fact)
        for change in changes_of(self.state, decision):
            self.record(change)
        for command in decision.commands:
            self.carry_out(command)
        self.state = decision.state
