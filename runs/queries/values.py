"""A run's values for people: small ones as JSON, large ones by their size and where all of them is to be had."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from runs.models import Run, StoredValue
from runs.models.outputs import each_part, made_of

from .veils import veil_of

SHOWN = 20_000  # characters of JSON that a page prints
COLUMNS = ("input", "output", "undo_input")


@dataclass(frozen=True, slots=True)
class ShownValue:
    title: str
    what: str  # names it in the address of the whole value
    text: str  # indented JSON; empty when it is too long to print
    size: int  # characters
    is_whole: bool


def shown_value(run: Run, title: str, what: str, envelope: Any, *, name: str = "") -> ShownValue:
    """``name`` is what a variable is called."""
    value = shown_output(run, envelope, name=name)
    text = written(value)
    fits = len(text) <= SHOWN
    return ShownValue(title, what, text if fits else "", len(text), fits and not _is_apart(envelope))


def written(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)


def shown_output(run: Run, envelope: Any, *, name: str = "") -> Any:
    """An envelope's value for people: gathered outputs collected, large ones named by their size."""
    found = _opened(run, envelope, lambda pk: f"({_size(run, pk):,} bytes, kept aside)")
    return veil_of(run, now=True).value(found, name)


def whole_value(run: Run, envelope: Any, *, name: str = "") -> Any:
    """An envelope's value with everything in it that its reader may see."""
    found = _opened(run, envelope, lambda pk: json.loads(StoredValue.objects.get(pk=pk, run=run).data))
    return veil_of(run, now=True).value(found, name)


def find_envelope(run: Run, what: str) -> Any:
    """What ``what`` names: input, output, variable-12, step-3-input. None when there is no such value."""
    match what.split("-"):
        case ["input" | "output"]:
            return getattr(run, what)
        case ["variable", pk] if _is_number(pk):
            return run.variables.filter(pk=int(pk)).values_list("value", flat=True).first()
        case ["step", no, column] if _is_number(no) and column in COLUMNS:
            return run.step_runs.filter(no=int(no)).values_list(column, flat=True).first()
    return None


def name_of_value(run: Run, what: str) -> str:
    """What a variable is called; other values have no name."""
    kind, _, pk = what.partition("-")
    known = run.variables.filter(pk=int(pk)) if kind == "variable" and _is_number(pk) else None
    return known.values_list("name", flat=True).first() or "" if known is not None else ""


def _opened(run: Run, envelope: Any, stored: Callable[[int], Any]) -> Any:
    if envelope is None:
        return None
    if (made := made_of(run, envelope)) is not None:
        return each_part(made, lambda part: _opened(run, part, stored))
    if "parts" in envelope:
        return {name: _opened(run, part, stored) for name, part in envelope["parts"].items()}
    return stored(envelope["stored"]) if "stored" in envelope else envelope["is"]


def _is_apart(envelope: Any) -> bool:
    """Whether some of it may be kept aside."""
    return envelope is not None and "is" not in envelope


def _size(run: Run, pk: int) -> int:
    return run.stored_values.values_list("size", flat=True).get(pk=pk)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 10
