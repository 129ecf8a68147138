"""The parts that steps are made of: ways out, branches, answers, and what may end a wait."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .policies import Template


@dataclass(frozen=True, slots=True)
class Exit:
    """A way out of a step: where it leads, and what it is called in the pictures."""

    next: str
    label: str = ""
    caught: bool = False


@dataclass(frozen=True, slots=True)
class Option:
    when: str
    next: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Branch:
    """A body of an opener: where its scope begins, and for a parallel's whether and when it is opened."""

    name: str
    start: str = ""
    title: str = ""
    when: str = ""  # opened only if this holds
    needs: tuple[str, ...] = ()  # the siblings that must have ended well before


def needed_by(branches: Iterable[Branch], name: str) -> tuple[str, ...]:
    """The branches that one needs, and those that they need in turn, nearest first."""
    needs = {branch.name: branch.needs for branch in branches}
    found, waiting = dict[str, None](), list(needs.get(name, ()))
    for one in waiting:
        if one != name and one not in found:
            found[one] = None
            waiting += needs.get(one, ())
    return tuple(found)


def in_batches(items: list[Any], size: int) -> list[Any]:
    """What each body of a map is given: an item, or a list of so many."""
    if size == 1:
        return items
    return [items[first : first + size] for first in range(0, len(items), size)]


@dataclass(frozen=True, slots=True)
class Shown:
    """A line of evidence on the decision page."""

    label: str
    value: Template


@dataclass(frozen=True, slots=True)
class Outcome:
    """One of the answers a reviewer may give."""

    name: str
    next: str = ""
    title: str = ""
    reason_required: bool = False
    approvals: int | None = None  # how many people must give it; None: what the kind of answer asks for
    groups: tuple[str, ...] = ()  # who may give it, of those who may decide


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewers:
    groups: tuple[str, ...] = ()
    approvals: int = 1
    four_eyes: bool = False  # whoever started the run may not decide


@dataclass(frozen=True, slots=True, kw_only=True)
class Awaited:
    """A signal that is waited for: its name, and the key that says which of that name is meant."""

    name: str = ""
    key: Template = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One of the things that may end a wait. Exactly one of the last four is given."""

    name: str
    next: str = ""
    title: str = ""
    duration: str = ""
    until: str = ""
    signal: Awaited | None = None
    person: Reviewers | None = None
