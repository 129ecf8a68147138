"""The choice rules of JSONPath states: `{"Variable": "$.total", "NumericGreaterThan": 100}`, And, Or, Not."""

import json
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from .filters import is_number
from .flow import RUNTIME, Flaw, FlowError
from .moments import find_moment
from .paths import Path, read_path
from .payloads import flaws_of
from .scanning import Unreadable
from .view import MISSING, View, readable

type Test = Callable[[Any, Any], bool]

DEEPEST = 50  # rules within each other
_PARTS = re.compile(r"\\[*\\]|.", re.DOTALL)
_JOINTS = ("And", "Or", "Not")
_SIDE = {"Next", "Comment", "Assign", "Output"}  # what stands beside a rule without being of it
_ORDER: dict[str, Test] = {
    "Equals": operator.eq,
    "LessThanEquals": operator.le,
    "GreaterThanEquals": operator.ge,
    "LessThan": operator.lt,
    "GreaterThan": operator.gt,
}


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_truth(value: Any) -> bool:
    return isinstance(value, bool)


def _is_moment(value: Any) -> bool:
    return find_moment(value) is not None


def _same(value: Any) -> Any:
    return value


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of values that rules compare: what belongs to it, and what of a value is compared."""

    belongs: Callable[[Any], bool]
    compared: Callable[[Any], Any] = _same


KINDS = {
    "String": Kind(_is_text),
    "Numeric": Kind(is_number),
    "Boolean": Kind(_is_truth),
    "Timestamp": Kind(_is_moment, find_moment),
}
STATES: dict[str, Callable[[Any], bool]] = {
    "IsNull": lambda value: value is None,
    "IsString": _is_text,
    "IsNumeric": is_number,
    "IsBoolean": _is_truth,
    "IsTimestamp": _is_moment,
}
COMPARISONS: dict[str, tuple[Kind, Test]] = {
    f"{name}{order}": (kind, test)
    for name, kind in KINDS.items()
    for order, test in _ORDER.items()
    if name != "Boolean" or order == "Equals"
}
OPERATORS = frozenset(
    {*STATES, *COMPARISONS, *(f"{name}Path" for name in COMPARISONS), "IsPresent", "StringMatches"}
)


def holds(rule: Mapping[str, Any], view: View) -> bool:
    """Whether the rule holds.

    Raises FlowError.
    """
    if "And" in rule:
        return all(holds(inner, view) for inner in _rules(rule["And"]))
    if "Or" in rule:
        return any(holds(inner, view) for inner in _rules(rule["Or"]))
    if "Not" in rule:
        return not holds(_rules([rule["Not"]])[0], view)
    name = _operator(rule)
    wanted = rule[name]
    found = view.find(readable(rule.get("Variable"), "Variable"))
    if name == "IsPresent":
        return (found is not MISSING) == bool(wanted)
    if name in STATES:
        return _is(name, found, wanted, rule)
    if found is MISSING:
        raise _lost(rule["Variable"])
    if name == "StringMatches":
        return isinstance(found, str) and isinstance(wanted, str) and fits(found, wanted)
    if name.endswith("Path"):
        wanted, name = view.look_up(wanted, name), name.removesuffix("Path")
    kind, test = COMPARISONS[name]
    return kind.belongs(found) and kind.belongs(wanted) and test(kind.compared(found), kind.compared(wanted))


def _is(name: str, found: Any, wanted: Any, rule: Mapping[str, Any]) -> bool:
    if found is MISSING:
        raise _lost(rule["Variable"])
    return STATES[name](found) == bool(wanted)


def _lost(variable: str) -> FlowError:
    return FlowError(
        RUNTIME, f"Invalid path {variable}: the choice rule's Variable points at nothing in the input."
    )


def _rules(rules: Any) -> list[Mapping[str, Any]]:
    if not isinstance(rules, list) or not all(isinstance(rule, Mapping) for rule in rules):
        raise FlowError(RUNTIME, "And, Or and Not hold choice rules.")
    return rules


def _operator(rule: Mapping[str, Any]) -> str:
    found = [name for name in rule if name in OPERATORS]
    if len(found) != 1:
        raise FlowError(RUNTIME, "A choice rule has exactly one comparison.")
    return found[0]


def fits(text: str, pattern: str) -> bool:
    """Whether a text has the form of a pattern: `*` stands for anything, `\\*` for itself. Takes linear time."""
    first, *rest = _pieces(pattern)
    if not rest:
        return text == first
    *middle, last = rest
    at = len(first) if text.startswith(first) else -1
    for piece in middle:
        found = text.find(piece, at) if at >= 0 else -1
        at = found + len(piece) if found >= 0 else -1
    return at >= 0 and text.endswith(last) and at + len(last) <= len(text)


def _pieces(pattern: str) -> list[str]:
    """The texts around the stars."""
    pieces = [""]
    for part in _PARTS.findall(pattern):
        if part == "*":
            pieces.append("")
        else:
            pieces[-1] += part[-1]
    return pieces


@lru_cache(maxsize=4_096)
def read_rule(text: str) -> Mapping[str, Any]:
    """The rule that a condition's JSON text holds.

    Raises FlowError.
    """
    try:
        rule = json.loads(text)
    except (ValueError, RecursionError):
        raise FlowError(RUNTIME, f"{text:.200} is not a choice rule.") from None
    return _rules([rule])[0]


def paths_in(rule: Any) -> Iterator[Path]:
    """Every path of a rule that can be read."""
    for name, value in _members(rule):
        if (name == "Variable" or name.endswith("Path")) and isinstance(value, str):
            try:
                yield read_path(value)
            except Unreadable:
                continue


def _members(rule: Any, depth: int = 0) -> Iterator[tuple[str, Any]]:
    for name, value in rule.items() if isinstance(rule, Mapping) and depth < DEEPEST else ():
        yield name, value
        for inner in value if isinstance(value, list) else [value]:
            if name in _JOINTS:
                yield from _members(inner, depth + 1)


def flaws_in(rule: Any, place: str, depth: int = 0) -> Iterator[Flaw]:
    """What is wrong with a rule as it is written."""
    if not isinstance(rule, Mapping) or depth > DEEPEST:
        yield Flaw(path=place, message="This should be a choice rule.")
        return
    joints = [name for name in _JOINTS if name in rule]
    compared = [name for name in rule if name in OPERATORS]
    if len(joints) + len(compared) != 1:
        yield Flaw(path=place, message="A choice rule has exactly one comparison, or one of And, Or and Not.")
    for name in joints:
        inner = rule[name]
        for index, one in enumerate(inner if isinstance(inner, list) and name != "Not" else [inner]):
            yield from flaws_in(
                one, f"{place}.{name}[{index}]" if name != "Not" else f"{place}.Not", depth + 1
            )
    for name in compared:
        yield from flaws_of(rule.get("Variable"), f"{place}.Variable")
        if name.endswith("Path"):
            yield from flaws_of(rule[name], f"{place}.{name}")
    for name in rule.keys() - OPERATORS - _SIDE - {*_JOINTS, "Variable"}:
        yield Flaw(path=f"{place}.{name}", message="A choice rule has no such field.")
