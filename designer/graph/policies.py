"""Policies: what a step wants done when things go wrong. Each is a value; some return a decision."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from hashlib import blake2b
from typing import Any

Template = Any  # JSON whose strings may hold ${ expressions }
ANY_ERROR = "*"
UNCATCHABLE = "States.Runtime"  # what “all errors” of ASL leaves out, as recorded on AWS
TIMEOUTS = ("States.Timeout", "States.HeartbeatTimeout")


class OnExhausted(StrEnum):
    """What happens when a step has given up and nothing caught its error."""

    FAIL = "fail"  # hand the error to the enclosing step, or fail the run
    DEAD_LETTER = "dead_letter"  # park the step until a person decides
    COMPENSATE = "compensate"  # fail the run at once and undo what was done
    CONTINUE = "continue"  # go on with an empty output


class OnFailure(StrEnum):
    """What a failing run does with the steps that succeeded."""

    COMPENSATE = "compensate"
    KEEP = "keep"


class OnBranchFailure(StrEnum):
    """What an opener does when its join can no longer pass."""

    STOP = "stop"  # cancel the other scopes at once
    WAIT = "wait"  # let the other scopes finish, then fail
    CONTINUE = "continue"  # let them finish, and go on with what there is


class UndoOrder(StrEnum):
    """In which order a rollback undoes what was done."""

    REVERSE = "reverse"  # one at a time, the newest success first
    AT_ONCE = "at_once"  # all side by side


class AfterFailedUndo(StrEnum):
    """What a rollback does when a compensation has given up."""

    STOP = "stop"  # it stands until a person has decided
    GO_ON = "go_on"  # the others are undone all the same


class Rest(StrEnum):
    """What becomes of the scopes that a join has not waited for."""

    CANCEL = "cancel"
    ABSORB = "absorb"  # they go on, and nobody waits for them


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """How often, how soon and after which errors a step is tried again.

    ``others`` are further rules, each with tries of its own: the first that covers an error decides.
    """

    attempts: int = 1
    wait: timedelta = timedelta(seconds=1)
    factor: float = 2.0
    longest: timedelta = timedelta(minutes=5)
    jitter: bool = True
    on: tuple[str, ...] = ()
    never_on: tuple[str, ...] = ()
    others: tuple["Retry", ...] = ()

    @property
    def rules(self) -> tuple["Retry", ...]:
        return (self, *self.others)

    @property
    def most(self) -> int:
        """How many tries all rules together allow."""
        return sum(rule.attempts - 1 for rule in self.rules) + 1

    def rule_for(self, error: str, retryable: bool) -> int:
        """The number of the rule that decides about an error; the first where none covers it, which then says no."""
        covering = (no for no, rule in enumerate(self.rules) if rule.covers(error, retryable))
        return next(covering, 0)

    def again(self, *, tries: int, error: str, retryable: bool, key: str) -> timedelta | None:
        """How long to wait before the next try, or None to give up.

        ``tries`` counts the tries made so far; ``key`` seeds the jitter, so the same attempt waits the same.
        """
        if tries >= self.attempts or not self.covers(error, retryable):
            return None
        return self.backoff(tries, key)

    def covers(self, error: str, retryable: bool) -> bool:
        if matches(self.never_on, error):
            return False
        return matches(self.on, error) if self.on else retryable

    def backoff(self, tries: int, key: str) -> timedelta:
        """The wait after try number ``tries``: exponential and capped.

        With jitter it is shortened by up to a half ("equal jitter", Brooker 2015), so that a crowd of steps
        that failed together does not come back together.
        """
        try:
            seconds = self.wait.total_seconds() * self.factor ** (tries - 1)
        except OverflowError:
            seconds = self.longest.total_seconds()
        seconds = min(seconds, self.longest.total_seconds())
        return timedelta(seconds=seconds * (1 - _fraction(key) / 2) if self.jitter else seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Undoing:
    """How a rollback goes about it. Engines of sagas disagree here, so that each workflow may say it."""

    failed_step: bool = False  # whether a step that was tried in vain is undone too
    order: UndoOrder = UndoOrder.REVERSE
    after_failure: AfterFailedUndo = AfterFailedUndo.STOP


@dataclass(frozen=True, slots=True, kw_only=True)
class Catch:
    """A fallback: these errors lead on to that step instead of failing."""

    on: tuple[str, ...] = (ANY_ERROR,)
    next: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compensate:
    """How to undo a step that succeeded: a call of another step type, with tries of its own."""

    does: str = ""
    inputs: Mapping[str, Template] = field(default_factory=dict)
    retry: Retry = Retry(attempts=4)
    timeout: timedelta | None = None

    @property
    def name(self) -> str:
        """The step type without its version: what the pages call an undo."""
        return self.does.partition("@")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """When an opener has enough: how many scopes must end well, and how many may fail."""

    wait_for: str | int = "all"  # all, any, a number, or a share such as 60%
    tolerate: str | int = 0  # how many failures are let pass: a number or a share
    on_failure: OnBranchFailure = OnBranchFailure.STOP
    rest: Rest = Rest.CANCEL

    def need(self, total: int) -> int:
        """How many of ``total`` scopes must have ended well."""
        match self.wait_for:
            case "all":
                return total - self.spare(total)
            case "any":
                return min(total, 1)
        return min(total, -(_hundredths(self.wait_for, total) // -100))

    def spare(self, total: int) -> int:
        """How many of ``total`` scopes may fail, where all are waited for."""
        return min(total, _hundredths(self.tolerate, total) // 100)

    def verdict(self, total: int, succeeded: int, failed: int) -> bool | None:
        """Whether the join has passed, can no longer pass, or (None) must wait."""
        everything = succeeded + failed >= total
        enough = succeeded >= self.need(total)
        if enough and (everything or self.wait_for != "all"):
            return True
        if self.on_failure is OnBranchFailure.CONTINUE:
            return everything or None
        hopeless = total - failed < self.need(total)
        patient = self.on_failure is OnBranchFailure.WAIT and not everything
        return False if hopeless and not patient else None


def matches(names: tuple[str, ...], error: str) -> bool:
    """Whether an error is one of these. Some names stand for families of errors."""
    return error in names or ANY_ERROR in names or any(_is_of(family, error) for family in names)


def _is_of(family: str, error: str) -> bool:
    """The families of the Amazon States Language."""
    match family:
        case "States.ALL":
            return error != UNCATCHABLE
        case "States.TaskFailed":
            return error not in (UNCATCHABLE, *TIMEOUTS)
        case "States.Timeout":
            return error in TIMEOUTS
    return False


def _hundredths(written: str | int, total: int) -> int:
    """A number, or a share of ``total`` such as 60%, times a hundred."""
    text = str(written)
    return int(text[:-1]) * total if text.endswith("%") else int(text) * 100


def _fraction(key: str) -> float:
    return int.from_bytes(blake2b(key.encode(), digest_size=4).digest()) / 2**32
