"""An in-memory shell for the engine: rows are dictionaries, and the clock moves when it is told to.

It carries out commands as strictly as a database would: a second order for a step run that has one, or a second
dead letter, is an error here and not an overwritten entry. After every fact all of `promises` are checked.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from designer.graph import Graph
from runs.engine import (
    ABSENT,
    ClearTimers,
    CloseDeadLetter,
    CloseReview,
    Command,
    Decision,
    Event,
    Fault,
    FaultsOf,
    ItemOf,
    LedgerEntry,
    Needs,
    NewestSuccess,
    NextUnfinished,
    OpenDeadLetter,
    OpenReview,
    OutputOf,
    PerformStep,
    Phase,
    Publish,
    Reference,
    RemindReviewers,
    ResultsOf,
    Retract,
    RetractAttempt,
    RunInput,
    RunState,
    SetTimer,
    Status,
    StepOutput,
    Subscribe,
    Unsubscribe,
    Values,
    Variable,
    WithdrawReview,
    decide,
    replay,
    scopes,
)
from runs.engine import (
    events as e,
)

from . import promises
from .beside import Beside
from .reckoning import FATES, History

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
MOST_ROUNDS = 30  # of asking for values, in one decision


@dataclass(frozen=True)
class Order:
    """An attempt that is to be made, or is being made."""

    no: int
    attempt: int
    phase: Phase
    does: str
    due: datetime
    inputs: Any
    claimed: bool = False


@dataclass(frozen=True)
class Change:
    """One event of a decision, with the state before it and after it."""

    before: RunState
    event: Event
    after: RunState


@dataclass
class Shell:
    graph: Graph
    input: Any = field(default_factory=dict)
    now: datetime = NOON
    state: RunState = field(default_factory=RunState)
    journal: list[Event] = field(default_factory=list)
    facts: list[Event] = field(default_factory=list)  # those that counted
    orders: dict[int, Order] = field(default_factory=dict)
    timers: dict[tuple[int, str], datetime] = field(default_factory=dict)
    reviews: dict[int, OpenReview] = field(default_factory=dict)
    subscriptions: dict[tuple[int, str], Subscribe] = field(default_factory=dict)  # by step run and arrival
    published: dict[str, Publish] = field(default_factory=dict)
    dead_letters: dict[int, OpenDeadLetter] = field(default_factory=dict)
    reminders: list[RemindReviewers] = field(default_factory=list)
    outputs: dict[int, Any] = field(default_factory=dict)
    newest: dict[tuple[str, str], int] = field(default_factory=dict)
    succeeded: set[int] = field(default_factory=set)
    variables: dict[tuple[str, str], Any] = field(default_factory=dict)
    items: dict[int, list[Any]] = field(default_factory=dict)  # by the step run of the map
    skipped: set[tuple[int, int]] = field(default_factory=set)
    results: dict[tuple[int, int], tuple[int | None, Fault | None]] = field(default_factory=dict)
    ledger: list[LedgerEntry] = field(default_factory=list)
    keys: dict[int, str] = field(default_factory=dict)
    fates: dict[int, Status] = field(default_factory=dict)
    history: History = field(default_factory=History)
    last: Decision | None = None
    again: Decision | None = None  # the same question, asked a second time
    changes: list[Change] = field(default_factory=list)  # of the last decision
    heard: int = 0  # signals
    beside: Beside = field(default_factory=Beside)
    sound: bool = True  # no promise has been broken so far

    def feed(self, fact: Event) -> Decision:
        """What `runs.actions.advance` does: decide, record, carry out."""
        self.sound, before, decision = False, self.state, self._decide(fact)
        self.again = self._decide(fact)
        self.last, self.changes = decision, list(self._changes(before, decision))
        if decision.ignored is None:
            self.facts.append(fact)
            self._close(fact)
            for change in self.changes:
                self._record(change)
            for command in decision.commands:
                self._carry_out(command)
            self.state = decision.state
        promises.check(self, before)
        self.sound = True
        for answer in self.beside.answers(self.now):
            self.feed(answer)
        return decision

    def _decide(self, fact: Event) -> Decision:
        values = Values(run={"id": "run-1"})
        for _ in range(MOST_ROUNDS):
            answer = decide(self.graph, self.state, fact, values)
            if isinstance(answer, Decision):
                return answer
            assert isinstance(answer, Needs) and not answer.references & values.known.keys()
            values = values.learning({reference: self._find(reference) for reference in answer.references})
        raise AssertionError("the engine keeps asking for values")

    def _find(self, reference: Reference) -> Any:
        match reference:
            case RunInput():
                return self.input
            case StepOutput(key, scope):
                no = self.newest.get((key, scope), 0)
                return None if no and no not in self.succeeded else self.outputs.get(no, ABSENT)
            case OutputOf(no):
                return self.outputs.get(no, ABSENT)
            case Variable(name, scope):
                return self.variables.get((name, scope), ABSENT)
            case ItemOf(no, index):
                return self.items[no][index]
            case ResultsOf(no):
                return [self._result(no, index) for index in range(len(self.items.get(no, ())))]
            case FaultsOf(no):
                return {
                    index: fault for (of, index), (_, fault) in self.results.items() if of == no and fault
                }
            case NextUnfinished(no, after):
                well = {place for place, (_, fault) in self.results.items() if not fault} | self.skipped
                left = (index for index in range(after + 1, len(self.items[no])) if (no, index) not in well)
                return next(left, ABSENT)
            case NewestSuccess(below):
                older = [entry for entry in self.ledger if below is None or entry.completed < below]
                return max(older, key=lambda entry: entry.completed, default=ABSENT)

    def _result(self, no: int, index: int) -> Any:
        last, fault = self.results.get((no, index), (None, None))
        return self.outputs.get(last or 0) if fault is None else None

    @staticmethod
    def _changes(before: RunState, decision: Decision) -> Iterator[Change]:
        for event in decision.events:
            after = replay([event], before)
            yield Change(before, event, after)
            before = after

    # --- recording --------------------------------------------------------------------------------------------

    def _close(self, fact: Event) -> None:
        """What the fact answers is no longer open."""
        match fact:
            case e.AttemptStarted():
                self.orders[fact.no] = _amended(self.orders[fact.no], claimed=True)
            case e.AttemptSucceeded() | e.AttemptFailed():
                del self.orders[fact.no]
            case e.AttemptLost():
                self.orders[fact.no] = _amended(self.orders[fact.no], claimed=False)
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

    def _record(self, change: Change) -> None:
        event = change.event
        self.journal.append(event)
        match event:
            case e.StepEntered():
                self.keys[event.no] = event.key
            case e.StepSucceeded():
                step = change.before.steps[event.no]
                self.outputs[event.no] = event.output
                self.succeeded.add(event.no)
                self.newest[step.key, event.scope] = event.no
                if event.compensable:
                    entry = LedgerEntry(
                        no=step.no,
                        key=step.key,
                        scope=step.scope,
                        completed=change.after.seq,
                        attempt=step.attempt,
                    )
                    self.ledger.append(entry)
            case e.CompensationOwed():
                self.outputs[event.no] = event.output
            case e.StepFailed() | e.StepSkipped():
                if not change.before.steps[event.no].owed:
                    self.outputs[event.no] = None
                self.newest[self.keys[event.no], event.scope] = event.no
            case e.ItemsListed() | e.ItemsAdded():
                self.items[event.no] = [*self.items.get(event.no, ()), *event.items]
            case e.ScopeEnded(scope=scope) if (index := scopes.index_of(scope)) is not None:
                if event.skipped:
                    self.skipped.add((scopes.opener_of(scope), index))
                else:
                    self.results[scopes.opener_of(scope), index] = (event.last, event.fault)
            case e.VariableSet():
                self.variables[event.name, event.scope] = event.value
            case e.UndoEntered():
                self.ledger = [entry for entry in self.ledger if entry.no != event.no]
        if isinstance(event, e.StepEvent) and not isinstance(event, e.LockReleased):
            active = change.after.steps.get(event.no)
            self.fates[event.no] = active.status if active else FATES[type(event)]

    def _carry_out(self, command: Command) -> None:
        no = command.no
        match command:
            case SetTimer(no=0) | ClearTimers(no=0):
                self.beside.carry_out(command)
            case PerformStep():
                assert no not in self.orders, f"{self.keys[no]} is ordered while an attempt is open"
                inputs = (
                    self.history.inputs.get((no, command.phase)) if command.inputs is None else command.inputs
                )
                self.history.inputs[no, command.phase] = inputs
                self.orders[no] = Order(no, command.attempt, command.phase, command.does, command.due, inputs)
            case SetTimer():
                assert (no, command.timer) not in self.timers, (
                    f"{command.timer} of {self.keys[no]} is set twice"
                )
                self.timers[no, command.timer] = command.due
            case OpenReview():
                assert no not in self.reviews, f"the review of {self.keys[no]} is opened twice"
                self.reviews[no] = command
            case Subscribe():
                assert (no, command.arrival) not in self.subscriptions, f"{self.keys[no]} subscribes twice"
                self.subscriptions[no, command.arrival] = command
            case Unsubscribe():
                kept = {place: one for place, one in self.subscriptions.items() if place[0] != no}
                self.subscriptions = kept
            case Publish():
                assert command.signal not in self.published, f"{self.keys[no]} publishes a signal twice"
                self.published[command.signal] = command
            case OpenDeadLetter():
                assert no not in self.dead_letters, f"the dead letter of {self.keys[no]} is opened twice"
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

    def _clear_timers(self, no: int) -> None:
        self.timers = {place: due for place, due in self.timers.items() if place[0] != no}


def _amended(order: Order, *, claimed: bool) -> Order:
    return Order(order.no, order.attempt, order.phase, order.does, order.due, order.inputs, claimed)
