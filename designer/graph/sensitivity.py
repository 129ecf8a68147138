"""Fields that a schema marks with ``sensitive: true``: workers have them whole, most people see dots.

Marks are known by the names of fields. What carries a marked value under another name is found by the value.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from .contracts import Schema
from .model import Graph
from .schema_paths import MISSING, schema_at

MARK = "sensitive"
_PARTS = ("items", "additionalProperties", "contains", "not", "if", "then", "else")
# A contract's schema is asked about at every attempt: it is held here, so that its id remains its own.
_held: dict[int, tuple[Schema, frozenset[str]]] = {}
MOST_HELD = 1_024
_LISTS = ("anyOf", "oneOf", "allOf", "prefixItems")


def marked_names(schema: Schema) -> frozenset[str]:
    """The fields of ``schema``, however deep, that are marked; one whose items are marked is marked itself."""
    held = _held.get(id(schema))
    if held is None:
        if len(_held) >= MOST_HELD:
            _held.clear()
        held = _held[id(schema)] = (schema, frozenset(_names(schema, schema, "", set())))
    return held[1]


def names_marked_in(graph: Graph) -> frozenset[str]:
    """Those of a workflow's input, and of the contracts of what it calls."""
    contracts = graph.contracts.values()
    schemas = [graph.input, *(said for one in contracts for said in (one.input, one.output))]
    return frozenset[str]().union(*map(marked_names, schemas))


def is_marked(schema: Schema, path: tuple[str | int, ...]) -> bool:
    """Whether what stands at ``path``, or something in it or around it, is marked."""
    for depth in range(1, len(path) + 1):
        found = schema_at(schema, path[:depth])
        if found is None or found is MISSING:
            return False
        assert isinstance(found, Mapping)
        if found.get(MARK) is True:
            return True
    found = schema_at(schema, path)
    return isinstance(found, Mapping) and bool(marked_names(found))


def _names(part: Any, whole: Schema, name: str, seen: set[tuple[str, str]]) -> Iterator[str]:
    if not isinstance(part, Mapping):
        return
    if name and part.get(MARK) is True:
        yield name
    for found in _within(part):
        yield from _names(found, whole, name, seen)
    for inner in ("properties", "patternProperties"):
        for field, found in _mapping(part.get(inner)).items():
            yield from _names(found, whole, field if inner == "properties" else name, seen)
    reference = part.get("$ref")
    if isinstance(reference, str) and (reference, name) not in seen:
        seen.add((reference, name))
        yield from _names(_referred(whole, reference), whole, name, seen)


def _within(part: Mapping[str, Any]) -> Iterator[Any]:
    yield from (part[word] for word in _PARTS if word in part)
    for word in _LISTS:
        found = part.get(word)
        yield from found if isinstance(found, list) else ()


def _referred(whole: Schema, reference: str) -> Any:
    found: Any = whole
    for part in reference.removeprefix("#").split("/")[1:]:
        found = _mapping(found).get(part.replace("~1", "/").replace("~0", "~"))
    return found


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
