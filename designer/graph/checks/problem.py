"""What checks say: a problem has a code, a sentence and a place, and where possible an edit that mends it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

from designer.graph.edits.operations import Operation

from .view import View


class Severity(StrEnum):
    ERROR = "error"  # keeps the draft from being published
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Fix:
    """One click that mends the problem: what the button says, and the edit it does."""

    label: str
    operation: Operation


@dataclass(frozen=True, slots=True)
class Found:
    """What a check has found; its code and severity are the check's."""

    message: str
    step: str | None = None  # None: the workflow itself
    field: str = ""  # as the editor's forms name it: next, inputs.amount, options.0.when
    fix: Fix | None = None


@dataclass(frozen=True, slots=True)
class Check:
    code: str
    severity: Severity
    find: Callable[[View], Iterator[Found]]


@dataclass(frozen=True, slots=True)
class Problem:
    code: str
    severity: Severity
    message: str
    step: str | None = None
    field: str = ""
    fix: Fix | None = None


def closest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant."""
    words = {each.lower(): each for each in known}
    return words.get(word.lower()) or words.get(next(iter(get_close_matches(word.lower(), words, n=1)), ""))


def asked(word: str | None) -> str:
    """“ Did you mean …?” where there is something to ask."""
    return f" Did you mean “{word}”?" if word else ""


def listed(words: Iterable[str]) -> str:
    """The first few of ``words``, for a sentence."""
    known = list(words)
    return ", ".join(known[:6]) + (", …" if len(known) > 6 else "")
