"""Schemas and values in the words of people."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from designer.graph import types_of

TYPES = {
    "string": "text", "integer": "whole number", "number": "number", "boolean": "yes or no",
    "array": "list", "object": "object", "null": "nothing",
}  # fmt: skip
NO_VALUE = "no value"  # where an example cannot be worked out
LONGEST = 60  # characters of an example


def words_for(schema: Any) -> str:
    """The types that a schema allows: “text or nothing”."""
    return words_for_types(types_of(schema) or ()) if isinstance(schema, Mapping) else "any value"


def words_for_types(types: Iterable[str]) -> str:
    return " or ".join(TYPES[name] for name in sorted(types) if name in TYPES) or "any value"


def note_of(schema: Any) -> str:
    """What a schema says about itself."""
    return str(schema.get("title") or schema.get("description") or "") if isinstance(schema, Mapping) else ""


def example_text(value: Any) -> str:
    """A value on one line, as JSON; a long one is cut."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
