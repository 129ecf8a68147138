"""YAML by the core schema of YAML 1.2, built from the parser's events.

Building by hand rather than by PyYAML's constructor, because limits have to hold *while* a value grows, and
because nothing here recurses.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from designer.graph.codec import DocumentError
from designer.graph.codec.flaws import described, number_flaw, text_flaw
from designer.graph.limits import MOST_DEPTH, MOST_NODES

from .places import refusal, refusal_at

_UNFIT = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LONGEST_INTEGER = 24  # characters: beyond it no number fits 64 bits, and Python refuses to read some
_WORDS: Mapping[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_NUMBERS: tuple[tuple[re.Pattern[str], Callable[[str], int | float]], ...] = (
    (re.compile(r"[-+]?[0-9]+"), int),
    (re.compile(r"0o[0-7]+"), lambda text: int(text[2:], 8)),
    (re.compile(r"0x[0-9a-fA-F]+"), lambda text: int(text[2:], 16)),
    (re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"), float),
    (re.compile(r"[-+]?\.(inf|Inf|INF)"), lambda text: float("inf")),
    (re.compile(r"\.(nan|NaN|NAN)"), lambda text: float("nan")),
)


def read_yaml(text: str) -> Any:
    """The value of a YAML text. Raises DocumentError."""
    unfit = _UNFIT.search(text)
    if unfit:
        raise refusal(
            f"The text holds U+{ord(unfit[0]):04X}, which YAML does not allow.", text, unfit.start()
        )
    building = _Building()
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            building.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        said = ", ".join(part for part in (error.context, error.problem) if part)
        raise _refusal(f"This is not YAML: {said}.", mark) from None
    return building.value


@dataclass(slots=True)
class _Open:
    """An object or list whose end has not been read."""

    held: dict[str, Any] | list[Any]
    name: str | None = None


class _Building:
    """The value as it grows, event by event."""

    def __init__(self) -> None:
        self.value: Any = None
        self.open: list[_Open] = []
        self.count = 0
        self.documents = 0

    def take(self, event: yaml.Event) -> None:
        message = self.refused(event)
        if message:
            raise _refusal(message, event.start_mark)
        match event:
            case yaml.ScalarEvent():
                self.scalar(event)
            case yaml.MappingStartEvent():
                self.begin(event, {})
            case yaml.SequenceStartEvent():
                self.begin(event, [])
            case yaml.CollectionEndEvent():
                self.open.pop()

    def refused(self, event: yaml.Event) -> str | None:
        if isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            return (
                "There is a second document in this text; put each into its own."
                if self.documents > 1
                else None
            )
        if not isinstance(event, yaml.NodeEvent):
            return None
        if event.anchor is not None:
            return "Anchors and aliases (& and *) are not read here. Write the value out."
        if getattr(event, "tag", None) is not None:
            return "Tags (words that begin with “!”) are not read here. Leave it out."
        return None

    def begin(self, event: yaml.Event, held: dict[str, Any] | list[Any]) -> None:
        if len(self.open) == MOST_DEPTH:
            raise _refusal(f"This is nested deeper than {MOST_DEPTH} levels.", event.start_mark)
        if self.wants_name():
            raise _refusal("A name must be text.", event.start_mark)
        self.add(event, held)
        self.open.append(_Open(held))

    def scalar(self, event: yaml.ScalarEvent) -> None:
        message = text_flaw(event.value)
        if message:
            raise _refusal(message, event.start_mark)
        if self.wants_name():
            self.name(event)
        else:
            self.add(event, self.resolved(event) if event.implicit[0] else event.value)

    def wants_name(self) -> bool:
        return bool(self.open) and isinstance(self.open[-1].held, dict) and self.open[-1].name is None

    def name(self, event: yaml.ScalarEvent) -> None:
        """Names are text as they are written, whatever they would be as values."""
        top = self.open[-1]
        if event.value in top.held:
            raise _refusal(
                f"The name {described(event.value)} is given twice in one object.", event.start_mark
            )
        top.name = event.value

    def resolved(self, event: yaml.ScalarEvent) -> Any:
        """What a plain scalar is, by the core schema."""
        text = event.value
        if text in _WORDS:
            return _WORDS[text]
        convert = next((convert for pattern, convert in _NUMBERS if pattern.fullmatch(text)), None)
        if convert is None:
            return text
        number = convert(text) if convert is float or len(text) <= _LONGEST_INTEGER else 2**64
        message = number_flaw(number)
        if message:
            raise _refusal(message, event.start_mark)
        return number

    def add(self, event: yaml.Event, value: Any) -> None:
        self.count += 1
        if self.count > MOST_NODES:
            raise _refusal(f"There are more than {MOST_NODES} values in this document.", event.start_mark)
        if not self.open:
            self.value = value
            return
        top = self.open[-1]
        if isinstance(top.held, list):
            top.held.append(value)
        else:
            assert top.name is not None
            top.held[top.name] = value
            top.name = None


def _refusal(message: str, mark: Any) -> DocumentError:
    return refusal_at(message, mark.line + 1, mark.column + 1) if mark else refusal_at(message, 1, 1)
