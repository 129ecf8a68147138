"""What each event does to the state. `replay` is a fold of these alone: no graph, no values, no clock."""

from collections.abc import Iterable, Mapping
from functools import reduce

from msgspec.structs import replace

from . import events as e
from .applying import runs, scopes, steps
from .applying.moves import Apply, unchanged
from .state import RunState

ACCEPTED = RunState()  # a run that nothing has happened to


def replay(events: Iterable[e.Event], state: RunState = ACCEPTED) -> RunState:
    return reduce(apply, events, state)


def apply(state: RunState, event: e.Event) -> RunState:
    """The state after ``event``. Raises IllegalMove, which no accepted event causes."""
    return replace(APPLY[type(event)](state, event), seq=state.seq + 1)


# What people and workers did: it stands in the journal, and what follows from it changes the state.
RECORDS = (
    e.ReportRefused,
    e.ReviewDecided,
    e.SignalReceived,
    e.CancelRequested,
    e.ReviewOverdue,
    e.SignalAwaited,
    e.SignalEmitted,
    e.BranchTaken,
    e.StepGiven,
    e.VariableSet,
    e.JoinForced,
    e.RunDeadlinePassed,
)

APPLY: Mapping[type[e.Event], Apply] = {
    **runs.APPLY,
    **steps.APPLY,
    **scopes.APPLY,
    **dict.fromkeys(RECORDS, unchanged),
}
