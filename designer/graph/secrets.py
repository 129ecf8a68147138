"""Secrets as definitions know them: by name.

Where a definition writes ``${ secret.name }``, a placeholder goes into the step's input, and travels through journal,
rows and pages. The worker puts the value in its place when it calls the step type, but only where the *definition*
wrote the secret: a placeholder that came with the data of a run is text like any other.
"""

from collections.abc import Mapping
from typing import Any

from .expressions import Expression
from .model import Action, Graph
from .paths import Path
from .policies import Template
from .templates import expressions_in

type Places = Mapping[Path, frozenset[str]]  # where in a call's inputs which secrets are written


def placeholder(name: str) -> str:
    return f"⟦secret.{name}⟧"


def secrets_in(template: Template) -> Places:
    places: dict[Path, frozenset[str]] = {}
    for path, expression in expressions_in(template):
        if isinstance(expression, Expression) and (names := _names(expression)):
            places[path] = places.get(path, frozenset()) | names
    return places


def secrets_named(graph: Graph) -> frozenset[str]:
    """Every secret that a definition names."""
    actions = [step for step in graph.steps.values() if isinstance(step, Action)]
    templates = [a.inputs for a in actions] + [a.compensate.inputs for a in actions if a.compensate]
    return frozenset().union(*(names for template in templates for names in secrets_in(template).values()))


def with_secrets(inputs: Any, places: Places, values: Mapping[str, str]) -> Any:
    """``inputs`` with the values in place of the placeholders that the definition wrote.

    Raises KeyError for a secret that has no value.
    """
    for path, names in places.items():
        inputs = _put(inputs, path, {placeholder(name): values[name] for name in names})
    return inputs


def _names(expression: Expression) -> frozenset[str]:
    return frozenset(str(path[1]) for path in expression.paths if path[0] == "secret" and len(path) > 1)


def _put(held: Any, path: Path, values: Mapping[str, str]) -> Any:
    if path:
        first, rest = path[0], path[1:]
        copy: Any = dict(held) if isinstance(held, Mapping) else list(held)
        copy[first] = _put(held[first], rest, values)
        return copy
    for written, value in values.items():
        held = held.replace(written, value) if isinstance(held, str) else held
    return held
