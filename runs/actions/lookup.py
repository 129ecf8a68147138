"""Looking up what a decision needs to read."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from runs.engine import (
    ABSENT,
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
    StepOutput,
    TokenOf,
    Variable,
)
from runs.models import Keeper, Run, StepRun
from runs.models import Variable as VariableRow
from runs.models.item import ItemStatus
from runs.models.outputs import outputs_of_items


def look_up(run: Run, references: Iterable[Reference]) -> dict[Reference, Any]:
    """The value of each reference; ABSENT for those that are not there."""
    return {reference: LOOK_UP[type(reference)](run, reference) for reference in references}


def run_facts(run: Run, started_at: datetime | None = None) -> Mapping[str, Any]:
    """What expressions see as ``run``; ``started_at`` where no row tells of it yet."""
    started = started_at or run.started_at or run.created_at
    return {
        "id": str(run.pk),
        "key": run.key,
        "version": str(run.version_id),
        "started_at": started.isoformat(),
    }


def _run_input(run: Run, reference: RunInput) -> Any:
    return Keeper(run).open(run.input)


def _step_output(run: Run, reference: StepOutput) -> Any:
    ended = run.step_runs.filter(key=reference.key, scope=reference.scope).exclude(ended_at=None)
    newest = ended.order_by("-no").only("output", "completed").first()
    # One that was left has none to show, even if it owes an undo that reads what it gave.
    return None if newest is not None and newest.completed is None else _output(run, newest)


def _output_of(run: Run, reference: OutputOf) -> Any:
    return _output(run, run.step_runs.filter(no=reference.no).only("output").first())


def _token_of(run: Run, reference: TokenOf) -> Any:
    step = run.step_runs.filter(no=reference.no).only("output", "handed_on").first()
    if step is None or step.handed_on is None:
        return _output(run, step)
    return Keeper(run).open(step.handed_on)


def _given_to(run: Run, reference: GivenTo) -> Any:
    step = run.step_runs.filter(no=reference.no).only("input").first()
    return ABSENT if step is None or step.input is None else Keeper(run).open(step.input)


def _variable(run: Run, reference: Variable) -> Any:
    row = VariableRow.objects.filter(run=run, scope=reference.scope, name=reference.name).first()
    return ABSENT if row is None else Keeper(run).open(row.value)


def _item(run: Run, reference: ItemOf) -> Any:
    row = run.items.filter(no=reference.no, index=reference.index).only("value").first()
    return ABSENT if row is None else Keeper(run).open(row.value)


def _results(run: Run, reference: ResultsOf) -> list[Any]:
    return Keeper(run).open_all(outputs_of_items(run, reference.no))


def _faults(run: Run, reference: FaultsOf) -> dict[int, Fault]:
    failed = run.items.filter(no=reference.no, status=ItemStatus.FAILED).values_list("index", "fault")
    return {index: msgspec.convert(fault, Fault) for index, fault in failed}


def _next_unfinished(run: Run, reference: NextUnfinished) -> Any:
    left = run.items.filter(no=reference.no, index__gt=reference.after)
    over = [ItemStatus.SUCCEEDED, ItemStatus.SKIPPED]
    following = left.exclude(status__in=over).values_list("index", flat=True).first()
    return ABSENT if following is None else following


def _newest_success(run: Run, reference: NewestSuccess) -> Any:
    ledger = run.ledger
    if reference.below is not None:
        ledger = ledger.filter(completed__lt=reference.below)
    step = ledger.first()
    if step is None or step.completed is None:
        return ABSENT
    return LedgerEntry(
        no=step.no, key=step.key, scope=step.scope, completed=step.completed, attempt=step.attempt
    )


def _output(run: Run, step: StepRun | None) -> Any:
    if step is None:
        return ABSENT
    return None if step.output is None else Keeper(run).open(step.output)


LOOK_UP: Mapping[type[Reference], Callable[[Run, Any], Any]] = {
    RunInput: _run_input,
    StepOutput: _step_output,
    OutputOf: _output_of,
    TokenOf: _token_of,
    GivenTo: _given_to,
    Variable: _variable,
    ItemOf: _item,
    ResultsOf: _results,
    FaultsOf: _faults,
    NextUnfinished: _next_unfinished,
    NewestSuccess: _newest_success,
}
