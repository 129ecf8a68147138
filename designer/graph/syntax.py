"""What a compiled expression reads, taken from CEL's own syntax tree.

The library checks neither paths nor names the names an expression uses, but it hands out its tree in the form
CEL has fixed for all its implementations: the protobuf messages ``cel.expr.ParsedExpr`` and ``CheckedExpr``.
This file reads as much of them as that question takes. Recursion ends where the parser's own limit of 32 levels
ends.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import prod
from typing import Any

from .paths import Path

ROOTS = ("input", "vars", "steps", "item", "index", "error", "run", "now", "output", "secret", "arguments")
MOST_LOOPS = 2  # within each other
REFUSED = {"replace": "it can make a small value enormous"}
TYPES = frozenset({"bool", "int", "uint", "double", "string", "bytes", "list", "map", "null_type", "type"})

_KINDS = range(3, 10)  # the fields of cel.expr.Expr of which one is set
_CONST, _IDENT, _SELECT, _CALL, _LIST, _STRUCT, _LOOP = _KINDS
_COUNTS = re.compile(r"\{(\d+)(?:,(\d*))?\}")


class Refused(ValueError):
    """An expression that CEL allows and Choreo does not; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Read:
    """One place where an expression reads a value."""

    path: Path  # from a root, or from the variable of a loop
    local: bool = False
    loops: int = 0  # how many loops stand around it
    tested: bool = False  # only asked for, by has()


@dataclass(slots=True)
class Syntax:
    """What an expression reads and how it goes about it."""

    plain: Path | None = None  # the path, where the expression is nothing but one
    reads: list[Read] = field(default_factory=list)
    ordered: list[Path] = field(default_factory=list)  # what map() and filter() walk: it must have an order
    looped: bool = False
    literal: int = 0  # length of the longest list written out
    patterns: list[tuple[int, int]] = field(
        default_factory=list
    )  # (weight, loops) of each regular expression


class _Node:
    """One ``cel.expr.Expr``, with the fields of the kind it is of."""

    __slots__ = ("_nodes", "body", "kind")

    def __init__(self, kind: int, body: Mapping[int, list[Any]]) -> None:
        self.kind, self.body = kind, body
        self._nodes: dict[int, list[_Node]] = {}

    def text(self, number: int) -> str:
        return str(self.body.get(number, [b""])[0], "utf-8")

    def child(self, number: int) -> "_Node":
        return self.children(number)[0]

    def children(self, number: int) -> list["_Node"]:
        if number not in self._nodes:
            self._nodes[number] = [_node(data) for data in self.body.get(number, ())]
        return self._nodes[number]


def read_syntax(serialized: bytes) -> Syntax:
    """Read the tree of a compiled expression.

    Raises Refused.
    """
    wrapper = _message(serialized)  # google.protobuf.Any: 1 names the message, 2 holds it
    checked = str(wrapper[1][0], "utf-8").endswith("CheckedExpr")
    tree = _node(_message(wrapper[2][0])[4 if checked else 2][0])
    reader = _Reader()
    reader.visit(tree, frozenset(), 0)
    path = _path(tree)
    reader.syntax.plain = path if path and path[0] in ROOTS else None
    return reader.syntax


class _Reader:
    """Walks a tree and writes down what it finds."""

    def __init__(self) -> None:
        self.syntax = Syntax()

    def visit(self, node: _Node, variables: frozenset[str], loops: int) -> None:
        path = _path(node)
        if path is not None:
            self._note(path, variables, loops)
        elif node.kind in _VISITS:
            _VISITS[node.kind](self, node, variables, loops)

    def _note(self, path: Path, variables: frozenset[str], loops: int, tested: bool = False) -> None:
        name = path[0]
        if str(name).startswith("@") or (name in TYPES and name not in variables):
            return
        if name not in variables and name not in ROOTS:
            raise Refused(f"“{name}” is not a name an expression can read. It can read {', '.join(ROOTS)}.")
        self.syntax.reads.append(Read(path, name in variables, loops, tested))

    def _select(self, node: _Node, variables: frozenset[str], loops: int) -> None:
        operand = node.child(1)
        path = _path(operand)
        if path is not None and node.body.get(3):  # has(path.field)
            self._note((*path, node.text(2)), variables, loops, tested=True)
        else:
            self.visit(operand, variables, loops)

    def _call(self, node: _Node, variables: frozenset[str], loops: int) -> None:
        name = node.text(2)
        if name in REFUSED:
            raise Refused(f"{name}() cannot be used: {REFUSED[name]}.")
        if name == "matches":
            self.syntax.patterns.append((_weight(node.children(3)[-1]), loops))
        copies = name == "join"  # its separator, once an item
        self.syntax.looped |= copies
        inner = loops + copies
        for part in node.children(1) + node.children(3):
            self.visit(part, variables, inner)

    def _list(self, node: _Node, variables: frozenset[str], loops: int) -> None:
        parts = node.children(1)
        self.syntax.literal = max(self.syntax.literal, len(parts))
        for part in parts:
            self.visit(part, variables, loops)

    def _struct(self, node: _Node, variables: frozenset[str], loops: int) -> None:
        if node.body.get(1):
            raise Refused(f"“{node.text(1)}” cannot be made here: write an object such as {{'name': value}}.")
        for entry in map(_message, node.body.get(2, ())):
            for part in (*entry.get(3, ()), *entry[4]):
                self.visit(_node(part), variables, loops)

    def _loop(self, node: _Node, variables: frozenset[str], loops: int) -> None:
        if loops == MOST_LOOPS:
            raise Refused(f"Loops such as map() and exists() may stand {MOST_LOOPS} deep at most.")
        name = node.text(1)
        if name in ROOTS:
            raise Refused(f"“{name}” cannot name what a loop walks over: it is what the run provides.")
        self.syntax.looped = True
        walked = node.child(2)
        _check_range(walked)
        self.visit(walked, variables, loops)
        path = _path(walked)
        if path and path[0] not in variables and node.child(4).kind == _LIST:
            self.syntax.ordered.append(path)
        inner = variables | {name}
        for part in (4, 5, 6, 7):
            self.visit(node.child(part), inner, loops + 1)


_Visit = Callable[[_Reader, _Node, frozenset[str], int], None]
_VISITS: Mapping[int, _Visit] = {
    _SELECT: _Reader._select,
    _CALL: _Reader._call,
    _LIST: _Reader._list,
    _STRUCT: _Reader._struct,
    _LOOP: _Reader._loop,
}


def _path(node: _Node) -> Path | None:
    """``a.b["c"][0]`` as a path; None where the node is anything else."""
    parts: list[str | int] = []
    while True:
        if node.kind == _IDENT:
            return (node.text(1).removeprefix("."), *reversed(parts))
        if node.kind == _SELECT and not node.body.get(3):
            parts.append(node.text(2))
            node = node.child(1)
        elif node.kind == _CALL and node.text(2) == "_[_]":
            container, key = node.children(3)
            index = _constant(key)
            if index is None:
                return None
            parts.append(index)
            node = container
        elif node.kind == _CALL and node.text(2) == "dyn":
            node = node.children(3)[0]
        else:
            return None


def _constant(node: _Node) -> str | int | None:
    """A text or a whole number from 0 on that is written out."""
    if node.kind != _CONST:
        return None
    if 6 in node.body:
        return node.text(6)
    number = node.body.get(3, [None])[0]
    return int(number) if number is not None and number < 2**63 else None


def _check_range(node: _Node) -> None:
    """A loop may walk a path, constants, or what filter() lets through: nothing that could have grown."""
    while _is_filter(node):
        node = node.child(2)
    constants = node.kind == _LIST and all(part.kind == _CONST for part in node.children(1))
    if _path(node) is None and not constants:
        raise Refused(
            "A loop such as map() or exists() can only walk a list that is named, such as input.items,"
            " with filter() in between at most. Make the other list in a step before this one."
        )


def _is_filter(node: _Node) -> bool:
    if node.kind != _LOOP or node.child(4).kind != _LIST or node.child(6).kind != _CALL:
        return False
    step = node.child(6)
    added = step.children(3)[1] if step.text(2) == "_?_:_" else step
    kept = added.children(3)[-1].children(1) if added.kind == _CALL and added.text(2) == "_+_" else []
    return len(kept) == 1 and _path(kept[0]) == (node.text(1),)


def _weight(pattern: _Node) -> int:
    """What it costs to compile a regular expression, in bytes copied: counted repeats are what makes it dear."""
    text = pattern.text(6) if pattern.kind == _CONST else None
    if text is None:
        return 800_000
    counts = [int(high or low) for low, high in _COUNTS.findall(text[:1_000])]
    return 2_000 + 800 * min(1_000, prod(counts))


def _node(data: bytes) -> _Node:
    expression = _message(data)
    kind = next((number for number in expression if number in _KINDS), 0)
    return _Node(kind, _message(expression[kind][0]) if kind else {})


def _message(data: bytes) -> dict[int, list[Any]]:
    """The numbered fields of a protobuf message: integers as they are, the rest as bytes."""
    found: dict[int, list[Any]] = {}
    at, end = 0, len(data)
    while at < end:
        tag, at = _varint(data, at)
        kind = tag & 7
        if kind == 0:
            value: Any
            value, at = _varint(data, at)
        else:
            size, at = _varint(data, at) if kind == 2 else (8 if kind == 1 else 4, at)
            value, at = data[at : at + size], at + size
        found.setdefault(tag >> 3, []).append(value)
    return found


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = data[at]
    if value < 0x80:
        return value, at + 1
    value, shift = value & 0x7F, 7
    while True:
        at += 1
        value |= (data[at] & 0x7F) << shift
        if data[at] < 0x80:
            return value, at + 1
        shift += 7
