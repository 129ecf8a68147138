"""What has become of a run, as the rows that tell of it. Here they are dictionaries."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from designer.graph import Graph
from runs.engine import (
    ABSENT,
    Decision,
    Event,
    Fault,
    FaultsOf,
    GivenTo,
    ItemOf,
    LedgerEntry,
    NewestSuccess,
    NextUnfinished,
    OutputOf,
    Reference,
    ResultsOf,
    RunInput,
    RunState,
    StepOutput,
    TokenOf,
    Variable,
    replay,
    scopes,
)
from runs.engine import events as e


@dataclass(frozen=True)
class Change:
    """One event of a decision, with the state before it and after it."""

    before: RunState
    event: Event
    after: RunState


def changes_of(before: RunState, decision: Decision) -> Iterator[Change]:
    for event in decision.events:
        after = replay([event], before)
        yield Change(before, event, after)
        before = after


@dataclass
class Rows:
    graph: Graph
    input: Any = field(default_factory=dict)
    journal: list[Event] = field(default_factory=list)
    keys: dict[int, str] = field(default_factory=dict)  # of the steps, by step run
    outputs: dict[int, Any] = field(default_factory=dict)
    given: dict[int, Any] = field(default_factory=dict)  # what the scopes inside a step begin with
    handed_on: dict[int, Any] = field(default_factory=dict)  # what the next step is given
    newest: dict[tuple[str, str], int] = field(default_factory=dict)
    succeeded: set[int] = field(default_factory=set)
    variables: dict[tuple[str, str], Any] = field(default_factory=dict)
    items: dict[int, list[Any]] = field(default_factory=dict)  # by the step run of the map
    skipped: set[tuple[int, int]] = field(default_factory=set)
    results: dict[tuple[int, int], tuple[int | None, Fault | None]] = field(default_factory=dict)
    ledger: list[LedgerEntry] = field(default_factory=list)

    def record(self, change: Change) -> None:
        event = change.event
        self.journal.append(event)
        match event:
            case e.StepEntered():
                self.keys[event.no] = event.key
            case e.StepSucceeded():
                self._succeeded(change, event)
            case e.CompensationOwed():
                self.outputs[event.no] = event.output
            case e.StepFailed() | e.StepSkipped():
                if not change.before.steps[event.no].owed:
                    self.outputs[event.no] = None
                self.newest[self.keys[event.no], event.scope] = event.no
                if isinstance(event, e.StepFailed):
                    self._failed(change, event)
            case e.StepGiven():
                self.given[event.no] = event.value
            case e.ItemsRedriven(afresh=True):
                self.skipped = {place for place in self.skipped if place[0] != event.no}
                self.results = {place: end for place, end in self.results.items() if place[0] != event.no}
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

    def _succeeded(self, change: Change, event: e.StepSucceeded) -> None:
        step = change.before.steps[event.no]
        self.outputs[event.no] = event.output
        self.succeeded.add(event.no)
        self.newest[step.key, event.scope] = event.no
        if event.hands_on:
            self.handed_on[event.no] = event.output
        if event.compensable:
            self._enter_in_ledger(change, event.no)

    def _failed(self, change: Change, event: e.StepFailed) -> None:
        if event.hands_on:
            self.handed_on[event.no] = event.output
        if event.compensable:
            self._enter_in_ledger(change, event.no)

    def _enter_in_ledger(self, change: Change, no: int) -> None:
        step = change.before.steps[no]
        entry = LedgerEntry(
            no=no, key=step.key, scope=step.scope, completed=change.after.seq, attempt=step.attempt
        )
        self.ledger.append(entry)

    def look_up(self, reference: Reference) -> Any:
        """What a decision needs to read; ABSENT where it is not there."""
        match reference:
            case RunInput():
                return self.input
            case StepOutput(key, scope):
                no = self.newest.get((key, scope), 0)
                return None if no and no not in self.succeeded else self.outputs.get(no, ABSENT)
            case OutputOf(no):
                return self.outputs.get(no, ABSENT)
            case TokenOf(no):
                return self.handed_on.get(no, ABSENT)
            case GivenTo(no):
                return self.given.get(no, ABSENT)
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

    def output_value(self, no: int | None) -> Any:
        """The output of a step run, gathered ones collected."""
        output = self.outputs.get(no or 0)
        if isinstance(output, e.Gathered):
            return {name: self.output_value(part) for name, part in output.parts.items()}
        if isinstance(output, e.Collected):
            ended = [self.results.get((output.no, index)) for index in range(len(self.items[output.no]))]
            return [self.output_value(end[0]) if end and end[1] is None else None for end in ended]
        return output
