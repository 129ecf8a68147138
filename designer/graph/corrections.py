"""What a reviewer may correct, as a schema: what is known of the places that the values come from."""

from collections.abc import Mapping
from typing import Any

from .contracts import Schema
from .model import Action, Graph, Review
from .paths import Path
from .schema_paths import schema_at
from .templates import only_expression


def corrections_schema(graph: Graph, review: Review, values: Mapping[str, Any]) -> Schema:
    """The schema of ``edit``'s values. Where nothing is known of one, it stays what it is: a text a text."""
    fields = {name: _known(graph, review.edit.get(name)) or _alike(value) for name, value in values.items()}
    return {
        "type": "object",
        "properties": fields,
        "required": list(fields),
        "additionalProperties": False,
    }


def plain_path(template: Any) -> Path | None:
    """The path that a template consists of: ``("input", "ship_to")`` of ``${ input.ship_to }``."""
    expression = only_expression(template) if isinstance(template, str) else None
    return expression.plain if expression else None


def known_schema(graph: Graph, path: Path) -> Schema | None:
    """What the workflow's input or a contract says about the value at ``path``."""
    match path:
        case ("input", *rest):
            found = schema_at(graph.input, tuple(rest))
        case ("steps", str(key), "output", *rest):
            step = graph.steps.get(key)
            contract = graph.contracts.get(step.does) if isinstance(step, Action) else None
            found = schema_at(contract.output, tuple(rest)) if contract else None
        case _:
            return None
    return found if isinstance(found, Mapping) else None


def _known(graph: Graph, template: Any) -> Schema | None:
    path = plain_path(template)
    return known_schema(graph, path) if path else None


def _alike(value: Any) -> Schema:
    if isinstance(value, bool):
        return {"type": "boolean"}
    if isinstance(value, int | float):
        return {"type": "number"}
    if isinstance(value, str):
        return {"type": "string"}
    if isinstance(value, Mapping) and value:
        fields = {name: _alike(part) for name, part in value.items()}
        return {"type": "object", "properties": fields, "required": list(fields)}
    return {}
