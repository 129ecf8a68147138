"""What a run has ordered and waits for: attempts, timers, reviews, signals, people."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from runs.engine import (
    AS_BEFORE,
    ClearTimers,
    CloseDeadLetter,
    CloseReview,
    Command,
    Event,
    OpenDeadLetter,
    OpenReview,
    PerformStep,
    Phase,
    Publish,
    RemindReviewers,
    Retract,
    RetractAttempt,
    SetTimer,
    Subscribe,
    Unsubscribe,
    WithdrawReview,
)
from runs.engine import events as e

from .beside import Beside


@dataclass(frozen=True)
class Order:
    """An attempt that is to be made, or is being made."""

    no: int
    attempt: int
    phase: Phase
    command: PerformStep
    inputs: Any
    claimed: bool = False

    @property
    def does(self) -> str:
        return self.command.does

    @property
    def due(self) -> datetime:
        return self.command.due


@dataclass
class Orders:
    orders: dict[int, Order] = field(default_factory=dict)
    timers: dict[tuple[int, str], datetime] = field(default_factory=dict)
    reviews: dict[int, OpenReview] = field(default_factory=dict)
    subscriptions: dict[tuple[int, str], Subscribe] = field(default_factory=dict)  # by step run and arrival
    published: dict[str, Publish] = field(default_factory=dict)
    dead_letters: dict[int, OpenDeadLetter] = field(default_factory=dict)
    reminders: list[RemindReviewers] = field(default_factory=list)
    inputs: dict[tuple[int, Phase], Any] = field(default_factory=dict)  # of the newest attempts
    beside: Beside = field(default_factory=Beside)

    def carry_out(self, command: Command) -> None:
        no = command.no
        match command:
            case SetTimer(no=0) | ClearTimers(no=0):
                self.beside.carry_out(command)
            case PerformStep():
                if command.inputs is not AS_BEFORE:
                    self.inputs[no, command.phase] = command.inputs
                given = self.inputs.get((no, command.phase))
                self.orders[no] = Order(no, command.attempt, command.phase, command, given)
            case SetTimer():
                self.timers[no, command.timer] = command.due
            case OpenReview():
                self.reviews[no] = command
            case Subscribe():
                self.subscriptions[no, command.arrival] = command
            case Unsubscribe():
                kept = {place: one for place, one in self.subscriptions.items() if place[0] != no}
                self.subscriptions = kept
            case Publish():
                self.published[command.signal] = command
            case OpenDeadLetter():
                self.dead_letters[no] = command
            case RemindReviewers():
                self.reminders.append(command)
            case Retract():
                self.orders.pop(no, None)
                self._clear_timers(no)
            case RetractAttempt():
                self.orders.pop(no, None)
            case ClearTimers():
                self._clear_timers(no)
            case WithdrawReview() | CloseReview():
                self.reviews.pop(no, None)
            case CloseDeadLetter():
                del self.dead_letters[no]
            case _:
                self.beside.carry_out(command)

    def close(self, fact: Event) -> None:
        """What the fact answers is no longer open."""
        match fact:
            case e.AttemptStarted():
                self.orders[fact.no] = replace(self.orders[fact.no], claimed=True)
            case e.AttemptSucceeded() | e.AttemptFailed():
                del self.orders[fact.no]
            case e.AttemptLost():
                self.orders[fact.no] = replace(self.orders[fact.no], claimed=False)
            case e.TimerFired():
                del self.timers[fact.no, fact.timer]
            case e.ReviewDecided():
                del self.reviews[fact.no]
            case e.SignalReceived():
                del self.subscriptions[fact.no, fact.arrival]
            case e.DeadLetterResolved():
                del self.dead_letters[fact.no]
            case _:
                self.beside.close(fact)

    def _clear_timers(self, no: int) -> None:
        self.timers = {place: due for place, due in self.timers.items() if place[0] != no}
