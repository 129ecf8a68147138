"""What goes wrong with expressions, in sentences.

The library's messages speak of overloads and containers; a person who writes a workflow should not have to.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from .paths import Path, dotted
from .syntax import ROOTS
from .values import why_absent

SHOWN = 80  # characters of an expression that a message repeats
FALSE_ALARM = (
    "expression of type 'dyn' cannot be the range"  # the checker takes a["b"] of an unknown a for this
)
_COMPLAINT = re.compile(r"<input>:(-?\d+):(-?\d+): (.*)")
_WORDS = {
    "null_type": "null",
    "int64": "a whole number",
    "int": "a whole number",
    "uint64": "a whole number",
    "double": "a decimal number",
    "string": "text",
    "bool": "true or false",
    "list": "a list",
    "map": "an object",
    "google.protobuf.Timestamp": "a moment",
    "google.protobuf.Duration": "a duration",
    "dyn": "any value",
}


class ExpressionError(ValueError):
    """An expression that does not compile; the sentence says why."""

    def __init__(self, text: str, reason: str, position: int | None = None) -> None:
        super().__init__(f"“{_clip(text)}” is not an expression: {_ended(reason)}")
        self.text, self.reason, self.position = text, reason, position


class EvaluationError(ValueError):
    """An expression that has no answer on the values of this run; the sentence says why and where."""

    def __init__(self, text: str, reason: str, path: Path = ()) -> None:
        place = f" at “{dotted(path)}”" if path else ""
        super().__init__(f"The expression “{_clip(text)}”{place} has no answer: {_ended(reason)}")
        self.text, self.reason, self.path = text, reason, path

    def at(self, path: Path) -> "EvaluationError":
        """The same, with its place in a template."""
        return EvaluationError(self.text, self.reason, path)


def why_not_compiled(text: str, message: str) -> ExpressionError:
    """The library's complaint about ``text`` as our own."""
    complaints = list(_COMPLAINT.finditer(message))
    if not complaints:
        return ExpressionError(
            text, _say(message.partition("[")[0].partition(": ")[2] or message, _COMPILING)
        )
    found = next((each for each in complaints if FALSE_ALARM not in each[3]), complaints[0])
    line, column, complaint = int(found[1]), int(found[2]), found[3].replace(" [INVALID_ARGUMENT]", "")
    position = _offset(text, line, column)
    if complaint.startswith("undeclared reference to"):
        return ExpressionError(text, _undeclared(text, complaint, position), position)
    return ExpressionError(text, _say(complaint, _COMPILING), position)


def why_it_failed(message: str, values: Mapping[str, Any], paths: Iterable[Path]) -> str:
    """The library's complaint about an evaluation as a clause of ours."""
    plain = message.partition(": ")[2] if re.match(r"[A-Z_]+: ", message) else message
    if any(sign in plain for sign in ("Key not found", "No value with name", "SELECT to non-message")):
        return why_absent(values, paths) or _say(plain, _RUNNING)
    return _say(plain, _RUNNING)


def operator_name(function: str) -> str:
    """``_+_`` as people write it: ``+``."""
    return f"{function}()" if function[:1].isalpha() else function.replace("_", "").replace("@", "")


def _undeclared(text: str, complaint: str, position: int | None) -> str:
    name = complaint.partition("'")[2].partition("'")[0]
    if position is not None and text[position : position + 1] == "(":
        return f"there is no function {name}()"
    close = get_close_matches(name.partition(".")[0], ROOTS, n=1)
    return f"“{name}” is not known. " + (
        f"Did you mean “{close[0]}”?" if close else f"It can read {', '.join(ROOTS)}. Text stands in quotes"
    )


def _say(complaint: str, table: Iterable[tuple[re.Pattern[str], Callable[[re.Match[str]], str]]]) -> str:
    for pattern, sentence in table:
        if found := pattern.search(complaint):
            return sentence(found)
    return _clip(complaint.strip().split("\n")[0])


def _misapplied(found: re.Match[str]) -> str:
    name, given = operator_name(found[1]), [_in_words(part) for part in _split(found[2])]
    if name == "?:" and given[0] not in (_WORDS["bool"], _WORDS["dyn"]):
        return f"a condition in it is {given[0]} and must be true or false"
    if name == "?:":
        return f"both answers of “? :” must be of one kind, not {' and '.join(given[1:])}"
    if name == "[]":
        return f"{given[0]} has no item at {given[-1]}"
    return f"“{name}” does not work on {' and '.join(given)}"


def _in_words(type_name: str) -> str:
    stem = type_name.partition("(")[0].strip()
    return _WORDS.get(stem, stem)


def _split(types: str) -> list[str]:
    """The types of a list such as ``string, map(string, dyn)``."""
    parts, depth = [""], 0
    for letter in types:
        depth += (letter in "(<") - (letter in ")>")
        if letter == "," and not depth:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts if part.strip()]


def _offset(text: str, line: int, column: int) -> int | None:
    if line < 1 or column < 0:
        return None
    lines = text.split("\n")
    return min(sum(len(before) + 1 for before in lines[: line - 1]) + max(column - 1, 0), len(text))


def _clip(text: str) -> str:
    shown = " ".join(text.encode("utf-8", "replace").decode().split())
    return shown if len(shown) <= SHOWN else shown[: SHOWN - 1] + "…"


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith((".", "?")) else f"{sentence}."


def _rule(pattern: str, sentence: str | Callable[[re.Match[str]], str]) -> Any:
    return re.compile(pattern), sentence if callable(sentence) else lambda found: sentence


_COMPILING = (
    _rule(r"<EOF>", "it ends too early"),
    _rule(r"token recognition error at: '(.*?)'?$", lambda found: f"“{found[1]}” cannot stand there"),
    _rule(
        r"(?:mismatched|extraneous) input '(.*?)' expecting", lambda found: f"“{found[1]}” cannot stand there"
    ),
    _rule(r"no viable alternative at input '(.*?)'", lambda found: f"“{found[1]}” cannot stand there"),
    _rule(r"no matching overload for '(.*?)' applied to '\((.*)\)'", _misapplied),
    _rule(r"recursion (?:depth|limit)", "it is nested more than 32 levels deep"),
    _rule(r"unsupported syntax '(.*?)'", lambda found: f"“{found[1]}” cannot stand there"),
    _rule(r"invalid (?:int|uint) literal", "the number is too large"),
)
_NO_OVERLOAD = "No matching overloads found : "
_RUNNING = (
    _rule(_NO_OVERLOAD + r"(\S+?)\((.*)\)", _misapplied),
    _rule(_NO_OVERLOAD + "<iter_range>", "its loop walks something that is neither a list nor an object"),
    _rule(_NO_OVERLOAD + r"(?:<jump_condition>|_(?:&&|\|\|)_)", "a condition in it is not true or false"),
    _rule(
        _NO_OVERLOAD + r"(\S+)", lambda found: f"“{operator_name(found[1])}” does not work on these values"
    ),
    _rule("(?:divide|division|modulus) by zero", "it divides by zero"),
    _rule(r"index=(-?\d+) size=(\d+)", lambda found: f"item {found[1]} is asked for in a list of {found[2]}"),
    _rule("Key not found in map : (.*)", lambda found: f"there is no field {found[1]}"),
    _rule(r"No value with name \"(\w+)\"", lambda found: f"“{found[1]}” has no value at this place"),
    _rule("SELECT to non-message", "it reads a field of something that is not an object"),
    _rule("Iteration budget", "its loops go round more than 10,000 times"),
    _rule("integer overflow|out of int64 range", "a number becomes too large"),
    _rule("bad_alloc", "it needs too much memory"),
    _rule("basic_string", "it reads a text that holds half a character"),
)
