"""What an expression can read at a step, in groups for the value picker."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from designer.graph import AnyStep, Graph, Offer, offers, sample_values
from designer.secrets import secret_names

from .schema_words import example_text, note_of, words_for_types

NAMES = {
    "input": "What the run was started with",
    "output": "What this step gave",
    "vars": "Variables",
    "item": "The item",
    "index": "Which item or round it is, from 0",
    "run": "The run",
    "error": "The error that was caught",
    "now": "The time",
}


@dataclass(frozen=True, slots=True)
class Value:
    path: str
    type: str
    example: str
    note: str
    sure: bool  # whether it is always there


@dataclass(frozen=True, slots=True)
class Source:
    """One place that values come from."""

    name: str
    kind: str = ""  # of the step, where it is one
    values: list[Value] = field(default_factory=list)
    only: str = ""  # the field that it is offered in; empty: in all


ARGUMENTS = "What its data gives it", Value("arguments", "any value", "", "see Data", True)


def available(graph: Graph, step: AnyStep | None, *, output: bool = False) -> list[Source]:
    """Exactly what is there on every way to ``step``; what a contract does not promise is marked."""
    values = sample_values(graph, step, output=output)
    given = (
        [Source(ARGUMENTS[0], values=[ARGUMENTS[1]])] if step is not None and step.flow is not None else []
    )
    return given + _sources(graph, offers(graph, step, output=output), values)


def available_after(graph: Graph, step: AnyStep, scope: str, only: str) -> list[Source]:
    """What is there besides when a scope that ``step`` opens has come to its end, for the field ``only``."""
    before = {offer.path for offer in offers(graph, step)}
    more = [offer for offer in offers(graph, step, after=scope) if offer.path not in before]
    found = _sources(graph, more, sample_values(graph, step, after=scope))
    return [replace(source, only=only) for source in found]


def _sources(graph: Graph, found: Iterable[Offer], values: Mapping[str, Any]) -> list[Source]:
    return [
        Source(*_named(graph, held[0]), [_value(offer, values) for offer in held])
        for _, group in groupby(found, key=_home)
        if (held := list(group))
    ]


def secrets_offered(team: int | None = None) -> list[Source]:
    """The secrets by name, where there are any. Nobody is told their values."""
    held = [Value(f"secret.{name}", "secret", "", "", True) for name in sorted(secret_names(team))]
    return [Source("Secrets", values=held)] if held else []


def _home(offer: Offer) -> Any:
    match offer.source:
        case ("steps", key, *_):
            return key
        case ("vars", *_):
            return "vars"
    return offer.source


def _named(graph: Graph, offer: Offer) -> tuple[str, str]:
    root = str(offer.source[0])
    if root != "steps":
        return NAMES[root], ""
    step = graph.steps[str(offer.source[1])]
    return step.name, step.kind


def _value(offer: Offer, values: Mapping[str, Any]) -> Value:
    held: Any = values
    for part in offer.parts:
        held = held.get(part) if isinstance(held, Mapping) else None
    return Value(
        offer.path, words_for_types(offer.types), example_text(held), note_of(offer.schema), offer.sure
    )
