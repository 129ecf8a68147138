"""What is beside a run, as strict as a database: what makes no sense is an error here."""

from runs.engine import AcquireLock, CancelChild, Command, Fault, ReleaseLock, SetTimer, StartChild, UndoChild
from runs.simulation import Beside, Child, Place, child_id

__all__ = ["NOWHERE", "Child", "Place", "StrictBeside", "child_id"]

NOWHERE = "nowhere"  # what cannot be started


class StrictBeside(Beside):
    def carry_out(self, command: Command) -> None:
        match command:
            case StartChild(no=no, attempt=attempt):
                assert (no, attempt) not in self.children, "the same run is started twice"
            case CancelChild(no=no, attempt=attempt):
                child = self.children[no, attempt]
                assert child.is_awaited and child.cancelled is None, "a run is cancelled that nobody awaits"
            case UndoChild(no=no, attempt=attempt):
                child = self.children[no, attempt]
                assert child.over and not child.undoing, "a run is undone that is under way"
            case AcquireLock(no=no):
                assert no not in self.waiting and no not in self.holding, "a step asks for two locks"
            case ReleaseLock(no=no, name=name):
                assert name == (self.waiting.get(no) or self.holding.get(no))
            case SetTimer(no=0):
                assert self.due is None, "the run has two deadlines"
        super().carry_out(command)

    def refusal(self, order: StartChild) -> Fault | None:
        if order.runs != NOWHERE:
            return None
        return Fault(name="UnknownWorkflow", message="There is no workflow nowhere.", retryable=False)
