"""The functions of JSONata that are ours: those AWS adds, and those of the library that need a bound or a clock."""

import json
import math
import re
from collections.abc import Callable, Iterator
from typing import Any

from .chance import fraction, identifier
from .functions import Unfit, digest, parse_json, unique

MOST_TEXT = 1_000_000  # characters in one text
MOST_ROUNDS = 1_000  # replacements one by one
_LONG_WIDTH = re.compile(r"\d{5,}")


def partition(values: Any, size: Any) -> Any:
    """Lists of so many items; one of a single item is that item, as sequences of JSONata are."""
    if values is None or size is None or size == 0:
        return None
    step = math.floor(size)
    if step < 1:
        raise Unfit("a part has 1 item or more")
    if step >= len(values):
        return [list(values)]
    parts = [list(values[at : at + step]) for at in range(0, len(values), step)]
    return [part[0] if len(part) == 1 else part for part in parts]


def steps(first: Any, last: Any, step: Any) -> list[Any] | None:
    """The numbers from first to last."""
    if first is None or last is None or step is None:
        return None
    if step == 0:
        raise Unfit("its step is 0")
    count = math.floor((last - first) / step) + 1
    if count > MOST_TEXT:
        raise Unfit(f"it would have more than {MOST_TEXT:,} items")
    return [first + at * step for at in range(max(count, 0))]


def hash_of(value: Any, algorithm: Any = "SHA-256") -> str | None:
    if value is None:
        return None
    return digest(value if isinstance(value, str) else json.dumps(value), algorithm or "SHA-256")


def pad(text: Any, width: Any, mark: Any = None) -> Any:
    if text is None or width is None:
        return text
    missing, mark = int(abs(width)) - len(text), mark or " "
    if missing > MOST_TEXT:
        raise Unfit(f"the text would have more than {MOST_TEXT:,} characters")
    padding = (mark * (max(missing, 0) // len(mark) + 1))[: max(missing, 0)]
    return padding + text if width < 0 else text + padding


def join(texts: Any, separator: Any = None) -> Any:
    if texts is None:
        return None
    separator = separator or ""
    if sum(map(len, texts)) + len(separator) * len(texts) > MOST_TEXT:
        raise Unfit(f"the text would have more than {MOST_TEXT:,} characters")
    return separator.join(texts)


def distinct(values: Any) -> Any:
    if not isinstance(values, list) or len(values) < 2:
        return values
    return unique(values)


def shuffled(values: Any, draw: Callable[[], float]) -> Any:
    if values is None:
        return None
    mixed = list(values)
    for last in range(len(mixed) - 1, 0, -1):
        other = math.floor(draw() * (last + 1))
        mixed[last], mixed[other] = mixed[other], mixed[last]
    return mixed


def parse(text: Any) -> Any:
    return None if text is None else parse_json(text)


def check_picture(picture: Any) -> None:
    """A width of ten thousand digits would only fill the memory."""
    if isinstance(picture, str) and (_LONG_WIDTH.search(picture) or len(picture) > MOST_ROUNDS):
        raise Unfit("the picture is too long or too wide")


def check_replacing(text: Any, pattern: Any, replacement: Any, limit: Any) -> None:
    if not isinstance(text, str):
        return
    if limit is not None and not isinstance(pattern, str) and limit > MOST_ROUNDS:
        raise Unfit(f"it replaces {MOST_ROUNDS:,} times at most where a limit is given")
    if not isinstance(replacement, str):
        return
    found = text.count(pattern) if isinstance(pattern, str) and pattern else _matches(pattern, text)
    if found * len(replacement) + len(text) * (1 + replacement.count("$")) > MOST_TEXT * 10:
        raise Unfit(f"the text would have more than {MOST_TEXT:,} characters")


def _matches(pattern: Any, text: str) -> int:
    return 0 if isinstance(pattern, str) else sum(1 for _ in pattern.finditer(text))


def draws(seed: str) -> Iterator[float]:
    """One number after the other, always the same for a seed."""
    at = 0
    while True:
        yield fraction(f"{seed}#{at}")
        at += 1


def identifiers(seed: str) -> Iterator[str]:
    at = 0
    while True:
        yield identifier(f"{seed}#{at}")
        at += 1
