"""How much a new version of a contract changes for the workflows that use the old one.

What a step asks for may only shrink, what it gives may only grow: anything else breaks somebody.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from designer.graph import Contract, Schema


class Level(IntEnum):
    PATCH = 0
    MINOR = 1
    MAJOR = 2


@dataclass(frozen=True, slots=True)
class Change:
    level: Level
    sentence: str


def compatibility(old: Contract, new: Contract) -> tuple[Level, tuple[Change, ...]]:
    """The least version step that is honest, and why."""
    changes = (
        *_input_changes(old.input, new.input, "input"),
        *_output_changes(old.output, new.output, "output"),
        *_promise_changes(old, new),
    )
    return max((change.level for change in changes), default=Level.PATCH), changes


def _input_changes(old: Schema, new: Schema, place: str) -> Iterator[Change]:
    before, after = _properties(old), _properties(new)
    for name in sorted(before.keys() - after.keys()):
        if new.get("additionalProperties") is False:
            yield Change(Level.MAJOR, f"{place}.{name} is no longer accepted.")
    for name in sorted(after):
        yield from _input_property(name, old, new, f"{place}.{name}")
    yield from _shape_changes(_without_properties(new), _without_properties(old), place, "accepts")


def _input_property(name: str, old: Schema, new: Schema, place: str) -> Iterator[Change]:
    if _requires(new, name) and not _requires(old, name):
        yield Change(Level.MAJOR, f"{place} is now required.")
    elif name not in _properties(old):
        yield Change(Level.MINOR, f"{place} is new and optional.")
    if name in _properties(old):
        yield from _input_changes(_properties(old)[name], _properties(new)[name], place)


def _output_changes(old: Schema, new: Schema, place: str) -> Iterator[Change]:
    before, after = _properties(old), _properties(new)
    for name in sorted(after.keys() - before.keys()):
        yield Change(Level.MINOR, f"{place}.{name} is new.")
    for name in sorted(before):
        if name not in after:
            yield Change(Level.MAJOR, f"{place}.{name} is no longer given.")
            continue
        if _requires(old, name) and not _requires(new, name):
            yield Change(Level.MAJOR, f"{place}.{name} is no longer always given.")
        yield from _output_changes(before[name], after[name], f"{place}.{name}")
    yield from _shape_changes(_without_properties(old), _without_properties(new), place, "gives")


def _shape_changes(
    wide: Mapping[str, Any], narrow: Mapping[str, Any], place: str, verb: str
) -> Iterator[Change]:
    """`narrow` may only be stricter than `wide`; what cannot be compared counts as broken."""
    if wide == narrow:
        return
    fits = _types(narrow) <= _types(wide) and _values(narrow, wide) and _rest(wide) in ({}, _rest(narrow))
    level = Level.MINOR if fits else Level.MAJOR
    yield Change(
        level, f"{place} {verb} {'other values than before' if level is Level.MAJOR else 'the same or more'}."
    )


def _promise_changes(old: Contract, new: Contract) -> Iterator[Change]:
    if old.idempotent and not new.idempotent:
        yield Change(Level.MAJOR, "It is no longer idempotent.")
    if (old.effect, old.undone_by) != (new.effect, new.undone_by):
        yield Change(Level.MAJOR, f"Its effect was {_effect(old)} and is {_effect(new)}.")
    before, after = ({error.name: error.retryable for error in contract.errors} for contract in (old, new))
    for name in sorted(before.keys() ^ after.keys()):
        yield Change(Level.MINOR, f"The error {name} {'is new' if name in after else 'no longer happens'}.")
    for name in sorted(before.keys() & after.keys()):
        if before[name] != after[name]:
            yield Change(
                Level.MAJOR, f"The error {name} is {'now' if after[name] else 'no longer'} worth a retry."
            )


LABELS = {"title", "description", "default", "examples", "properties", "required", "additionalProperties"}


def _without_properties(schema: Schema) -> dict[str, Any]:
    return {name: value for name, value in schema.items() if name not in LABELS}


def _properties(schema: Schema) -> Mapping[str, Any]:
    return schema.get("properties", {})  # type: ignore[no-any-return]


def _requires(schema: Schema, name: str) -> bool:
    return name in schema.get("required", [])


def _types(schema: Mapping[str, Any]) -> set[str]:
    declared = schema.get("type", ["null", "boolean", "integer", "number", "string", "array", "object"])
    types = {declared} if isinstance(declared, str) else set(declared)
    return types | {"integer"} if "number" in types else types


def _values(narrow: Mapping[str, Any], wide: Mapping[str, Any]) -> bool:
    if "enum" not in wide:
        return True
    return "enum" in narrow and all(value in wide["enum"] for value in narrow["enum"])


def _rest(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in schema.items() if name not in ("type", "enum")}


def _effect(contract: Contract) -> str:
    return f"undoable by {contract.undone_by}" if contract.undone_by else str(contract.effect)
