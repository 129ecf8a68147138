"""Recording a decision: its events as journal entries, and what they mean for the rows that people read."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from runs.crash_points import crash_at
from runs.engine import (
    Decision,
    Event,
    Phase,
    Reason,
    RunState,
    Status,
    dump_event,
    dump_state,
    events,
    scopes,
)
from runs.models import Item, JournalEntry, Keeper, Run, StepRun, Variable
from runs.models.item import ItemStatus

from . import statements
from .columns import blank

BLANK = blank(StepRun)
BLANK_ITEM = blank(Item)
UNENDED = {"status": ItemStatus.WAITING, "last": None, "fault": None, "ended_at": None}


class Record:
    """Gathers what a transaction has to write about one run, and writes it in as few statements as it can."""

    def __init__(self, run: Run):
        self.run = run
        self.keeper = Keeper(run)
        self.entries: list[dict[str, Any]] = []
        self.entered: dict[int, dict[str, Any]] = {}
        self.changes: dict[int, dict[str, Any]] = {}
        self.items: list[dict[str, Any]] = []
        self.items_afresh: set[int] = set()  # maps all whose items begin again
        self.items_ended: dict[tuple[int, int], dict[str, Any]] = {}
        self.variables: dict[tuple[str, str], Any] = {}
        self.run_changes: dict[str, Any] = {}

    def add(self, before: RunState, decision: Decision) -> None:
        run_id = self.run.pk
        for seq, event in enumerate(decision.events, start=before.seq + 1):
            kind, data = dump_event(event)
            no = data.pop("no", None)
            del data["at"]
            self.entries.append(
                {"run_id": run_id, "seq": seq, "kind": kind, "no": no, "at": event.at, "data": data}
            )
            if (write := WRITE.get(type(event))) is not None:
                write(self, event, seq)
            if isinstance(event, events.UndoEntered) and (step := decision.state.steps.get(event.no)):
                # It may be undone, and forgotten by the state, before any of it is written.
                self.change(event.no, undo_order=step.order)

    def change(self, no: int, **fields: Any) -> None:
        if no in self.entered:
            self.entered[no].update(fields)
        else:
            self.changes.setdefault(no, {}).update(fields)

    def write(self, state: RunState, trip: statements.Trip) -> None:
        for no in {*self.entered, *self.changes} & state.steps.keys():
            step = state.steps[no]
            self.change(no, status=step.status, reason=step.reason)
        trip.insert(JournalEntry, self.entries)
        trip.insert(StepRun, self.entered.values())
        self._write_items(trip)
        self._write_variables()
        for no, fields in self.changes.items():
            if fields:
                trip.update(StepRun, {"run_id": self.run.pk, "no": no}, fields)
        fields = {
            "state": dump_state(state),
            "seq": state.seq,
            "status": state.status,
            "reason": state.condition(),
            **self.run_changes,
        }
        trip.update(Run, {"id": self.run.pk}, fields)
        for name, value in fields.items():
            setattr(self.run, name, value)
        self.run.written = (self.run.state, state)

    def _write_items(self, trip: statements.Trip) -> None:
        trip.insert(Item, self.items)
        for no in self.items_afresh:
            trip.update(Item, {"run_id": self.run.pk, "no": no}, dict(UNENDED))
        for (no, index), fields in self.items_ended.items():
            trip.update(Item, {"run_id": self.run.pk, "no": no, "index": index}, fields)

    def _write_variables(self) -> None:
        if not self.variables:
            return
        Variable.objects.bulk_create(
            [
                Variable(run=self.run, scope=scope, name=name, value=value)
                for (scope, name), value in self.variables.items()
            ],
            update_conflicts=True,
            unique_fields=["run", "scope", "name"],
            update_fields=["value"],
        )

    def key_of(self, no: int) -> str:
        """The step's, of which a step run is."""
        if no in self.entered:
            return str(self.entered[no]["key"])
        return StepRun.objects.only("key").get(run=self.run, no=no).key

    def output_of(self, no: int | None) -> Any:
        if no in self.entered:
            return self.entered[no].get("output")
        if no in self.changes and "output" in self.changes[no]:
            return self.changes[no]["output"]
        return self.run.step_runs.filter(no=no or 0).values_list("output", flat=True).first()


def _run_started(record: Record, event: events.RunStarted, seq: int) -> None:
    record.run_changes["started_at"] = event.at


def _step_entered(record: Record, event: events.StepEntered, seq: int) -> None:
    record.entered[event.no] = BLANK | {
        "run_id": record.run.pk,
        "no": event.no,
        "key": event.key,
        "scope": event.scope,
        "status": Status.READY,
        "entered_at": event.at,
    }


def _attempt_ordered(record: Record, event: events.AttemptOrdered, seq: int) -> None:
    due = event.due if event.due > event.at else None
    doing = event.phase is Phase.DO
    told: dict[str, Any] = {"tries" if doing else "undo_tries": event.tries}
    if event.fault is not None:
        told["fault" if doing else "undo_fault"] = msgspec.to_builtins(event.fault)
    record.change(event.no, attempt=event.attempt, due_at=due, **told)


def _attempt_started(record: Record, event: events.AttemptStarted, seq: int) -> None:
    first = {"started_at": event.at} if event.phase is Phase.DO and event.attempt == 1 else {}
    record.change(event.no, due_at=None, **first)


def _touched(record: Record, event: events.StepEvent, seq: int) -> None:
    record.change(event.no)


def _step_parked(record: Record, event: events.StepParked, seq: int) -> None:
    told = {"fault": msgspec.to_builtins(event.fault)} if event.fault else {"started_at": event.at}
    record.change(event.no, due_at=event.until, ended_at=None, **told)


def _child_ordered(record: Record, event: events.ChildOrdered, seq: int) -> None:
    record.change(
        event.no, attempt=event.attempt, started_at=event.at, due_at=None, ended_at=None, fault=None
    )


def _lock_asked(record: Record, event: events.LockAsked, seq: int) -> None:
    record.change(event.no, due_at=None, ended_at=None, fault=None)


def _step_succeeded(record: Record, event: events.StepSucceeded, seq: int) -> None:
    record.change(
        event.no,
        status=Status.SUCCEEDED,
        reason=event.reason,
        output=record.keeper.seal(event.output),
        ended_at=event.at,
        due_at=None,
        completed=seq,
        compensable=event.compensable,
    )


def _step_failed(record: Record, event: events.StepFailed, seq: int) -> None:
    fault = msgspec.to_builtins(event.fault)
    more: dict[str, Any] = {"completed": seq, "compensable": True} if event.compensable else {}
    if event.hands_on:
        more["handed_on"] = record.keeper.seal(event.output)
    record.change(
        event.no,
        status=Status.FAILED,
        reason=event.reason,
        fault=fault,
        ended_at=event.at,
        due_at=None,
        **more,
    )


def _retry_ordered(record: Record, event: events.RetryOrdered, seq: int) -> None:
    fault = msgspec.to_builtins(event.fault)
    record.change(event.no, tries=event.tries, due_at=event.due, fault=fault)


def _step_given(record: Record, event: events.StepGiven, seq: int) -> None:
    record.change(event.no, input=record.keeper.seal(event.value))


def _items_redriven(record: Record, event: events.ItemsRedriven, seq: int) -> None:
    if event.afresh:
        record.items_ended = {
            place: told for place, told in record.items_ended.items() if place[0] != event.no
        }
        record.items_afresh.add(event.no)


def _step_skipped(record: Record, event: events.StepSkipped, seq: int) -> None:
    record.change(
        event.no, status=Status.SKIPPED, reason=Reason.DECIDED_BY_PERSON, ended_at=event.at, due_at=None
    )


def _step_cancelled(record: Record, event: events.StepCancelled, seq: int) -> None:
    record.change(event.no, status=Status.CANCELLED, reason=event.reason, ended_at=event.at, due_at=None)


def _compensation_owed(record: Record, event: events.CompensationOwed, seq: int) -> None:
    record.change(event.no, output=record.keeper.seal(event.output), ended_at=event.at)


def _undo_entered(record: Record, event: events.UndoEntered, seq: int) -> None:
    record.change(event.no, undo_started_at=event.at, undo_ended_at=None, undo_fault=None, due_at=None)


def _step_undone(record: Record, event: events.StepUndone, seq: int) -> None:
    crash_at("compensation.between_steps")
    record.change(event.no, status=Status.UNDONE, reason=event.reason, undo_ended_at=event.at, due_at=None)


def _undo_failed(record: Record, event: events.UndoFailed, seq: int) -> None:
    fault = msgspec.to_builtins(event.fault)
    record.change(event.no, undo_ended_at=event.at, undo_fault=fault, due_at=None)


def _items_listed(record: Record, event: events.ItemsListed, seq: int) -> None:
    record.items += [_item(record, event.no, index, item) for index, item in enumerate(event.items)]


def _items_added(record: Record, event: events.ItemsAdded, seq: int) -> None:
    first = record.run.items.filter(no=event.no).count()
    first += sum(row["no"] == event.no for row in record.items)
    record.items += [_item(record, event.no, first + place, item) for place, item in enumerate(event.items)]


def _item(record: Record, no: int, index: int, value: Any) -> dict[str, Any]:
    return BLANK_ITEM | {
        "run_id": record.run.pk,
        "no": no,
        "index": index,
        "value": record.keeper.seal(value),
    }


def _scope_ended(record: Record, event: events.ScopeEnded, seq: int) -> None:
    crash_at("join.after_decrement")
    index = scopes.index_of(event.scope)
    if index is None:
        return
    fault = msgspec.to_builtins(event.fault) if event.fault else None
    well = ItemStatus.SKIPPED if event.skipped else ItemStatus.SUCCEEDED
    record.items_ended[scopes.opener_of(event.scope), index] = {
        "status": ItemStatus.FAILED if fault else well,
        "last": event.last,
        "fault": fault,
        "ended_at": event.at,
    }


def _variable_set(record: Record, event: events.VariableSet, seq: int) -> None:
    record.variables[event.scope, event.name] = record.keeper.seal(event.value)


def _run_ended(record: Record, event: events.RunEnded, seq: int) -> None:
    record.run_changes |= {
        "ended_at": event.at,
        "fault": msgspec.to_builtins(event.fault) if event.fault else None,
        "output": record.output_of(event.output_of) if event.output_of else None,
    }


def _rollback_resumed(record: Record, event: Event, seq: int) -> None:
    record.run_changes["ended_at"] = None


WRITE: Mapping[type[Event], Callable[[Record, Any, int], None]] = {
    events.RunStarted: _run_started,
    events.StepEntered: _step_entered,
    events.AttemptOrdered: _attempt_ordered,
    events.AttemptStarted: _attempt_started,
    events.AttemptLost: _touched,
    events.TimerFired: _touched,
    events.StepParked: _step_parked,
    events.StepSucceeded: _step_succeeded,
    events.StepFailed: _step_failed,
    events.RetryOrdered: _retry_ordered,
    events.StepGiven: _step_given,
    events.ItemsRedriven: _items_redriven,
    events.StepSkipped: _step_skipped,
    events.StepCancelled: _step_cancelled,
    events.StepAbandoned: _touched,
    events.CompensationOwed: _compensation_owed,
    events.DeadLetterResolved: _touched,
    events.UndoEntered: _undo_entered,
    events.StepUndone: _step_undone,
    events.UndoFailed: _undo_failed,
    events.VariableSet: _variable_set,
    events.ItemsListed: _items_listed,
    events.ItemsAdded: _items_added,
    events.ScopeEnded: _scope_ended,
    events.RunEnded: _run_ended,
    events.ChildOrdered: _child_ordered,
    events.ChildStarted: _touched,
    events.ChildRefused: _touched,
    events.ChildEnded: _touched,
    events.LockAsked: _lock_asked,
    events.LockGranted: _touched,
    events.RollbackResumed: _rollback_resumed,
}
