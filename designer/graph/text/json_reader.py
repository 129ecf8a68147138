"""JSON as the standard means it: what Python's reader lets pass is looked for token by token."""

import json
import re
from contextlib import suppress
from typing import Any

from designer.graph.codec import DocumentError
from designer.graph.codec.flaws import described, number_flaw, text_flaw
from designer.graph.limits import MOST_DEPTH, MOST_NODES

from .places import refusal

_TOKEN = re.compile(
    r'(?P<text>"(?:[^"\\]+|\\.)*+")|(?P<mark>[{}\[\]:])|(?P<word>[^\s,{}\[\]:"]+)|[\s,]+', re.DOTALL
)
_INTEGER = re.compile(r"-?\d+")
_LONGEST_INTEGER = 20  # digits and a sign: beyond it no number fits 64 bits, and Python refuses to read some


def read_json(text: str) -> Any:
    """The value of a JSON text. Raises DocumentError."""
    value = None
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        said = error.msg.removesuffix(" at").removesuffix(" starting")
        raise refusal(f"This is not JSON: {said}.", text, error.pos) from None
    except (RecursionError, ValueError):
        pass  # too deep, or a number too long: the scan finds where
    _Scan(text).run()
    return value


class _Scan:
    """One walk over the tokens of a text, refusing the first thing that JSON does not have."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.names: list[set[str] | None] = []  # by depth: the names of an object, None for a list
        self.last = ""
        self.count = 0

    def run(self) -> None:
        offset = 0
        while token := _TOKEN.match(self.text, offset):
            message = self.look_at(token)
            if message:
                raise self.refusal(message, offset)
            offset = token.end()

    def look_at(self, token: re.Match[str]) -> str | None:
        match token.lastgroup:
            case "mark":
                return self.mark(token[0])
            case "text":
                return self.string(token[0])
            case "word":
                return self.one_more() or _word_flaw(token[0])
        return None

    def mark(self, mark: str) -> str | None:
        if mark in "{[":
            self.names.append(set() if mark == "{" else None)
            if len(self.names) > MOST_DEPTH:
                return f"This is nested deeper than {MOST_DEPTH} levels."
            return self.one_more()
        if mark == ":":
            return self.name()
        self.names.pop()
        return None

    def string(self, written: str) -> str | None:
        self.last = json.loads(written)
        return self.one_more() or text_flaw(self.last)

    def name(self) -> str | None:
        """The string just read was a name, not a value."""
        self.count -= 1
        names = self.names[-1]
        assert names is not None
        if self.last in names:
            return f"The name {described(self.last)} is given twice in one object."
        names.add(self.last)
        return None

    def one_more(self) -> str | None:
        self.count += 1
        return (
            f"There are more than {MOST_NODES} values in this document." if self.count > MOST_NODES else None
        )

    def refusal(self, message: str, offset: int) -> DocumentError:
        return refusal(message, self.text, offset)


def _word_flaw(word: str) -> str | None:
    if word.lstrip("-") in ("NaN", "Infinity"):
        return f"JSON has no {word}. Leave the value out or write it as text."
    if _INTEGER.fullmatch(word):
        return number_flaw(int(word) if len(word) <= _LONGEST_INTEGER else 10**_LONGEST_INTEGER)
    with suppress(ValueError):  # true, false and null are no numbers
        return number_flaw(float(word))
    return None
