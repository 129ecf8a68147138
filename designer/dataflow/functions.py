"""What the intrinsic functions do. Each takes its arguments and a seed for chance."""

import base64
import binascii
import hashlib
import json
import math
import re
from collections.abc import Callable, Sequence
from itertools import batched
from typing import Any

from .chance import identifier, whole
from .filters import is_number, same
from .flow import FlowError

MOST_CHARACTERS = 10_000  # to encode, decode or hash; AWS's limit
MOST_IN_RANGE = 1_000  # AWS's limit
MOST_IN_TEXT = 64 * 1024 * 1024  # characters that Format puts together
ALGORITHMS = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}
_FAILURE = "States.IntrinsicFailure"

type Function = Callable[[Sequence[Any], str], Any]
FUNCTIONS: dict[str, Function] = {}


class Unfit(Exception):
    """An argument that a function cannot take."""


def _function[F: Callable[..., Any]](name: str, least: int, most: int | None = None) -> Callable[[F], F]:
    """Offers a function by its ASL name, with its number of arguments checked."""

    def offer(implementation: F) -> F:
        def call(arguments: Sequence[Any], seed: str) -> Any:
            if len(arguments) < least or (most is not None and len(arguments) > most):
                raise FlowError(_FAILURE, f"{name} does not take {len(arguments)} arguments.")
            seeded = {"seed": seed} if "seed" in implementation.__annotations__ else {}
            try:
                return implementation(*arguments, **seeded)
            except Unfit as error:
                raise FlowError(_FAILURE, f"{name}: {error}.") from None

        FUNCTIONS[name] = call
        return implementation

    return offer


# --- texts -----------------------------------------------------------------------------------------------


@_function("States.Format", 1)
def format_text(template: Any, *values: Any) -> str:
    """``template`` is a text, or its pieces around each {} where it was written in quotes."""
    pieces = template if isinstance(template, tuple) else _text(template).split("{}")
    if len(pieces) != len(values) + 1:
        raise Unfit(f"it has {len(pieces) - 1} places and {len(values)} values")
    parts, length = [pieces[0]], 0
    for value, piece in zip(values, pieces[1:], strict=True):
        parts += [shown(value), piece]
        length += len(parts[-2])
        if length > MOST_IN_TEXT:
            raise Unfit(f"the text would have more than {MOST_IN_TEXT:,} characters")
    return "".join(parts)


def shown(value: Any) -> str:
    """A value within a text, as AWS writes it: {Arg1=1, Arg2=[]}."""
    match value:
        case str():
            return value
        case list():
            return f"[{', '.join(map(shown, value))}]"
        case dict():
            return f"{{{', '.join(f'{name}={shown(inner)}' for name, inner in value.items())}}}"
        case _:
            return json.dumps(value)


@_function("States.StringSplit", 2, 2)
def string_split(text: Any, separators: Any) -> list[str]:
    """The parts between any of the separating characters; empty ones are left out."""
    marks = re.escape(_text(separators))
    return [part for part in (re.split(f"[{marks}]", _text(text)) if marks else [_text(text)]) if part]


@_function("States.StringToJson", 1, 1)
def string_to_json(text: Any) -> Any:
    """Nothing but spaces is null."""
    return parse_json(_text(text)) if _text(text).strip() else None


@_function("States.JsonToString", 1, 1)
def json_to_string(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


@_function("States.Base64Encode", 1, 1)
def base64_encode(text: Any) -> str:
    return base64.b64encode(_octets(_short(text))).decode()


@_function("States.Base64Decode", 1, 1)
def base64_decode(text: Any) -> str:
    try:
        return base64.b64decode(_octets(_short(text)), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise Unfit("it is not the Base64 of a text") from None


@_function("States.Hash", 2, 2)
def hash_of(value: Any, algorithm: Any) -> str:
    return digest(value if isinstance(value, str) else json_to_string(value), algorithm)


@_function("States.UUID", 0, 0)
def new_uuid(*, seed: str) -> str:
    return identifier(seed)


# --- lists -----------------------------------------------------------------------------------------------


@_function("States.Array", 0)
def array(*values: Any) -> list[Any]:
    return list(values)


@_function("States.ArrayPartition", 2, 2)
def array_partition(values: Any, size: Any) -> list[list[Any]]:
    whole_size = _rounded(size)
    if whole_size < 1:
        raise Unfit("a part has 1 item or more")
    return [list(part) for part in batched(_list(values), whole_size)]


@_function("States.ArrayContains", 2, 2)
def array_contains(values: Any, wanted: Any) -> bool:
    return any(same(value, wanted) for value in _list(values))


@_function("States.ArrayRange", 3, 3)
def array_range(first: Any, last: Any, step: Any) -> list[int]:
    start, end, stride = map(_rounded, (first, last, step))
    if not stride:
        raise Unfit("its step is 0")
    values = range(start, end + (1 if stride > 0 else -1), stride)
    if len(values) > MOST_IN_RANGE:
        raise Unfit(f"it would have more than {MOST_IN_RANGE:,} items")
    return list(values)


@_function("States.ArrayGetItem", 2, 2)
def array_get_item(values: Any, index: Any) -> Any:
    found = _list(values)
    if not isinstance(index, int) or isinstance(index, bool) or not 0 <= index < len(found):
        raise Unfit(f"there is no item {shown(index)} in a list of {len(found)}")
    return found[index]


@_function("States.ArrayLength", 1, 1)
def array_length(values: Any) -> int:
    return len(_list(values))


@_function("States.ArrayUnique", 1, 1)
def array_unique(values: Any) -> list[Any]:
    return unique(_list(values))


def unique(values: list[Any]) -> list[Any]:
    """Each value once, at its first place."""
    kept: dict[Any, Any] = {}
    for value in values:
        kept.setdefault(mark(value), value)
    return list(kept.values())


def mark(value: Any) -> Any:
    """The same for values that are equal as JSON, and fit for a set."""
    match value:
        case bool():
            return "bool", value
        case list():
            return "list", tuple(map(mark, value))
        case dict():
            return "dict", frozenset((name, mark(inner)) for name, inner in value.items())
        case _:
            return value


# --- objects and numbers ---------------------------------------------------------------------------------


@_function("States.JsonMerge", 3, 3)
def json_merge(first: Any, second: Any, deep: Any) -> dict[str, Any]:
    if not isinstance(first, dict) or not isinstance(second, dict):
        raise Unfit("it merges two objects")
    if deep is not False:
        raise Unfit("its third argument can only be false: deep merging is not supported")
    return {**first, **second}


@_function("States.MathAdd", 2, 2)
def math_add(first: Any, second: Any) -> int:
    return _rounded(first) + _rounded(second)


@_function("States.MathRandom", 2, 3)
def math_random(first: Any, end: Any, own_seed: Any = None, *, seed: str) -> int:
    start, stop = _rounded(first), _rounded(end)
    if start >= stop:
        raise Unfit("its first number should be less than its second")
    return whole(seed if own_seed is None else f"{_rounded(own_seed)}", start, stop)


# --- what they are given ---------------------------------------------------------------------------------


def parse_json(text: str) -> Any:
    """The value of a JSON text."""
    try:
        return json.loads(text, parse_constant=_not_json, parse_float=_finite)
    except (ValueError, RecursionError):
        raise Unfit("the text is not JSON") from None


def digest(text: str, algorithm: Any) -> str:
    if algorithm not in ALGORITHMS:
        raise Unfit(f"{algorithm!r} is not one of {', '.join(ALGORITHMS)}")
    return hashlib.new(ALGORITHMS[algorithm], _octets(_short(text)), usedforsecurity=False).hexdigest()


def _not_json(word: str) -> Any:
    raise ValueError(word)


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _not_json(text)


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _short(value: Any) -> str:
    text = _text(value)
    if len(text) > MOST_CHARACTERS:
        raise Unfit(f"the text has more than {MOST_CHARACTERS:,} characters")
    return text


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise Unfit(f"{shown(value):.100} is not a text")
    return value


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise Unfit(f"{shown(value):.100} is not a list")
    return value


def _rounded(value: Any) -> int:
    """A half goes up, as in Java: -1.5 is -1."""
    if not is_number(value):
        raise Unfit(f"{shown(value):.100} is not a number")
    return value if isinstance(value, int) else math.floor(value + 0.5)
