"""Expressions of ours as trees, for those parts of CEL that another language can say as well."""

import json
import re
from dataclasses import dataclass
from typing import Any

MOST_DEPTH = 32
_TOKEN = re.compile(
    r"""\s*(?:(?P<number>(?:\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\d+)(?![\w.]))"""
    r"""|(?P<text>"(?:[^"\\\n]|\\["'\\/bfnrt])*"|'(?:[^'\\\n]|\\["'\\/bfnrt])*')"""
    r"""|(?P<name>[A-Za-z_]\w*)"""
    r"""|(?P<sign>&&|\|\||==|!=|<=|>=|[-+*/%<>!?:.,()\[\]{}]))"""
)
_WORDS = {"true": True, "false": False, "null": None}
# From the loosest to the tightest.
LEVELS = (("||",), ("&&",), ("==", "!=", "<", "<=", ">", ">=", "in"), ("+", "-"), ("*", "/", "%"))


class Untranslatable(ValueError):
    """Something that has no exact counterpart; the text is a clause that says what."""


@dataclass(frozen=True, slots=True)
class Literal:
    value: Any


@dataclass(frozen=True, slots=True)
class Name:
    name: str


@dataclass(frozen=True, slots=True)
class Member:
    of: "Node"
    name: str


@dataclass(frozen=True, slots=True)
class Item:
    of: "Node"
    key: "Node"


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    parts: tuple["Node", ...]
    on: "Node | None" = None


@dataclass(frozen=True, slots=True)
class Prefixed:
    sign: str
    part: "Node"


@dataclass(frozen=True, slots=True)
class Joined:
    sign: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Either:
    condition: "Node"
    yes: "Node"
    no: "Node"


@dataclass(frozen=True, slots=True)
class Listed:
    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Mapped:
    parts: tuple[tuple["Node", "Node"], ...]


Node = Literal | Name | Member | Item | Call | Prefixed | Joined | Either | Listed | Mapped


def read_expression(text: str) -> Node:
    """The tree of an expression. Raises Untranslatable."""
    reading = _Reading(_tokens(text))
    node = reading.either(0)
    if reading.left:
        raise Untranslatable(f"“{reading.left[0][1]}” stands where nothing should")
    return node


def _tokens(text: str) -> list[tuple[str, str]]:
    found, at = [], 0
    while text[at:].strip():
        token = _TOKEN.match(text, at)
        if token is None or token.lastgroup is None:
            raise Untranslatable(f"“{text[at : at + 20].strip()}” has no counterpart")
        found.append((token.lastgroup, token[token.lastgroup]))
        at = token.end()
    return found


class _Reading:
    """One pass over the tokens, from the loosest level down."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.left = tokens

    def sees(self, *signs: str) -> bool:
        return bool(self.left) and self.left[0][0] != "text" and self.left[0][1] in signs

    def takes(self, sign: str) -> bool:
        if found := self.sees(sign):
            self.left = self.left[1:]
        return found

    def expects(self, sign: str) -> None:
        if not self.takes(sign):
            raise Untranslatable(f"a “{sign}” is missing")

    def next(self) -> tuple[str, str]:
        if not self.left:
            raise Untranslatable("it ends too early")
        token, self.left = self.left[0], self.left[1:]
        return token

    def either(self, depth: int) -> Node:
        if depth > MOST_DEPTH:
            raise Untranslatable("it is nested too deeply")
        condition = self.level(0, depth)
        if not self.takes("?"):
            return condition
        yes = self.level(0, depth)
        self.expects(":")
        return Either(condition, yes, self.either(depth + 1))

    def level(self, number: int, depth: int) -> Node:
        if number == len(LEVELS):
            return self.prefixed(depth)
        node = self.level(number + 1, depth)
        while self.sees(*LEVELS[number]):
            sign = self.next()[1]
            node = Joined(sign, node, self.level(number + 1, depth))
        return node

    def prefixed(self, depth: int) -> Node:
        if self.sees("!", "-") and depth <= MOST_DEPTH:
            return Prefixed(self.next()[1], self.prefixed(depth + 1))
        node = self.primary(depth)
        while self.sees(".", "["):
            if self.takes("["):
                node = Item(node, self.either(depth + 1))
                self.expects("]")
                continue
            self.expects(".")
            kind, name = self.next()
            if kind != "name":
                raise Untranslatable(f"“{name}” is no name")
            node = Call(name, self.parts(")", depth), on=node) if self.takes("(") else Member(node, name)
        return node

    def primary(self, depth: int) -> Node:
        kind, written = self.next()
        if kind == "number":
            return Literal(int(written) if written.isdigit() else float(written))
        if kind == "text":
            return Literal(_unquoted(written))
        if kind == "name":
            if written in _WORDS:
                return Literal(_WORDS[written])
            return Call(written, self.parts(")", depth)) if self.takes("(") else Name(written)
        if written == "(":
            node = self.either(depth + 1)
            self.expects(")")
            return node
        if written == "[":
            return Listed(self.parts("]", depth))
        if written == "{":
            return self.mapped(depth)
        raise Untranslatable(f"“{written}” stands where a value should")

    def parts(self, end: str, depth: int) -> tuple[Node, ...]:
        found: list[Node] = []
        while not self.takes(end):
            if found:
                self.expects(",")
            found.append(self.either(depth + 1))
        return tuple(found)

    def mapped(self, depth: int) -> Node:
        found: list[tuple[Node, Node]] = []
        while not self.takes("}"):
            if found:
                self.expects(",")
            name = self.either(depth + 1)
            self.expects(":")
            found.append((name, self.either(depth + 1)))
        return Mapped(tuple(found))


def _unquoted(written: str) -> str:
    inner = written[1:-1]
    if written[0] == "'":
        inner = inner.replace("\\'", "'").replace('"', '\\"').replace('\\\\"', '\\"')
    else:
        inner = inner.replace("\\'", "'")
    try:
        return str(json.loads(f'"{inner}"', strict=False))
    except ValueError:
        raise Untranslatable(f"{written} has no counterpart") from None
