"""JSONPath as the Amazon States Language writes it: `$.orders[?(@.total > 100)].id`, `$$.State.Name`, `$name.part`.

A path that can only ever point at one place either finds it or is missing. One with a wildcard, a slice, a filter or
`..` gives the list of what it finds, which may be empty.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from .filters import Condition, read_condition
from .flow import DATA_LIMIT, FlowError
from .scanning import Scanner, Unreadable

LONGEST = 2_000  # characters
MOST_FOUND = 100_000  # values that one path may find on its way
_NAME = re.compile(r"[^\s.\[\]()'\"$@,*]+")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NUMBER = re.compile(r"-?\d{1,15}")
_INPUT, _CONTEXT = "$", "$$"


@dataclass(frozen=True, slots=True)
class Names:
    """`.name`, or `['one', 'another']`."""

    names: tuple[str, ...]

    def find(self, value: Any, root: Any) -> Iterator[Any]:
        if isinstance(value, dict):
            yield from (value[name] for name in self.names if name in value)


@dataclass(frozen=True, slots=True)
class Indexes:
    """`[0]`, or `[0, -1]`."""

    indexes: tuple[int, ...]

    def find(self, value: Any, root: Any) -> Iterator[Any]:
        if isinstance(value, list):
            yield from (value[index] for index in self.indexes if -len(value) <= index < len(value))


@dataclass(frozen=True, slots=True)
class Slice:
    """`[1:3]`."""

    bounds: tuple[int | None, int | None, int | None]

    def find(self, value: Any, root: Any) -> Iterator[Any]:
        if isinstance(value, list):
            yield from value[slice(*self.bounds)]


@dataclass(frozen=True, slots=True)
class Every:
    """`.*`, `[*]`."""

    def find(self, value: Any, root: Any) -> Iterator[Any]:
        if isinstance(value, dict):
            yield from value.values()
        elif isinstance(value, list):
            yield from value


@dataclass(frozen=True, slots=True)
class Descendants:
    """`..`: the value itself and everything within it, for the next part to look at."""

    def find(self, value: Any, root: Any) -> Iterator[Any]:
        waiting = [value]
        while waiting:
            yield (found := waiting.pop())
            inside = list(Every().find(found, root))
            waiting.extend(reversed(inside))


@dataclass(frozen=True, slots=True)
class Filter:
    """`[?(@.total > 100)]`."""

    condition: Condition

    def find(self, value: Any, root: Any) -> Iterator[Any]:
        candidates = value if isinstance(value, list) else [value]
        yield from (found for found in candidates if self.condition.holds(found, root))


@dataclass(frozen=True, slots=True)
class Length:
    """`.length()`, the one function that real definitions use."""

    def find(self, value: Any, root: Any) -> Iterator[Any]:
        if isinstance(value, list | dict | str):
            yield len(value)


type Part = Names | Indexes | Slice | Every | Descendants | Filter | Length


@dataclass(frozen=True, slots=True)
class Path:
    """A path that has been read."""

    text: str
    root: str  # "$", "$$", or the name of a variable
    parts: tuple[Part, ...]

    @property
    def variable(self) -> str | None:
        return None if self.root in (_INPUT, _CONTEXT) else self.root

    @property
    def of_context(self) -> bool:
        return self.root == _CONTEXT

    @property
    def definite(self) -> bool:
        """Whether it can only ever point at one place."""
        return all(is_definite(part) for part in self.parts)

    @property
    def place(self) -> tuple[str | int, ...] | None:
        """The names and indexes on its way, where it consists of nothing else."""
        ways: list[str | int] = []
        for part in self.parts:
            if isinstance(part, Names) and len(part.names) == 1:
                ways.append(part.names[0])
            elif isinstance(part, Indexes) and len(part.indexes) == 1:
                ways.append(part.indexes[0])
            else:
                return None
        return tuple(ways)

    def find(self, root: Any) -> list[Any]:
        """All that it points at in ``root``."""
        found, looked_at = [root], 0
        for part in self.parts:
            values, found = found, []
            for value in values:
                for deeper in part.find(value, root):
                    found.append(deeper)
                    looked_at += 1
                    if looked_at > MOST_FOUND:
                        raise FlowError(DATA_LIMIT, f"{self.text} looks at more than {MOST_FOUND:,} values.")
        return found


def is_definite(part: Part) -> bool:
    match part:
        case Names(names):
            return len(names) == 1
        case Indexes(indexes):
            return len(indexes) == 1
        case Length():
            return True
        case _:
            return False


@lru_cache(maxsize=4_096)
def read_path(text: str) -> Path:
    """Read a path, once.

    Raises Unreadable.
    """
    scanner = Scanner(text, LONGEST)
    path = scan_path(scanner)
    if not scanner.done:
        raise scanner.lost("nothing more should stand here")
    return path


def scan_path(scanner: Scanner) -> Path:
    """The path that begins here, as far as it goes."""
    start = scanner.at
    root = _scan_root(scanner)
    parts = tuple(_scan_parts(scanner))
    if parts and isinstance(parts[-1], Descendants):
        raise scanner.lost("a name should stand after ..")
    return Path(scanner.text[start : scanner.at], root, parts)


def _scan_root(scanner: Scanner) -> str:
    if not scanner.takes("$"):
        raise scanner.lost("a path begins with $")
    if scanner.takes("$"):
        return _CONTEXT
    return scanner.matches(_VARIABLE) or _INPUT


def _scan_parts(scanner: Scanner) -> Iterator[Part]:
    while not scanner.done:
        if scanner.takes(".."):
            yield Descendants()
            if not scanner.sees("["):
                yield _scan_name(scanner)
        elif scanner.takes("."):
            if not scanner.sees("["):
                yield _scan_name(scanner)
        elif scanner.takes("["):
            yield _scan_bracket(scanner)
        else:
            return


def _scan_name(scanner: Scanner) -> Part:
    if scanner.takes("*"):
        return Every()
    if scanner.takes("length()"):
        return Length()
    name = scanner.matches(_NAME)
    if not name:
        raise scanner.lost("a name should stand here")
    return Names((name,))


def _scan_bracket(scanner: Scanner) -> Part:
    scanner.skips_spaces()
    part: Part
    if scanner.takes("*"):
        part = Every()
    elif scanner.takes("?"):
        part = Filter(read_condition(scanner, _scan_place))
    elif scanner.takes("(@.length"):  # the one script that definitions use: so many from the end
        part = Indexes((int(scanner.matches(_NUMBER) or _refuse(scanner)),))
        scanner.expects(")")
    elif scanner.sees("'") or scanner.sees('"'):
        part = Names(tuple(_scan_list(scanner, _scan_quoted)))
    else:
        part = _scan_numbers(scanner)
    scanner.skips_spaces()
    scanner.expects("]")
    return part


def _scan_place(scanner: Scanner) -> tuple[Part, ...]:
    """The way within a filter, after its @ or $: to one place only, so that filtering takes linear time."""
    parts = []
    for part in _scan_parts(scanner):
        if not is_definite(part):
            raise scanner.lost("a filter compares what stands at one place")
        parts.append(part)
    return tuple(parts)


def _scan_list[T](scanner: Scanner, scan: Any) -> Iterator[T]:
    yield scan(scanner)
    scanner.skips_spaces()
    while scanner.takes(","):
        scanner.skips_spaces()
        yield scan(scanner)
        scanner.skips_spaces()


def _scan_quoted(scanner: Scanner) -> str:
    if not (scanner.sees("'") or scanner.sees('"')):
        raise scanner.lost("a name in quotes should stand here")
    return scanner.quoted()


def _scan_numbers(scanner: Scanner) -> Part:
    first = scanner.matches(_NUMBER)
    if not scanner.sees(":"):
        if not first:
            raise scanner.lost("an index, a name in quotes, * or a filter should stand here")
        rest = []
        while scanner.takes(","):
            scanner.skips_spaces()
            rest.append(int(scanner.matches(_NUMBER) or _refuse(scanner)))
        return Indexes((int(first), *rest))
    scanner.expects(":")
    last = scanner.matches(_NUMBER)
    step = scanner.matches(_NUMBER) if scanner.takes(":") else ""
    if step and int(step) < 1:
        raise scanner.lost("the step of a slice is 1 or more")
    return Slice((_number(first), _number(last), _number(step)))


def _refuse(scanner: Scanner) -> str:
    raise scanner.lost("an index should stand here")


def _number(text: str) -> int | None:
    return int(text) if text else None


def explained(text: str, error: Unreadable) -> str:
    return f"{text} is not a path: {error.message}."
