"""Example values made from schemas, for forms, previews and tests of expressions."""

from collections.abc import Callable, Mapping
from typing import Any

from .contracts import Schema
from .schema_paths import alternatives, layers, property_names, required_names, schema_at
from .schemas import violations

DEEPEST = 6  # objects within objects; deeper ones hold only what they must
_FORMATS = {
    "date-time": "2026-01-31T12:00:00Z",
    "date": "2026-01-31",
    "time": "12:00:00Z",
    "duration": "PT30M",
    "email": "ada@example.org",
    "uri": "https://example.org/",
    "uuid": "01890a5d-ac96-774b-bcce-b302099a8057",
    "hostname": "example.org",
    "ipv4": "192.0.2.1",
}


def sample(schema: Schema | bool) -> Any:
    """A value that `schema` asks for: its own example or default where it has one, else a plain one.

    Where a schema cannot be satisfied by guessing (a pattern, say) the value is the nearest guess.
    """
    return _sample(schema, DEEPEST)


def _sample(schema: Schema | bool, depth: int) -> Any:
    chosen = alternatives(schema)[0] if isinstance(schema, Mapping) else {}
    said = _said(chosen)
    for written in _written(_said(schema) if isinstance(schema, Mapping) else {}) + _written(said):
        if not violations(schema, written):
            return written
    make = _KINDS.get(_kind(said), _text)
    return make(chosen, said, depth)


def _said(schema: Schema) -> dict[str, Any]:
    """The keywords of all layers together, the outermost winning."""
    merged: dict[str, Any] = {}
    for layer in layers(schema):
        merged = {**layer, **merged}
    return merged


def _written(said: Mapping[str, Any]) -> list[Any]:
    found = [said[word] for word in ("const", "default") if word in said]
    for word in ("examples", "enum"):
        if isinstance(said.get(word), list):
            found[1:1] = said[word][:1] if word == "examples" else []
            found += said[word]
    return found


def _kind(said: Mapping[str, Any]) -> str:
    named = said.get("type")
    if isinstance(named, list):
        named = next((name for name in named if name != "null"), "null")
    if isinstance(named, str):
        return named
    if "properties" in said or "required" in said:
        return "object"
    return "array" if "items" in said else "string"


def _text(schema: Schema, said: Mapping[str, Any], depth: int) -> str:
    text = _FORMATS.get(said.get("format", ""), "text")
    text = text.ljust(_whole(said.get("minLength")), "x")
    return text[: _whole(said["maxLength"])] if "maxLength" in said else text


def _integer(schema: Schema, said: Mapping[str, Any], depth: int) -> int:
    return int(_number(schema, said, depth))


def _number(schema: Schema, said: Mapping[str, Any], depth: int) -> float:
    step = said.get("multipleOf", 1)
    step = step if isinstance(step, int | float) and step > 0 else 1
    lowest = max(
        _limit(said, "minimum", 0, float("-inf")), _limit(said, "exclusiveMinimum", step, float("-inf"))
    )
    highest = min(
        _limit(said, "maximum", 0, float("inf")), _limit(said, "exclusiveMaximum", -step, float("inf"))
    )
    wanted = min(max(step, lowest), highest)
    rounded = -(-wanted // step) * step
    return rounded if rounded <= highest else wanted


def _limit(said: Mapping[str, Any], word: str, beyond: float, otherwise: float) -> float:
    value = said.get(word)
    return value + beyond if isinstance(value, int | float) else otherwise


def _array(schema: Schema, said: Mapping[str, Any], depth: int) -> list[Any]:
    count = max(_whole(said.get("minItems")), 1 if depth > 0 and said.get("maxItems") != 0 else 0)
    return [_sample(_known(schema_at(schema, (index,))), depth - 1) for index in range(min(count, 20))]


def _object(schema: Schema, said: Mapping[str, Any], depth: int) -> dict[str, Any]:
    required = required_names(schema)
    names = [name for name in property_names(schema) if depth > 0 or name in required]
    if depth < -DEEPEST:  # required within required without end: no finite value fits
        return {}
    names += sorted(required.difference(names))
    return {name: _sample(_known(schema_at(schema, (name,))), depth - 1) for name in names}


def _known(answer: Any) -> Schema:
    return answer if isinstance(answer, Mapping) else {}


def _whole(value: Any) -> int:
    return min(int(value), 1_000) if isinstance(value, int | float) and value > 0 else 0


_KINDS: Mapping[str, Callable[[Schema, Mapping[str, Any], int], Any]] = {
    "object": _object,
    "array": _array,
    "integer": _integer,
    "number": _number,
    "boolean": lambda schema, said, depth: True,
    "null": lambda schema, said, depth: None,
}
