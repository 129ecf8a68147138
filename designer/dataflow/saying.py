"""Conditions as people read them."""

from collections.abc import Mapping
from typing import Any

from .flow import FlowError
from .functions import json_to_string
from .jsonata import bare, is_expression
from .rules import COMPARISONS, DEEPEST, read_rule

_SIGNS = {
    "Equals": "is",
    "LessThanEquals": "<=",
    "GreaterThanEquals": ">=",
    "LessThan": "<",
    "GreaterThan": ">",
}
_STATES = {"IsNull": "null", "IsString": "a text", "IsNumeric": "a number", "IsBoolean": "true or false",
           "IsTimestamp": "a moment", "IsPresent": "there"}  # fmt: skip


def said(rule: str) -> str:
    """A condition as people read it: ``$.total > 100 and $.vip is true``."""
    if is_expression(rule):
        return bare(rule)
    try:
        return _said(read_rule(rule), 0)
    except FlowError:
        return rule


def _said(rule: Any, depth: int) -> str:
    if not isinstance(rule, Mapping) or depth > DEEPEST:
        return "..."
    for name, word in (("And", " and "), ("Or", " or ")):
        if isinstance(inner := rule.get(name), list):
            parts = word.join(_said(one, depth + 1) for one in inner)
            return f"({parts})" if depth else parts
    if "Not" in rule:
        return f"not ({_said(rule['Not'], depth + 1)})"
    variable = rule.get("Variable", "...")
    return next((f"{variable} {words}" for name in rule if (words := _compared(name, rule[name]))), "...")


def _compared(name: str, wanted: Any) -> str:
    if name in _STATES:
        return f"is {_STATES[name]}" if wanted else f"is not {_STATES[name]}"
    if name == "StringMatches":
        return f"matches {_shown(wanted)}"
    plain = name.removesuffix("Path")
    if plain not in COMPARISONS:
        return ""
    order = next(order for order in _SIGNS if plain.endswith(order))
    return f"{_SIGNS[order]} {wanted if name.endswith('Path') else _shown(wanted)}"


def _shown(value: Any) -> str:
    return json_to_string(value)
