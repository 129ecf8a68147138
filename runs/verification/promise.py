"""A promise, and what is said where it is broken."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import UUID

from .account import Account

REPORT = (
    "Rows were changed past Choreo, or Choreo has a defect: keep a copy of the database, and report it with these"
    " lines. Where the run must be right, restore its rows from a backup."
)
STUCK = "It will not go on by itself: cancel the run and start it anew, and report it with these lines."
LATE = "Nothing can be taken back: look at what the step did outside, correct it by hand, and report it."
PEOPLE = "Ask those who answered, and let somebody who may decide look at the run again."


@dataclass(frozen=True, slots=True)
class Promise:
    """What is promised of every run. ``find`` says, in sentences, where it is broken."""

    number: str  # of the invariant in docs/reliability.md
    find: Callable[[Account], Iterable[str]]
    advice: str

    @property
    def name(self) -> str:
        return self.find.__name__

    def broken_in(self, account: Account) -> Iterable["Broken"]:
        try:
            yield from (
                Broken(account.run.pk, self.number, self.name, said, self.advice)
                for said in self.find(account)
            )
        except Exception as problem:
            # Damaged rows may raise anything, and the other promises are still worth looking at.
            said = f"it cannot be looked at: {type(problem).__name__}: {problem}"
            yield Broken(account.run.pk, self.number, self.name, said, self.advice)


@dataclass(frozen=True, slots=True)
class Broken:
    """A broken promise: of which run (None: of the database as a whole), what is wrong, and what to do."""

    run: UUID | None
    number: str
    name: str
    said: str
    advice: str

    def __str__(self) -> str:
        return f"{self.name}: {self.said}"


class BrokenPromises(AssertionError):
    """What a run does not keep, one sentence a line."""
