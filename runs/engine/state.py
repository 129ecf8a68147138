"""The state of a run: what is active now, and nothing about what is over.

Its size follows the number of active steps, never the length of the history. Outputs, inputs and variables
are rows; the state holds none of them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from msgspec import Struct, field

from designer.graph import ROOT

from .status import Reason, RunStatus, Status


class Phase(StrEnum):
    DO = "do"
    UNDO = "undo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What went wrong, in the form a ``catch`` matches and a person reads."""

    name: str
    message: str = ""
    step: str = ""
    retryable: bool = True
    rollback: bool = True  # False: whoever failed asked for nothing to be undone
    final: bool = False  # no retry and no fallback may take it


class ActiveStep(Struct, frozen=True, kw_only=True):
    """A step run that is not over."""

    no: int  # its number in the run, from 1
    key: str
    scope: str
    status: Status
    reason: Reason | None = None
    attempt: int = 0  # the newest attempt ordered; numbers are never used twice
    tries: int = 0  # attempts counted by the policy since it was entered, or since a person said "retry"
    spent: Mapping[int, int] = field(default_factory=dict)  # further tries, by the rule that granted them
    losses: int = 0  # workers lost during the newest attempt
    out: bool = False  # a worker holds the newest attempt
    timers: tuple[str, ...] = ()
    order: int = 0  # its place in the order of undoing, from 1
    owed: int = 0  # the journal entry that made its compensation owed; 0 for none
    let_go: bool = False  # a person skipped its compensation
    outside: bool = False  # it waits for its lock, and has not really begun
    since: datetime | None = None  # when it was entered, or a person had it tried again
    fault: Fault | None = None

    @property
    def is_stuck(self) -> bool:
        """Whether its undo has failed, and nobody has had it tried again since."""
        return self.status is Status.UNDO_FAILED and self.fault is not None


class Scope(Struct, frozen=True, kw_only=True):
    """An open scope: a branch of a parallel, an item of a map, a round of a loop, or the workflow itself."""

    id: str = ROOT
    opener: int = 0  # the step run that opened it; 0 for the workflow
    branch: str = ""
    ended: bool = False
    token: int | None = None  # the step run that handed on last; None: what the scope began with
    last: int | None = None  # the step run whose output is the scope's
    fault: Fault | None = None  # why it failed
    caught: Fault | None = None  # what ``error`` means to the steps of this scope
    skipped: bool = False  # it was not opened, or cancelled: it counts neither way
    absorbed: bool = False  # what opened it has gone on without it


class Fan(Struct, frozen=True, kw_only=True):
    """The items of a map, counted. Those that are over are rows."""

    total: int = 0
    newest: int = -1  # the item begun last: they are begun in their order
    under_way: int = 0
    succeeded: int = 0
    failed: int = 0
    fault: Fault | None = None  # of the first that failed
    closed: bool = True  # whether no more items can be added
    again: bool = False  # those that succeeded before are left out
    skipped: int = 0  # cancelled from outside: the join does not count them
    at_once: int | None = None  # how many at a time, where its flow has worked that out
    tolerate: int | None = None  # how many may fail, where its flow has worked that out


class Lock(Struct, frozen=True, kw_only=True):
    """What a step run has asked for, and holds once it is let in."""

    name: str
    area: str  # what the ids of the scopes inside the step begin with


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How the run will end, once nothing is active any more."""

    status: RunStatus
    rollback: bool = False
    fault: Fault | None = None
    output_of: int | None = None


class RunState(Struct, frozen=True, kw_only=True):
    seq: int = 0  # the journal's newest entry
    status: RunStatus = RunStatus.READY
    reason: Reason | None = None
    last_no: int = 0
    steps: Mapping[int, ActiveStep] = field(default_factory=dict)
    scopes: Mapping[str, Scope] = field(default_factory=dict)
    fans: Mapping[int, Fan] = field(default_factory=dict)  # by the step run of the map
    visits: Mapping[str, int] = field(default_factory=dict)
    ending: Ending | None = None
    undo_below: int | None = None  # the cursor of the rollback: older successes are still to be undone
    undo_count: int = 0
    locks: Mapping[int, Lock] = field(default_factory=dict)  # by step run
    deadline: datetime | None = None  # of the whole run

    @property
    def leaves_all_as_it_is(self) -> bool:
        """Whether the run ends without undoing: somebody has said so, and it goes for what comes in late too."""
        ending = self.ending
        return ending is not None and ending.status is not RunStatus.SUCCEEDED and not ending.rollback

    def active(self) -> Iterator[ActiveStep]:
        """The steps that something is awaited from. A stuck undo awaits a person, not the run."""
        return (step for step in self.steps.values() if step.status is not Status.UNDO_FAILED)

    def scopes_of(self, no: int) -> tuple[Scope, ...]:
        """The scopes that a step run has opened and still waits for."""
        return tuple([one for one in self.scopes.values() if one.opener == no and not one.absorbed])

    def condition(self) -> Reason | None:
        """What a living run is waiting for, in one word: the most telling of its steps' reasons."""
        if self.status.is_over:
            return self.reason
        active = tuple(self.active())
        if active and all(step.status is Status.ABANDONED for step in active):
            return Reason.AWAITING_REPORT
        reasons = {step.reason for step in active}
        return next((reason for reason in TELLING if reason in reasons), None)


TELLING = (
    *(Reason.DEAD_LETTERED, Reason.OUTCOME_UNKNOWN, Reason.AWAITING_REVIEW, Reason.BACKING_OFF),
    *(Reason.AWAITING_LOCK, Reason.AWAITING_CHILD),
    *(Reason.AWAITING_SIGNAL, Reason.AWAITING_TIMER),
)
