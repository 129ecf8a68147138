"""Of rollbacks: backwards, alone, each step once."""

from collections.abc import Iterable

from designer.graph import UndoOrder
from runs.engine import Reason, Status
from runs.engine import events as e

from .account import Account


def undoing_goes_backwards_alone_and_once(account: Account) -> Iterable[str]:
    done: dict[int, int] = {}
    debts: set[int] = set()
    begun: set[int] = set()
    rolling = undoing = False
    for seq, event in enumerate(account.events, 1):
        match event:
            case e.StepSucceeded(no=no, compensable=True) if account.has_undo(account.step_runs[no].key):
                done[no] = seq
            case e.StepFailed(no=no, compensable=True) if account.graph.undoing.failed_step:
                done[no] = seq
            case e.CompensationOwed(no=no):
                debts.add(no)
            case e.RollbackStarted():
                rolling = True
            case e.StepEntered(key=key) if rolling:
                yield f"{key} was entered at {seq}, after the rollback had started."
            case e.UndoEntered(no=no):
                if undoing and account.graph.undoing.order is UndoOrder.REVERSE:
                    yield f"the undo of {no} was entered at {seq} while another was under way."
                undoing = True
                if no in begun:
                    continue  # a person had it tried again
                begun.add(no)
                if no in debts:
                    debts.discard(no)
                elif no not in done or done[no] != max(done.values()):
                    yield f"the undo of {no} was entered at {seq}, out of turn."
                done.pop(no, None)
            case e.StepUndone() | e.UndoFailed():
                undoing = False
    if account.state.reason == Reason.ROLLED_BACK and done:
        yield f"it says that all was undone, and {sorted(done)} were not."
    if account.state.status.is_over and debts:
        yield f"it is over, and {sorted(debts)} still owe their undo."


def an_incomplete_rollback_says_so(account: Account) -> Iterable[str]:
    stuck = any(row.status == Status.UNDO_FAILED for row in account.step_runs.values())
    if account.state.status.is_over and stuck != (account.state.reason == Reason.ROLLBACK_INCOMPLETE):
        yield f"it ended as {account.state.reason}, and {'an' if stuck else 'no'} undo has failed."
