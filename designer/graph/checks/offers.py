"""What an expression can read at a step: what is there on every way that leads to it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from designer.graph.complaints import EvaluationError
from designer.graph.contracts import Schema
from designer.graph.model import AnyStep, Graph, Map, Parallel
from designer.graph.paths import Path, dotted
from designer.graph.samples import sample
from designer.graph.schema_paths import property_names, required_names, schema_at, types_of
from designer.graph.templates import fill

from .sources import said_of
from .view import CAUGHT, View

DEEPEST = 4  # names below a source
MOST = 400
_FACTS = ("run", "error", "now")  # the engine's own: all of it is always there
_NO_RUN = {"id": "01890a5d-ac96-774b-bcce-b302099a8057", "version": "1", "started_at": "2026-01-31T12:00:00Z"}
_NO_ERROR = {"name": "Timeout", "message": "It took too long.", "step": "step"}


@dataclass(frozen=True, slots=True)
class Offer:
    """A path that has a value, and the JSON types it may have; none where anything goes."""

    parts: Path
    types: tuple[str, ...]
    source: Path  # what gives it: ("input",), ("steps", key, "output"), ("vars", name), ("run",) ...
    sure: bool = True  # whether the contract promises it; else it may be missing
    schema: Schema = field(default_factory=dict, compare=False)

    @property
    def path(self) -> str:
        """As an expression writes it."""
        return dotted(self.parts)


def offers(graph: Graph, step: AnyStep | None, *, output: bool = False, after: str = "") -> tuple[Offer, ...]:
    """The values an expression of ``step`` can read, the nearest steps' first; ``output`` adds its own.

    ``after`` is a scope that it has opened: then what can be read when that has come to its end.
    """
    view = View(graph, graph.contracts)
    sources = _sources(view, step, output, after)
    found = (offer for source in sources for offer in _below(view, step, source, source))
    return tuple(islice(found, MOST))


def sample_values(
    graph: Graph, step: AnyStep | None, *, output: bool = False, after: str = ""
) -> dict[str, Any]:
    """Values such as an expression of ``step`` may meet, made from what is known of their schemas."""
    view = View(graph, graph.contracts)
    values: dict[str, Any] = {"steps": {}, "vars": {}}
    for source in _sources(view, step, output, after):
        said, _ = said_of(view, step, source)
        held = values
        for part in source[:-1]:
            held = held.setdefault(str(part), {})
        held[str(source[-1])] = sample(said) if isinstance(said, Mapping) else None
    key = _filled(graph.business_key, values)
    run = {**_NO_RUN, "key": key, "workflow": graph.key}
    return {**values, "run": run, "error": _NO_ERROR, "now": run["started_at"]}


def _filled(template: Any, values: Mapping[str, Any]) -> Any:
    try:
        return fill(template, values)
    except EvaluationError:
        return ""


def _sources(view: View, step: AnyStep | None, output: bool, after: str = "") -> Iterator[Path]:
    if output:
        yield ("output",)
    yield ("input",)
    if step is not None:
        scope = after or step.scope
        visible = view.seen(scope)
        yield from ((root,) for root in ("item", "index") if root in view.roots_of(scope))
        for other in reversed(list(view.graph.steps.values())):
            known = other.scope in visible and other is not step
            if known and view.has_in(step, scope, ("steps", other.key)):
                yield ("steps", other.key, "output")
                if isinstance(other, Parallel | Map):
                    yield ("steps", other.key, "errors")
        yield from (("vars", name) for name in view.assigning if view.has_in(step, scope, ("vars", name)))
        if view.reached(step) and view.has_in(step, scope, CAUGHT):
            yield ("error",)
        yield ("run",)
        yield ("now",)


def _below(
    view: View, step: AnyStep | None, source: Path, path: Path, depth: int = 0, sure: bool = True
) -> Iterator[Offer]:
    said, _ = said_of(view, step, path)
    schema: Schema = said if isinstance(said, dict) else {}
    types = types_of(schema)
    if types == frozenset({"null"}):
        return
    if path[0] not in ("run", "error") or len(path) > 1:
        yield Offer(path, tuple(sorted(types or ())), source, sure, schema)
    required = required_names(schema)
    for name in property_names(schema) if depth < DEEPEST else ():
        if isinstance(schema_at(schema, (name,)), dict):
            promised = sure and (name in required or source[0] in _FACTS)
            yield from _below(view, step, source, (*path, name), depth + 1, promised)
