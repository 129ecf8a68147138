"""What an expression can read at a step: what is there on every way that leads to it."""

from collections.abc import Iterator
from dataclasses import dataclass

from designer.graph.contracts import Schema
from designer.graph.model import AnyStep, Graph
from designer.graph.paths import Path, dotted
from designer.graph.schema_paths import property_names, schema_at, types_of

from .sources import said_of
from .view import CAUGHT, View

DEEPEST = 4  # names below a source
MOST = 400


@dataclass(frozen=True, slots=True)
class Offer:
    """A path that has a value, and the JSON types it may have; none where anything goes."""

    path: str
    types: tuple[str, ...]


def offers(graph: Graph, step: AnyStep | None, *, output: bool = False) -> tuple[Offer, ...]:
    """The values an expression of ``step`` can read, the nearest steps' first; ``output`` adds its own."""
    view = View(graph, graph.contracts)
    found = (offer for source in _sources(view, step, output) for offer in _below(view, step, source))
    return tuple(offer for offer, _ in zip(found, range(MOST), strict=False))


def _sources(view: View, step: AnyStep | None, output: bool) -> Iterator[Path]:
    if output:
        yield ("output",)
    yield ("input",)
    if step is not None:
        visible = view.around(step.scope)
        for other in reversed(list(view.graph.steps.values())):
            if other.scope in visible and other is not step and view.knows(step, ("steps", other.key)):
                yield ("steps", other.key, "output")
        yield from (("vars", name) for name in view.assigning if view.knows(step, ("vars", name)))
        if view.reached(step) and view.knows(step, CAUGHT):
            yield ("error",)
        yield ("run",)


def _below(view: View, step: AnyStep | None, path: Path, depth: int = 0) -> Iterator[Offer]:
    said, _ = said_of(view, step, path)
    schema: Schema = said if isinstance(said, dict) else {}
    types = types_of(schema)
    if types == frozenset({"null"}):
        return
    if len(path) > 1:
        yield Offer(dotted(path), tuple(sorted(types or ())))
    for name in property_names(schema) if depth < DEEPEST else ():
        if isinstance(schema_at(schema, (name,)), dict):
            yield from _below(view, step, (*path, name), depth + 1)
