"""Walking schemas: what a schema says about the value at a path.

A value that a schema does not speak of is *unknown* (None), one that it rules out is `MISSING`. A field that a
schema with named fields does not name counts as ruled out, unless the schema says ``additionalProperties``:
nobody promised it, and nearly always its name is misspelt.
"""

from collections.abc import Iterator, Mapping
from enum import Enum
from itertools import islice
from typing import Any, Final, Literal

from .contracts import Schema
from .paths import Path
from .schemas import type_of


class _Missing(Enum):
    MISSING = "missing"

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = _Missing.MISSING
Answer = Schema | None | Literal[_Missing.MISSING]
DEEPEST = 8  # alternatives within alternatives
MOST = 64  # alternatives looked at: a schema that refers to itself has no end of them
_OPTIONS = ("anyOf", "oneOf")
_COMPOSED = frozenset({"$ref", "allOf", *_OPTIONS})
_ELSEWHERE = ("if", "dependentSchemas", "patternProperties", "$dynamicRef")  # may speak of any field


def schema_at(schema: Schema | bool, path: Path) -> Answer:
    """What ``schema`` says about the value at ``path``: a schema, None (unknown) or MISSING."""
    answer: Answer = schema if isinstance(schema, Mapping) else (None if schema else MISSING)
    for part in path:
        if answer is None or answer is MISSING:
            return answer
        answer = _child(answer, part)
    return answer


def property_names(schema: Schema | bool) -> tuple[str, ...]:
    """The names of the fields that ``schema`` speaks of, in its order."""
    names: dict[str, None] = {}
    for facet in alternatives(schema):
        for layer in layers(facet):
            names.update(dict.fromkeys(_mapping(layer.get("properties"))))
    return tuple(names)


def required_names(schema: Schema | bool) -> frozenset[str]:
    """The fields that every value of ``schema`` must have."""
    found = [
        frozenset(name for layer in layers(facet) for name in _texts(layer.get("required")))
        for facet in alternatives(schema)
    ]
    return frozenset.intersection(*found) if found else frozenset()


def types_of(schema: Schema | bool) -> frozenset[str] | None:
    """The JSON types that a value of ``schema`` may have; None where anything goes."""
    found: set[str] = set()
    for facet in alternatives(schema):
        types = _facet_types(facet)
        if types is None:
            return None
        found |= types
    return frozenset(found)


def layers(schema: Schema) -> Iterator[Schema]:
    """``schema`` and everything that must hold beside it: its local references and the parts of ``allOf``."""
    if "$ref" not in schema and "allOf" not in schema:
        yield schema
        return
    waiting, seen = [schema], set()
    while waiting:
        layer = waiting.pop()
        if id(layer) in seen:
            continue
        seen.add(id(layer))
        yield layer
        if isinstance(reference := layer.get("$ref"), str):
            waiting.append(_resolve(schema, reference) or {"$dynamicRef": reference})
        waiting += [part for part in reversed(_list(layer.get("allOf"))) if isinstance(part, Mapping)]


def alternatives(schema: Schema | bool) -> tuple[Schema, ...]:
    """The schemas of which a value must fit one: the parts of ``anyOf`` or ``oneOf``, else the schema itself."""
    if not isinstance(schema, Mapping):
        return ({},)
    if _COMPOSED.isdisjoint(schema):
        return (schema,)
    return tuple(islice(_alternatives(schema, DEEPEST), MOST))


def _alternatives(schema: Schema, depth: int) -> Iterator[Schema]:
    found = list(layers(schema))
    word, at = next(
        ((w, n) for n, layer in enumerate(found) for w in _OPTIONS if _list(layer.get(w))), ("", 0)
    )
    if not word or not depth:
        yield schema
        return
    beside = [_without(layer, {word} if number == at else set()) for number, layer in enumerate(found)]
    beside = [layer for layer in beside if layer]
    for option in found[at][word]:
        if isinstance(option, Mapping):
            joined = {"allOf": [option, *beside]} if beside else option
            yield from _alternatives(with_definitions(joined, schema), depth - 1)
        else:
            yield {}


def _without(layer: Schema, words: set[str]) -> Schema:
    return {key: said for key, said in layer.items() if key not in words | {"$ref", "allOf", "$defs"}}


def with_definitions(part: Schema, whole: Schema) -> Schema:
    """``part`` of ``whole`` that still finds what it refers to."""
    if "$defs" in whole and "$defs" not in part and "$ref" in repr(part):
        return {**part, "$defs": whole["$defs"]}
    return part


def _resolve(root: Schema, reference: str) -> Schema | None:
    """What a reference of the form ``#/$defs/name`` points at; None where it cannot be followed."""
    if not reference.startswith("#/"):
        return None
    found: Any = root
    for part in reference[2:].split("/"):
        name = part.replace("~1", "/").replace("~0", "~")
        if not isinstance(found, Mapping) or name not in found:
            return None
        found = found[name]
    return found if isinstance(found, Mapping) else None


def _child(schema: Schema, part: str | int) -> Answer:
    answers = [_child_of_one(facet, part) for facet in alternatives(schema)]
    found = [answer for answer in answers if answer is not MISSING]
    if not found:
        return MISSING
    known = [answer for answer in found if answer is not None]
    if len(known) < len(found):
        return None
    return known[0] if len(known) == 1 else with_definitions({"anyOf": known}, schema)


def _child_of_one(schema: Schema, part: str | int) -> Answer:
    types = _facet_types(schema)
    wanted = "object" if isinstance(part, str) else "array"
    if types is not None and wanted not in types:
        return MISSING
    said = [_said(layer, part) for layer in layers(schema)]
    spoken = [answer for answer in said if isinstance(answer, Mapping)]
    if spoken:
        joined = spoken[0] if len(spoken) == 1 else {"allOf": spoken}
        return with_definitions(joined, schema)
    return (
        MISSING if MISSING in said and not any(_speaks_elsewhere(layer) for layer in layers(schema)) else None
    )


def _said(layer: Schema, part: str | int) -> Answer:
    return _field(layer, part) if isinstance(part, str) else _item(layer, part)


def _field(layer: Schema, name: str) -> Answer:
    properties = _mapping(layer.get("properties"))
    if name in properties:
        return _usable(properties[name])
    if "additionalProperties" in layer and "patternProperties" not in layer:
        return _usable(layer["additionalProperties"])
    return MISSING if properties else None


def _item(layer: Schema, index: int) -> Answer:
    first = _list(layer.get("prefixItems"))
    if index < len(first):
        return _usable(first[index])
    return _usable(layer["items"]) if "items" in layer else None


def _speaks_elsewhere(layer: Schema) -> bool:
    return layer.get("additionalProperties", False) is not False or any(word in layer for word in _ELSEWHERE)


def _usable(schema: Any) -> Answer:
    if isinstance(schema, Mapping):
        return schema
    return MISSING if schema is False else None


def _facet_types(schema: Schema) -> frozenset[str] | None:
    found: frozenset[str] | None = None
    for layer in layers(schema):
        types = _named_types(layer)
        if types is not None:
            found = types if found is None else _both(found, types)
    return found


def _named_types(layer: Schema) -> frozenset[str] | None:
    if "const" in layer:
        return frozenset({type_of(layer["const"])})
    if isinstance(options := layer.get("enum"), list):
        return frozenset(type_of(option) for option in options)
    named = layer.get("type")
    if isinstance(named, str):
        return frozenset({named})
    return frozenset(_texts(named)) or None


def _both(one: frozenset[str], other: frozenset[str]) -> frozenset[str]:
    both = one & other
    if "integer" in one | other and "number" in one | other:
        both |= {"integer"}
    return both


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(part for part in _list(value) if isinstance(part, str))
