"""The conditions in the brackets of a path: `[?(@.total > 100 && @.vip == true)]`."""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from .scanning import Scanner, Unreadable

DEEPEST = 20  # parentheses and negations within each other
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_WORDS = {"true": True, "false": False, "null": None}
_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}


class Part(Protocol):
    """One part of a path."""

    def find(self, value: Any, root: Any) -> Any: ...


class Condition(Protocol):
    """What an element must fulfil. `root` is what `$` means within the filter."""

    def holds(self, element: Any, root: Any) -> bool: ...


type ScanParts = Callable[[Scanner], tuple[Part, ...]]


@dataclass(frozen=True, slots=True)
class Looked:
    """`@.total` or `$.limit`."""

    of_element: bool
    parts: tuple[Part, ...]

    def values(self, element: Any, root: Any) -> list[Any]:
        found = [element if self.of_element else root]
        for part in self.parts:
            found = [deeper for value in found for deeper in part.find(value, root)]
        return found


@dataclass(frozen=True, slots=True)
class Literal:
    """A value as it is written."""

    value: Any

    def values(self, element: Any, root: Any) -> list[Any]:
        return [self.value]


@dataclass(frozen=True, slots=True)
class Exists:
    """`@.total` alone."""

    looked: Looked

    def holds(self, element: Any, root: Any) -> bool:
        return bool(self.looked.values(element, root))


@dataclass(frozen=True, slots=True)
class Compared:
    """`@.total > 100`."""

    left: Looked | Literal
    sign: str
    right: Looked | Literal

    def holds(self, element: Any, root: Any) -> bool:
        left, right = self.left.values(element, root), self.right.values(element, root)
        if not left or not right:
            return self.sign == "!=" and bool(left) != bool(right)
        return compare(left[0], self.sign, right[0])


@dataclass(frozen=True, slots=True)
class Joined:
    """`... && ...`, `... || ...`."""

    every: bool
    conditions: tuple[Condition, ...]

    def holds(self, element: Any, root: Any) -> bool:
        held = (condition.holds(element, root) for condition in self.conditions)
        return all(held) if self.every else any(held)


@dataclass(frozen=True, slots=True)
class Negated:
    """`!(...)`."""

    condition: Condition

    def holds(self, element: Any, root: Any) -> bool:
        return not self.condition.holds(element, root)


def compare(left: Any, sign: str, right: Any) -> bool:
    if sign == "in":
        return isinstance(right, list) and any(same(left, item) for item in right)
    if sign in ("==", "!="):
        return same(left, right) == (sign == "==")
    comparable = is_number(left) and is_number(right) or isinstance(left, str) and isinstance(right, str)
    return comparable and _ORDER[sign](left, right)


def same(left: Any, right: Any) -> bool:
    """Equal as JSON: true is not 1, and 1 is 1.0."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return bool(left == right)


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def read_condition(scanner: Scanner, scan_parts: ScanParts) -> Condition:
    """The condition in parentheses that begins here.

    Raises Unreadable.
    """
    scanner.expects("(")
    condition = _Reading(scanner, scan_parts).either()
    scanner.expects(")")
    return condition


class _Reading:
    def __init__(self, scanner: Scanner, scan_parts: ScanParts) -> None:
        self.scanner = scanner
        self.scan_parts = scan_parts
        self.depth = 0

    def either(self) -> Condition:
        return self._joined("||", self._both)

    def _both(self) -> Condition:
        return self._joined("&&", self._one)

    def _joined(self, sign: str, scan: Callable[[], Condition]) -> Condition:
        conditions = [scan()]
        while self._takes(sign):
            conditions.append(scan())
        return conditions[0] if len(conditions) == 1 else Joined(sign == "&&", tuple(conditions))

    def _one(self) -> Condition:
        if self._sees("!") and not self.scanner.sees("!="):
            return self._deeper("!", lambda: Negated(self._one()))
        if self._sees("("):
            return self._deeper("(", self._in_parentheses)
        left = self._operand()
        self.scanner.skips_spaces()
        sign = self.scanner.takes_first("==", "!=", "<=", ">=", "<", ">", "in ")
        if sign:
            return Compared(left, sign.strip(), self._operand())
        if isinstance(left, Literal):
            raise self.scanner.lost("a comparison should stand here")
        return Exists(left)

    def _in_parentheses(self) -> Condition:
        condition = self.either()
        self.scanner.skips_spaces()
        self.scanner.expects(")")
        return condition

    def _deeper(self, start: str, scan: Callable[[], Condition]) -> Condition:
        self.depth += 1
        if self.depth > DEEPEST:
            raise Unreadable("its conditions are nested too deeply", self.scanner.at)
        self.scanner.expects(start)
        condition = scan()
        self.depth -= 1
        return condition

    def _operand(self) -> Looked | Literal:
        self.scanner.skips_spaces()
        root = self.scanner.takes_first("@", "$")
        operand = Looked(root == "@", self.scan_parts(self.scanner)) if root else Literal(self._literal())
        self.scanner.skips_spaces()
        return operand

    def _literal(self) -> Any:
        return self._list() if self.scanner.takes("[") else self._scalar()

    def _scalar(self) -> Any:
        if self.scanner.sees("'") or self.scanner.sees('"'):
            return self.scanner.quoted()
        if number := self.scanner.matches(_NUMBER):
            return float(number) if set(number) & set(".eE") else int(number)
        if word := self.scanner.matches(_WORD):
            return _WORDS.get(word, word)  # real definitions leave the quotes out: @.Name==Receipt
        raise self.scanner.lost("a value should stand here")

    def _list(self) -> list[Any]:
        values: list[Any] = []
        self.scanner.skips_spaces()
        while not self.scanner.takes("]"):
            values.append(self._scalar())
            self.scanner.skips_spaces()
            self.scanner.takes(",")
            self.scanner.skips_spaces()
        return values

    def _takes(self, sign: str) -> bool:
        self.scanner.skips_spaces()
        return self.scanner.takes(sign)

    def _sees(self, start: str) -> bool:
        self.scanner.skips_spaces()
        return self.scanner.sees(start)
