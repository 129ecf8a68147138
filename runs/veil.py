"""A veil: what somebody may not see of a run is dots, wherever it stands.

Fields are known by the names that schemas mark, and what stood in them by its value: a step that copies a marked
value into a text, an error or a field of another name does not make it visible.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from functools import cached_property
from html import escape
from typing import Any

from .redaction import MASK

LEAST = 4  # signs of a value that is looked for in texts; shorter ones are found only where they stand alone
WHOLE = 8  # from here on it is found inside of words too
TAG = re.compile(r"(<[^>]*>)")
TELLING = re.compile(r"""(\s(?:title|aria-label|value|placeholder|alt|data-copy|href)=")([^"]*)""")
TELLING_PARTS = frozenset({"text", "why", "message", "error", "title", "label", "reason", "then", "waited", "key",
                           "run_key", "decision_reason", "subject", "locked"})  # fmt: skip


class Veil:
    """Of one run. ``names`` are the marked fields, ``values`` what stood in them: texts and numbers."""

    def __init__(self, names: Collection[str], values: Iterable[Any] = ()) -> None:
        self.names = frozenset(names)
        self.values = frozenset(found for value in values for found in scalars(value))

    def __or__(self, other: "Veil") -> "Veil":
        return Veil(self.names | other.names, self.values | other.values)

    @property
    def hides(self) -> bool:
        return bool(self.names)

    def value(self, value: Any, name: str = "") -> Any:
        """JSON as it may be seen. ``name`` is what it is called where it stands."""
        if not self.hides or value is None:
            return value
        if name in self.names:
            return MASK
        if isinstance(value, dict):
            return {self.text(key): self.value(part, key) for key, part in value.items()}
        if isinstance(value, list):
            return [self.value(part) for part in value]
        if isinstance(value, str):
            return MASK if value in self.values else self.text(value)
        if isinstance(value, bool):
            return value
        return MASK if value in self.values else value

    def text(self, text: str) -> str:
        """A sentence, an error: what people read."""
        return self._sought.sub(MASK, text) if self._sought else text

    def told(self, answer: Any) -> Any:
        """An answer whose fields are our own: sentences in it are read, its words and numbers are left."""
        if isinstance(answer, dict):
            return {name: self._telling(name, part) for name, part in answer.items()}
        return [self.told(part) for part in answer] if isinstance(answer, list | tuple) else answer

    def html(self, page: str) -> str:
        """A page or a part of one: its texts, and those attributes that are read out."""
        if not self._sought:
            return page
        return "".join(
            TELLING.sub(lambda found: found[1] + self.text(found[2]), part)
            if part[:1] == "<"
            else self.text(part)
            for part in TAG.split(page)
        )

    def _telling(self, name: str, part: Any) -> Any:
        return self.text(part) if isinstance(part, str) and name in TELLING_PARTS else self.told(part)

    @cached_property
    def _sought(self) -> re.Pattern[str] | None:
        """What is looked for in texts: the longest first, short ones and numbers as whole words."""
        forms = sorted({form for value in self.values for form in _forms(value)}, key=len, reverse=True)
        return re.compile("|".join(map(_pattern, forms))) if forms else None


def scalars(value: Any) -> Iterator[str | int | float]:
    """The texts and numbers of a value. True, false and nothing say too little to be known again."""
    if isinstance(value, dict):
        for part in value.values():
            yield from scalars(part)
    elif isinstance(value, list):
        for part in value:
            yield from scalars(part)
    elif isinstance(value, str | int | float) and not isinstance(value, bool) and value != "":
        yield value


def values_named(value: Any, names: Collection[str]) -> Iterator[Any]:
    """What stands in fields of these names, however deep."""
    if isinstance(value, dict):
        for name, part in value.items():
            if name in names:
                yield part
            else:
                yield from values_named(part, names)
    elif isinstance(value, list):
        for part in value:
            yield from values_named(part, names)


def names_in(value: Any) -> frozenset[str]:
    """The names of all fields, however deep."""
    if isinstance(value, dict):
        return frozenset(value).union(*map(names_in, value.values()))
    return frozenset[str]().union(*map(names_in, value)) if isinstance(value, list) else frozenset()


def _forms(value: str | float) -> Iterator[str]:
    text = str(value)
    if len(text) >= LEAST:
        yield from {text, escape(text), repr(text)[1:-1]}
        if not isinstance(value, str) and len(text) > LEAST:
            yield f"{value:,}"


def _pattern(form: str) -> str:
    sought = re.escape(form)
    is_word = len(form) < WHOLE or form.replace(".", "").replace(",", "").isdecimal()
    return rf"(?<!\w){sought}(?!\w)" if is_word else sought
