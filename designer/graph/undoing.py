"""What an undo is given: the values that probably belong there, where their names say so."""

from collections.abc import Mapping

from .contracts import Contract, Schema
from .matching import accepts
from .policies import Template
from .schema_paths import required_names, schema_at

IDENTITY = "id"  # what most effects call the name of what they made


def undo_inputs(does: Contract, undo: Contract, inputs: Mapping[str, Template]) -> dict[str, Template]:
    """A mapping for ``undo``, of a step that does ``does`` with ``inputs``; what cannot be told is left out.

    An input is what the step gave under the same name, else what the step was given under it. The last one that is
    left is the identity of what the step made: `stock.release` asks for its ``reservation``, and that is ``output.id``.
    """
    needed = [name for name in sorted(required_names(undo.input)) if name.isidentifier()]
    found: dict[str, Template] = {}
    for name in needed:
        if _fits(does.output, name, undo.input, name):
            found[name] = f"${{ output.{name} }}"
        elif name in inputs and _fits(does.input, name, undo.input, name):
            found[name] = inputs[name]
    left = [name for name in needed if name not in found]
    if len(left) == 1 and _fits(does.output, IDENTITY, undo.input, left[0]):
        found[left[0]] = f"${{ output.{IDENTITY} }}"
    return {name: found[name] for name in needed if name in found}


def _fits(giving: Schema, name: str, asking: Schema, asked: str) -> bool:
    given, wanted = schema_at(giving, (name,)), schema_at(asking, (asked,))
    if not isinstance(given, Mapping):
        return False
    return not isinstance(wanted, Mapping) or accepts(given, wanted) is None
