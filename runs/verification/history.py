"""Of a run's journal, and of the rows that repeat what it says."""

from collections.abc import Iterable, Mapping

from runs.engine import Event, Status, replay
from runs.engine import events as e

from .account import Account

FATES: Mapping[type[Event], Status] = {
    e.StepSucceeded: Status.SUCCEEDED,
    e.StepFailed: Status.FAILED,
    e.StepSkipped: Status.SKIPPED,
    e.StepCancelled: Status.CANCELLED,
    e.StepUndone: Status.UNDONE,
}


def the_journal_has_no_gap(account: Account) -> Iterable[str]:
    seqs = [seq for seq, *_ in account.beside.entries]
    if seqs != list(range(1, account.run.seq + 1)):
        yield f"the entries are {seqs[:3]}…{seqs[-3:]}, and the run says there are {account.run.seq}."


def the_journal_explains_the_state(account: Account) -> Iterable[str]:
    if replay(account.events) != account.state:
        yield f"the fold of {len(account.events)} events is not the stored state."


def rows_say_what_the_state_says(account: Account) -> Iterable[str]:
    run, state = account.run, account.state
    stored, meant = (run.status, run.reason, run.seq), (state.status, state.condition(), state.seq)
    if stored != meant:
        yield f"the run's row says {stored}, its state {meant}."
    entered = {event.no: event for _, event in account.told(e.StepEntered)}
    if entered.keys() != account.step_runs.keys():
        yield f"steps {sorted(entered)} were entered, and there are rows for {sorted(account.step_runs)}."
    fates: dict[int, Status] = {}
    for _, event in account.told(*FATES):
        fates[event.no] = FATES[type(event)]
    for no, row in account.step_runs.items():
        active = state.steps.get(no)
        meant_status = active.status if active else fates.get(no)
        if row.status != meant_status:
            yield f"the row of {row} says {row.status}, the journal {meant_status}."
        if active and row.reason != active.reason:
            yield f"the row of {row} says {row.reason}, the state {active.reason}."
        if (row.key, row.scope) != (entered[no].key, entered[no].scope):
            yield f"the row of {row} is about another step."


def the_end_is_final(account: Account) -> Iterable[str]:
    for (seq, before), after in zip(enumerate(account.events, 1), account.events[1:], strict=False):
        reopening = e.DeadLetterResolved | e.ChildEnded | e.UndoRequested
        if isinstance(before, e.RunEnded) and not isinstance(after, reopening):
            yield f"{type(after).__name__} follows the end at {seq}."
    if account.run.ended_at is None and account.state.status.is_over:
        yield "it is over, and nobody knows when it ended."
    if account.run.ended_at is not None and not account.state.status.is_over:
        yield "it goes on, and has a time at which it ended."
