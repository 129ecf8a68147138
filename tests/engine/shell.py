"""The in-memory shell of `runs.simulation`, as strict as a database would be.

A second order for a step run that has one, or a second dead letter, is an error here and not an overwritten entry.
After every fact all of `promises` are checked.
"""

from dataclasses import dataclass, field

from runs.engine import (
    Command,
    Decision,
    Event,
    OpenDeadLetter,
    OpenReview,
    PerformStep,
    Publish,
    SetTimer,
    Status,
    Subscribe,
)
from runs.engine import events as e
from runs.simulation import NOON, Change, Order, changes_of
from runs.simulation import Shell as InMemory

from . import promises
from .beside import StrictBeside
from .reckoning import FATES, History

__all__ = ["NOON", "Change", "Order", "Shell"]


@dataclass
class Shell(InMemory):
    facts: list[Event] = field(default_factory=list)  # those that counted
    fates: dict[int, Status] = field(default_factory=dict)
    history: History = field(default_factory=History)
    last: Decision | None = None
    again: Decision | None = None  # the same question, asked a second time
    changes: list[Change] = field(default_factory=list)  # of the last decision
    heard: int = 0  # signals
    beside: StrictBeside = field(default_factory=StrictBeside)
    sound: bool = True  # no promise has been broken so far

    def feed(self, fact: Event) -> Decision:
        self.sound = False
        return super().feed(fact)

    def accept(self, fact: Event, decision: Decision) -> None:
        before = self.state
        self.again = self.decide(fact)
        self.last, self.changes = decision, list(changes_of(before, decision))
        if decision.ignored is None:
            self.facts.append(fact)
        super().accept(fact, decision)
        promises.check(self, before)
        self.sound = True

    def record(self, change: Change) -> None:
        super().record(change)
        event = change.event
        if isinstance(event, e.StepEvent) and not isinstance(event, e.LockReleased):
            active = change.after.steps.get(event.no)
            self.fates[event.no] = active.status if active else FATES[type(event)]

    def close(self, fact: Event) -> None:
        """A report counts if its attempt is out, and only the attempt that is ordered is begun."""
        match fact:
            case e.AttemptStarted(no=no, attempt=attempt):
                assert self.open_attempt(no) == (attempt, False), (
                    f"attempt {attempt} is begun without being ordered"
                )
            case e.AttemptSucceeded() | e.AttemptFailed() | e.AttemptLost():
                told = f"{type(fact).__name__} of attempt {fact.attempt} counts, and it is not out"
                assert self.open_attempt(fact.no) == (fact.attempt, True), told
        super().close(fact)

    def open_attempt(self, no: int) -> tuple[int, bool] | None:
        """The attempt that is ordered, and whether a worker has it."""
        order = self.orders.get(no)
        return (order.attempt, order.claimed) if order else None

    def carry_out(self, command: Command) -> None:
        no, about = command.no, self.keys.get(command.no, "the run")
        match command:
            case PerformStep():
                assert no not in self.orders, f"{about} is ordered while an attempt is open"
            case SetTimer(timer=timer) if no:
                assert (no, timer) not in self.timers, f"{timer} of {about} is set twice"
            case OpenReview():
                assert no not in self.reviews, f"the review of {about} is opened twice"
            case Subscribe(arrival=arrival):
                assert (no, arrival) not in self.subscriptions, f"{about} subscribes twice"
            case Publish(signal=signal):
                assert signal not in self.published, f"{about} publishes a signal twice"
            case OpenDeadLetter():
                assert no not in self.dead_letters, f"the dead letter of {about} is opened twice"
        super().carry_out(command)
