"""An in-memory shell for the engine: rows are dictionaries, and the clock moves when it is told to.

It carries out commands as strictly as a database would: a second order for a step run that has one, or a second
dead letter, is an error here and not an overwritten entry. After every fact all of `promises` are checked.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from designer.graph import ROOT, Graph
from runs.engine import (
    ABSENT,
    ClearTimers,
    CloseDeadLetter,
    Command,
    Decision,
    Event,
    Fault,
    LedgerEntry,
    Needs,
    NewestSuccess,
    OpenDeadLetter,
    OpenReview,
    OutputOf,
    PerformStep,
    Phase,
    Reference,
    RemindReviewers,
    Resolution,
    Retract,
    RetractAttempt,
    RunInput,
    RunState,
    SetTimer,
    Status,
    StepOutput,
    Values,
    Variable,
    WithdrawReview,
    decide,
    replay,
)
from runs.engine import (
    events as e,
)

from . import promises

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LOST, STAYS_OUT = object(), object()  # what else may become of an attempt, besides an output and a fault
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
class Play:
    graph: Graph
    input: Any = field(default_factory=dict)
    now: datetime = NOON
    state: RunState = field(default_factory=RunState)
    journal: list[Event] = field(default_factory=list)
    facts: list[Event] = field(default_factory=list)  # those that counted
    orders: dict[int, Order] = field(default_factory=dict)
    timers: dict[tuple[int, str], datetime] = field(default_factory=dict)
    reviews: dict[int, OpenReview] = field(default_factory=dict)
    dead_letters: dict[int, OpenDeadLetter] = field(default_factory=dict)
    reminders: list[RemindReviewers] = field(default_factory=list)
    outputs: dict[int, Any] = field(default_factory=dict)
    newest: dict[tuple[str, str], int] = field(default_factory=dict)
    variables: dict[tuple[str, str], Any] = field(default_factory=dict)
    ledger: list[LedgerEntry] = field(default_factory=list)
    keys: dict[int, str] = field(default_factory=dict)
    fates: dict[int, Status] = field(default_factory=dict)
    history: promises.History = field(default_factory=lambda: promises.History())
    last: Decision | None = None
    again: Decision | None = None  # the same question, asked a second time
    changes: list[Change] = field(default_factory=list)  # of the last decision
    sound: bool = True  # no promise has been broken so far

    # --- deciding ---------------------------------------------------------------------------------------------

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
                return self.outputs.get(self.newest.get((key, scope), 0), ABSENT)
            case OutputOf(no):
                return self.outputs.get(no, ABSENT)
            case Variable(name, scope):
                return self.variables.get((name, scope), ABSENT)
            case NewestSuccess(below):
                older = [entry for entry in self.ledger if below is None or entry.completed < below]
                return max(older, key=lambda entry: entry.completed, default=ABSENT)

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
            case e.DeadLetterResolved():
                del self.dead_letters[fact.no]

    def _record(self, change: Change) -> None:
        event = change.event
        self.journal.append(event)
        match event:
            case e.StepEntered():
                self.keys[event.no] = event.key
            case e.StepSucceeded():
                step = change.before.steps[event.no]
                self.outputs[event.no] = event.output
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
                self.outputs[event.no] = None
                self.newest[self.keys[event.no], event.scope] = event.no
            case e.VariableSet():
                self.variables[event.name, event.scope] = event.value
            case e.UndoEntered():
                self.ledger = [entry for entry in self.ledger if entry.no != event.no]
        if isinstance(event, e.StepEvent):
            active = change.after.steps.get(event.no)
            self.fates[event.no] = active.status if active else promises.FATES[type(event)]

    def _carry_out(self, command: Command) -> None:
        no = command.no
        match command:
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
            case WithdrawReview():
                self.reviews.pop(no, None)
            case CloseDeadLetter():
                del self.dead_letters[no]

    def _clear_timers(self, no: int) -> None:
        self.timers = {place: due for place, due in self.timers.items() if place[0] != no}

    # --- what may happen to it --------------------------------------------------------------------------------

    def start(self) -> Decision:
        return self.feed(e.RunStarted(at=self.now))

    def take(self, key: str) -> Decision:
        step = self.find(key)
        return self.begin(step.no, step.attempt)

    def begin(self, no: int, attempt: int) -> Decision:
        return self.feed(e.AttemptStarted(at=self.now, no=no, attempt=attempt, worker="w1"))

    def report(self, no: int, attempt: int, outcome: Any) -> Decision:
        if outcome is LOST:
            return self.feed(e.AttemptLost(at=self.now, no=no, attempt=attempt, worker="w1"))
        if isinstance(outcome, Fault):
            return self.feed(e.AttemptFailed(at=self.now, no=no, attempt=attempt, fault=outcome))
        return self.feed(e.AttemptSucceeded(at=self.now, no=no, attempt=attempt, output=outcome))

    def finish(self, key: str, outcome: Any = None) -> Decision:
        """Take the step's attempt up, if nobody has, and report."""
        step = self.find(key)
        if not step.out:
            self.take(key)
        return self.report(step.no, step.attempt, outcome)

    def fire(self, key: str, timer: str) -> Decision:
        no = self.find(key).no
        self.now = max(self.now, self.timers.get((no, timer), self.now))
        return self.feed(e.TimerFired(at=self.now, no=no, timer=timer))

    def decide_review(self, key: str, outcome: str, **more: Any) -> Decision:
        return self.feed(
            e.ReviewDecided(at=self.now, no=self.find(key).no, outcome=outcome, by="rosa", **more)
        )

    def cancel(self, *, undo: bool = True) -> Decision:
        return self.feed(e.CancelRequested(at=self.now, by="omar", reason="Ordered twice.", undo=undo))

    def resolve(self, key: str, how: Resolution, output: Any = None) -> Decision:
        no = self.find(key).no
        return self.feed(e.DeadLetterResolved(at=self.now, no=no, how=how, by="omar", output=output))

    def run_until_idle(self, script: Callable[[Order], Any]) -> Self:
        """Do all that is due, time passing, until only people and attempts that stay out are awaited."""
        while (due := self._next_due()) is not None:
            self.now = max(self.now, due[0])
            if isinstance(due[1], str):
                self.feed(e.TimerFired(at=self.now, no=due[2], timer=due[1]))
                continue
            order = self.orders[due[2]]
            self.begin(order.no, order.attempt)
            if (outcome := script(order)) is not STAYS_OUT:
                self.report(order.no, order.attempt, outcome)
        return self

    def _next_due(self) -> tuple[datetime, str | None, int] | None:
        orders = [(order.due, None, no) for no, order in self.orders.items() if not order.claimed]
        timers = [(due, timer, no) for (no, timer), due in self.timers.items()]
        return min([*orders, *timers], key=lambda due: (due[0], due[1] or "", due[2]), default=None)

    # --- what the tests ask -----------------------------------------------------------------------------------

    def find(self, key: str) -> Any:
        """The newest active step run of ``key``."""
        return max((s for s in self.state.steps.values() if s.key == key), key=lambda step: step.no)

    def fate(self, key: str) -> Status:
        """The status of the newest step run of ``key``, over or not."""
        return self.fates[max(no for no, known in self.keys.items() if known == key)]

    def told(self, kind: type[Event]) -> list[Any]:
        return [event for event in self.journal if isinstance(event, kind)]

    def steps_told(self, kind: type[e.StepEvent]) -> list[str]:
        """The keys of the steps that events of this kind are about, in order."""
        return [self.keys[event.no] for event in self.told(kind)]

    def commands(self, kind: type[Command]) -> list[Any]:
        """The commands of this kind in the last decision."""
        assert self.last is not None
        return [command for command in self.last.commands if isinstance(command, kind)]

    @property
    def end(self) -> tuple[str, str | None]:
        return self.state.status.value, self.state.reason and self.state.reason.value

    @property
    def output(self) -> Any:
        """The run's output, gathered outputs collected."""
        return self._collected(self.told(e.RunEnded)[-1].output_of)

    def _collected(self, no: int | None) -> Any:
        output = self.outputs.get(no or 0)
        if isinstance(output, e.Gathered):
            return {name: self._collected(part) for name, part in output.parts.items()}
        return output

    def variable(self, name: str, scope: str = ROOT) -> Any:
        return self.variables.get((name, scope), ABSENT)


def drive(graph: Graph, outcomes: Mapping[str, Any] | None = None, input: Any = None) -> Play:
    """Start a run and go on until only people are awaited.

    ``outcomes`` says what becomes of the attempts of a step, or of ``undo <step>``: one outcome for all of
    them, or a list for the first ones. What is not named succeeds with an empty output.
    """
    left = {name: list(told) if isinstance(told, list) else told for name, told in (outcomes or {}).items()}
    play = Play(graph, input={} if input is None else input)

    def script(order: Order) -> Any:
        key = play.keys[order.no]
        told = left.get(key if order.phase is Phase.DO else f"undo {key}", {})
        return (told.pop(0) if told else {}) if isinstance(told, list) else told

    play.start()
    return play.run_until_idle(script)


def go_on(play: Play, outcomes: Mapping[str, Any] | None = None) -> Play:
    """Go on after a person has done something."""
    told = outcomes or {}
    return play.run_until_idle(
        lambda order: told.get(("" if order.phase is Phase.DO else "undo ") + play.keys[order.no], {})
    )


def later(play: Play, seconds: float) -> None:
    play.now += timedelta(seconds=seconds)


def _amended(order: Order, *, claimed: bool) -> Order:
    return Order(order.no, order.attempt, order.phase, order.does, order.due, order.inputs, claimed)
