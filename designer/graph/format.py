"""The format as JSON Schema: for editors, other programs, and whoever wants to know before they post.

It is made from the tables the codec reads by. Where the codec lets a field stand without a value, the schema does
not; else they agree.
"""

import json
from collections.abc import Mapping
from typing import Any

from .codec import CONTRACT, FORMAT, HEADER, SINGLE, STEPS
from .keys import LONGEST, PATTERN
from .limits import MOST_STEPS
from .model import Parallel

_STEPS = {"$ref": "#/$defs/steps"}


def _with(schema: Mapping[str, Any], properties: Mapping[str, Any], required: list[str]) -> dict[str, Any]:
    """``schema`` with further properties in front."""
    return {
        **schema,
        "properties": {**properties, **schema["properties"]},
        "required": [*required, *schema.get("required", ())],
    }


def _step(kind: str) -> dict[str, Any]:
    schema = _with(STEPS[kind].schema, {"kind": {"const": kind}}, ["kind"])
    if kind in SINGLE:
        schema["properties"]["steps"] = _STEPS
    if kind != Parallel.kind:
        return schema
    branches = schema["properties"]["branches"]
    branch = branches["additionalProperties"]
    inner = {**branch, "properties": {**branch["properties"], "steps": _STEPS}}
    schema["properties"]["branches"] = {**branches, "additionalProperties": inner}
    return schema


_DOCUMENT = _with(HEADER.schema, {"choreo": {"const": FORMAT}}, ["choreo"])
_CONTRACTS = {"type": "object", "additionalProperties": {"$ref": "#/$defs/contract"}}
FORMAT_SCHEMA: Mapping[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "A Choreo workflow definition",
    **_DOCUMENT,
    "properties": {**_DOCUMENT["properties"], "steps": _STEPS, "contracts": _CONTRACTS},
    "$defs": {
        "steps": {
            "type": "object",
            "propertyNames": {"pattern": f"^{PATTERN}$", "maxLength": LONGEST},
            "additionalProperties": {"oneOf": [{"$ref": f"#/$defs/{kind}"} for kind in STEPS]},
            "maxProperties": MOST_STEPS,
        },
        **{kind: _step(kind) for kind in STEPS},
        "contract": CONTRACT.schema,
    },
}


def schema_text() -> str:
    """What ``docs/definition.schema.json`` holds."""
    return json.dumps(FORMAT_SCHEMA, indent=2, ensure_ascii=False) + "\n"
