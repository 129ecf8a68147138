"""Values on their way into an expression and out of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Any

from .limits import LARGEST_INTEGER
from .paths import Path, dotted
from .schemas import TYPE_NAMES, type_of
from .syntax import Syntax

MOST_BYTES = 256 * 1024  # of everything one expression reads
MOST_ITEMS = 1_000  # of a list that a loop walks: the library copies what it builds once a round
MOST_ROUNDS = 10_000  # the library's own budget
MOST_WORK = 64 * 1024 * 1024  # bytes that loops touch: about half a second
DEEPEST = 64
Shape = dict[str, "Shape"]  # which fields are read; no fields: the whole value


class NotAnswerable(Exception):
    """An expression has no answer on these values; the text is a clause that says why."""


def look_up(values: Mapping[str, Any], path: Path) -> Any:
    """The value at ``path``.

    Raises NotAnswerable.
    """
    found: Any = values
    for depth, part in enumerate(path):
        if not _has(found, part):
            raise NotAnswerable(_absent(found, path, depth))
        found = found[part]
    return found


def _has(value: Any, part: str | int) -> bool:
    if isinstance(part, str):
        return isinstance(value, Mapping) and part in value
    return isinstance(value, list) and part < len(value)


def why_absent(values: Mapping[str, Any], paths: Iterable[Path]) -> str | None:
    """Which of ``paths`` has no value, as a clause; None where all have one."""
    for path in sorted(paths, key=str):
        try:
            look_up(values, path)
        except NotAnswerable as error:
            return str(error)
    return None


def _absent(found: Any, path: Path, depth: int) -> str:
    whole, part = dotted(path[: depth + 1]), path[depth]
    if depth == 0:
        return f"“{whole}” has no value at this place"
    parent = dotted(path[:depth])
    if isinstance(part, int) and isinstance(found, list):
        return f"“{parent}” has {len(found)} items, so there is no item {part}"
    if isinstance(part, str) and isinstance(found, Mapping):
        ran = " (that step has not succeeded)" if path[0] == "steps" and depth == 1 else ""
        return f"“{whole}” has no value{ran}"
    missing = f"item {part}" if isinstance(part, int) else f"field “{part}”"
    return f"“{parent}” is {TYPE_NAMES[type_of(found)]}, so it has no {missing}"


def shape_of(references: Iterable[tuple[str, ...]]) -> Shape:
    """Which parts of the values an expression reads."""
    shape: Shape = {}
    for path in sorted(references, key=len):
        inner = shape
        for part in path[:-1]:
            if part in inner and not inner[part]:
                break  # it is read as a whole
            inner = inner.setdefault(part, {})
        else:
            inner.setdefault(path[-1], {})
    return shape


@dataclass(slots=True)
class Size:
    bytes: int = 0
    longest: int = 0  # list or object


def excerpt(values: Mapping[str, Any], shape: Shape) -> tuple[dict[str, Any], Size]:
    """The parts of ``values`` that an expression reads, and how large they are: the library converts all it is given.

    Raises NotAnswerable.
    """
    size = Size()
    seen = {name: _cut(values[name], inner, (name,), size) for name, inner in shape.items() if name in values}
    return seen, size


def _cut(value: Any, shape: Shape, path: Path, size: Size) -> Any:
    if shape and isinstance(value, Mapping):
        return {
            name: _cut(value[name], inner, (*path, name), size)
            for name, inner in shape.items()
            if name in value
        }
    if path == ("now",):
        return moment(value)
    _measure(value, path, size)
    return value


def _measure(value: Any, path: Path, size: Size) -> None:
    size.bytes += 8
    if isinstance(value, str):
        size.bytes += len(value)
    elif isinstance(value, Mapping | list):
        size.longest = max(size.longest, len(value))
        if len(path) > DEEPEST:
            raise NotAnswerable(f"“{dotted(path[:4])}…” is nested too deeply")
        for name, item in value.items() if isinstance(value, Mapping) else enumerate(value):
            size.bytes += len(name) if isinstance(name, str) else 0
            _measure(item, (*path, name), size)
    elif (flaw := _not_json(value)) is not None:
        raise NotAnswerable(f"“{dotted(path)}” is {flaw}")
    if size.bytes > MOST_BYTES:
        whole = "${ " + dotted(path[:3]) + " }"
        raise NotAnswerable(
            f"it reads more than {MOST_BYTES // 1024} KiB; pass large values on whole, as {whole}"
        )


def _not_json(value: Any) -> str | None:
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, int):
        return None if abs(value) <= LARGEST_INTEGER else "a number too large to count with"
    if isinstance(value, float):
        return None if isfinite(value) else "not a finite number"
    return f"not JSON but {type(value).__name__}"


def check_cost(seen: Mapping[str, Any], size: Size, syntax: Syntax) -> None:
    """Refuse loops that would hold up the process.

    Raises NotAnswerable.
    """
    if not syntax.looped:
        return
    if size.longest > MOST_ITEMS:
        raise NotAnswerable(f"loops can walk {MOST_ITEMS:,} items at most, and here are {size.longest:,}")
    for path in syntax.ordered:
        if isinstance(_find(seen, path), Mapping):
            raise NotAnswerable(
                f"“{dotted(path)}” is an object and has no order; map() and filter() walk lists"
            )
    rounds = max(size.longest, syntax.literal)
    work = sum(weight * _rounds(rounds, loops) for weight, loops in syntax.patterns if loops)
    for read in syntax.reads:
        if read.loops and read.local:
            work += size.bytes * _rounds(rounds, read.loops - 1)
        elif read.loops:
            work += _bytes(_find(seen, read.path)) * _rounds(rounds, read.loops)
    if work > MOST_WORK:
        raise NotAnswerable("its loops would take too long on values as large as these")


def _rounds(longest: int, loops: int) -> int:
    return int(min(longest**loops, MOST_ROUNDS))


def _find(seen: Any, path: Path) -> Any:
    for part in path:
        if isinstance(part, int) or not isinstance(seen, Mapping):
            break
        seen = seen.get(part)
    return seen


def _bytes(value: Any) -> int:
    size = Size()
    if not isinstance(value, datetime):
        _measure(value, (), size)
    return size.bytes


def moment(value: Any) -> datetime:
    """A moment as the library wants it: a datetime that knows its zone.

    Raises NotAnswerable.
    """
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        found = None
    if not isinstance(found, datetime) or found.tzinfo is None:
        raise NotAnswerable(f"“now” is not a moment with a time zone: {value!r}")
    return found


def outgoing(value: Any) -> Any:
    """A result as JSON: moments as RFC 3339, durations as seconds, fields in the order of their names.

    Raises NotAnswerable.
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        if not isfinite(value):
            raise NotAnswerable("the result is not a finite number")
        return value
    if isinstance(value, list):
        return [outgoing(item) for item in value]
    if isinstance(value, dict):
        return {_name(name): outgoing(value[name]) for name in sorted(value, key=str)}
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, timedelta):
        return _seconds(value)
    raise NotAnswerable(f"the result is {_foreign(value)}, which JSON cannot hold")


def _name(name: Any) -> str:
    if not isinstance(name, str):
        raise NotAnswerable(f"the result has the field {name!r}, and names of fields are texts")
    return name


def _foreign(value: Any) -> str:
    return "bytes" if isinstance(value, bytes | bytearray) else "a type"


def _seconds(value: timedelta) -> str:
    whole, rest = divmod(abs(value) // timedelta(microseconds=1), 1_000_000)
    sign = "-" if value < timedelta() else ""
    return f"{sign}{whole}.{rest:06d}".rstrip("0").rstrip(".") + "s" if rest else f"{sign}{whole}s"
