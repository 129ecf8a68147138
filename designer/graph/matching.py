"""Whether what one contract gives is what another asks for.

Only certain mismatches are told: where a schema leaves a doubt, the run's own check of every value decides.
"""

from collections.abc import Mapping

from .contracts import Schema
from .schema_paths import layers, required_names, schema_at, types_of
from .schemas import TYPE_NAMES, violations

DEEPEST = 8


def accepts(producer: Schema | bool, consumer: Schema | bool) -> str | None:
    """Why no value of ``producer`` can be a value of ``consumer``, as a sentence; None where one may be."""
    return _mismatch(producer, consumer, "", DEEPEST)


def _mismatch(producer: Schema | bool, consumer: Schema | bool, place: str, depth: int) -> str | None:
    if not isinstance(producer, Mapping) or not isinstance(consumer, Mapping) or not depth:
        return None
    return (
        _types_differ(producer, consumer, place)
        or _values_differ(producer, consumer, place)
        or _fields_differ(producer, consumer, place, depth)
    )


def _types_differ(producer: Schema, consumer: Schema, place: str) -> str | None:
    given, wanted = types_of(producer), types_of(consumer)
    if not given or not wanted or any(_fits(kind, wanted) for kind in given):
        return None
    return f"{_subject(place)} is {_names(given)}, but {_names(wanted)} is needed."


def _fits(kind: str, wanted: frozenset[str]) -> bool:
    numeric = kind in ("integer", "number") and wanted & {"integer", "number"}
    return kind in wanted or bool(numeric)


def _values_differ(producer: Schema, consumer: Schema, place: str) -> str | None:
    options = next((layer["enum"] for layer in layers(producer) if isinstance(layer.get("enum"), list)), None)
    if not options or any(not violations(consumer, option) for option in options):
        return None
    return f"{_subject(place)} can only be {', '.join(map(str, options[:5]))}, and none of these is allowed."


def _fields_differ(producer: Schema, consumer: Schema, place: str, depth: int) -> str | None:
    if not types_of(producer) == types_of(consumer) == frozenset({"object"}):
        return None
    for name in sorted(required_names(producer) | required_names(consumer)):
        given, wanted = schema_at(producer, (name,)), schema_at(consumer, (name,))
        here = f"{place}.{name}" if place else name
        if name in required_names(consumer) and _ruled_out(producer, name):
            return f"{_subject(here)} is needed, but it is never given."
        if name in required_names(producer) and isinstance(given, Mapping) and isinstance(wanted, Mapping):
            found = _mismatch(given, wanted, here, depth - 1)
            if found:
                return found
    return None


def _ruled_out(schema: Schema, name: str) -> bool:
    closed = any(layer.get("additionalProperties") is False for layer in layers(schema))
    return closed and not isinstance(schema_at(schema, (name,)), Mapping | None)


def _subject(place: str) -> str:
    return f"“{place}”" if place else "The value"


def _names(types: frozenset[str]) -> str:
    return " or ".join(TYPE_NAMES.get(name, name) for name in sorted(types))
