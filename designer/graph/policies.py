"""Policies: what a step wants done when things go wrong. Each is a value; some return a decision."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from hashlib import blake2b
from typing import Any

Template = Any  # JSON whose strings may hold ${ expressions }
ANY_ERROR = "*"


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
    """What a parallel does when its join can no longer pass."""

    STOP = "stop"  # cancel the other branches at once
    WAIT = "wait"  # let the other branches finish, then fail


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """How often, how soon and after which errors a step is tried again."""

    attempts: int = 1
    wait: timedelta = timedelta(seconds=1)
    factor: float = 2.0
    longest: timedelta = timedelta(minutes=5)
    jitter: bool = True
    on: tuple[str, ...] = ()
    never_on: tuple[str, ...] = ()

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
    """When a parallel has enough: all branches, any one of them, or a number."""

    wait_for: str | int = "all"
    on_failure: OnBranchFailure = OnBranchFailure.STOP

    def need(self, branches: int) -> int:
        if self.wait_for == "all":
            return branches
        return 1 if self.wait_for == "any" else min(int(self.wait_for), branches)


def matches(names: tuple[str, ...], error: str) -> bool:
    return error in names or ANY_ERROR in names


def _fraction(key: str) -> float:
    return int.from_bytes(blake2b(key.encode(), digest_size=4).digest()) / 2**32
