"""The rules of a Choice: which of its ways is taken."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from designer.dataflow import Language
from designer.graph import described
from designer.interop.asl.flowing import condition_flaws, path_flaws
from designer.interop.asl.problem import Code, Place

from .shapes import is_number, listing, required, text

_ORDERED = ("Equals", "LessThan", "GreaterThan", "LessThanEquals", "GreaterThanEquals")
_OF_TEXT = frozenset(f"{kind}{way}" for kind in ("String", "Timestamp") for way in _ORDERED) | {
    "StringMatches"
}
_OF_NUMBERS = frozenset(f"Numeric{way}" for way in _ORDERED)
_WITH_PATH = frozenset(
    f"{name}Path" for name in (_OF_TEXT - {"StringMatches"}) | _OF_NUMBERS | {"BooleanEquals"}
)
_ASKING = frozenset({"IsNull", "IsPresent", "IsNumeric", "IsString", "IsBoolean", "IsTimestamp"})
COMPARISONS = _OF_TEXT | _OF_NUMBERS | _WITH_PATH | _ASKING | {"BooleanEquals"}
JOINING = frozenset({"And", "Or", "Not"})
BESIDE = frozenset({"Next", "Comment", "Assign", "Output"})
MOST_DEPTH = 20


def is_timestamp(written: Any) -> bool:
    """Whether a text is a moment as RFC 3339 has it, with a T and a zone."""
    if not isinstance(written, str) or "T" not in written or len(written) < len("2016-03-14T01:59Z"):
        return False
    try:
        return datetime.fromisoformat(written).tzinfo is not None
    except ValueError:
        return False


def check_choices(written: Any, language: Language, place: Place) -> None:
    for index, option in enumerate(listing(written, place, "rules")):
        here = place.at(index)
        if not isinstance(option, dict):
            here.say(Code.WRONG_TYPE, f"A rule is an object, not {described(option)}.")
            continue
        if required(option, ("Next",), here):
            text(option["Next"], here.at("Next"))
        rule = {name: value for name, value in option.items() if name not in BESIDE}
        if language is Language.JSONATA:
            _check_condition(rule, here)
        else:
            if "Output" in option:
                message = "“Output” belongs to JSONata; in JSONPath a rule has “Assign” alone."
                here.at("Output").say(Code.WRONG_LANGUAGE, message)
            check_rule(rule, here, 0)


def _check_condition(rule: Mapping[str, Any], place: Place) -> None:
    if not required(rule, ("Condition",), place):
        return
    for name in rule.keys() - {"Condition"}:
        place.at(name).say(
            Code.WRONG_LANGUAGE, f"“{name}” belongs to JSONPath; in JSONata a rule has a “Condition”."
        )
    condition, here = rule["Condition"], place.at("Condition")
    if isinstance(condition, bool):
        return
    if text(condition, here):
        if not condition.startswith("{%"):
            here.say(Code.BAD_RULE, "A condition is JSONata between {% and %}.")
            return
        for flaw in condition_flaws(condition):
            here.say(Code.BAD_EXPRESSION, flaw.message)


def check_rule(rule: Any, place: Place, depth: int) -> None:
    if not isinstance(rule, dict):
        place.say(Code.WRONG_TYPE, f"A rule is an object, not {described(rule)}.")
        return
    if depth > MOST_DEPTH:
        place.say(Code.TOO_LARGE, f"Rules are nested deeper than {MOST_DEPTH} levels here.")
        return
    if depth and "Next" in rule:
        place.at("Next").say(Code.BAD_RULE, "Only the rule as a whole leads somewhere, not a part of it.")
    joining = sorted(rule.keys() & JOINING)
    operators = sorted(rule.keys() - BESIDE - {"Variable"})
    if len(operators) != 1:
        said = f"has {', '.join(operators)}" if operators else "has none"
        place.say(Code.BAD_RULE, f"A rule compares or joins in one way; this one {said}.")
    elif joining:
        _check_joined(rule, joining[0], place, depth)
    elif operators[0] not in COMPARISONS:
        place.at(operators[0]).say(Code.BAD_RULE, f"“{operators[0]}” is no comparison of the language.")
    elif required(rule, ("Variable",), place):
        _check_comparison(rule["Variable"], operators[0], rule[operators[0]], place)


def _check_joined(rule: Mapping[str, Any], name: str, place: Place, depth: int) -> None:
    if "Variable" in rule:
        place.at("Variable").say(Code.BAD_RULE, f"“{name}” joins rules and compares nothing itself.")
    if name == "Not":
        check_rule(rule[name], place.at(name), depth + 1)
        return
    for index, part in enumerate(listing(rule[name], place.at(name), "rules")):
        check_rule(part, place.at(name, index), depth + 1)


def _check_comparison(variable: Any, name: str, value: Any, place: Place) -> None:
    _check_path(variable, place.at("Variable"))
    here = place.at(name)
    if name in _WITH_PATH:
        _check_path(value, here)
    elif name in _ASKING or name == "BooleanEquals":
        if not isinstance(value, bool):
            here.say(Code.WRONG_TYPE, f"{name} asks for true or false, not for {described(value)}.")
    elif name in _OF_NUMBERS:
        if not is_number(value):
            here.say(Code.WRONG_TYPE, f"{name} compares with a number, not with {described(value)}.")
    elif text(value, here) and name.startswith("Timestamp") and not is_timestamp(value):
        here.say(Code.WRONG_VALUE, "This is no moment such as 2030-01-31T08:00:00Z.")


def _check_path(path: Any, place: Place) -> None:
    if not text(path, place):
        return
    if not path.startswith("$"):
        place.say(Code.BAD_EXPRESSION, "This is a path: it begins with “$”.")
        return
    for flaw in path_flaws(path):
        place.say(Code.BAD_EXPRESSION, flaw.message)
