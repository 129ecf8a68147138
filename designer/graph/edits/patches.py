"""What an edit changed, as a value that can be stored, sent, applied and turned around.

A patch holds documents, not graphs: rows and journals keep it as JSON, and it reads in every later version.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from designer.graph.codec import decode_header, decode_step, encode_header, encode_step
from designer.graph.model import Graph

from .changes import Path, leaves
from .operations import EditRefused
from .steps import reordered

Pair = tuple[Any, Any]  # before and after; None where there is nothing


@dataclass(frozen=True, slots=True)
class Patch:
    header: Mapping[str, Pair] = field(default_factory=dict)  # by field
    steps: Mapping[str, Pair] = field(default_factory=dict)  # by key: the step's document and its scope
    order: Mapping[str, Pair] = field(default_factory=dict)  # by scope: the keys

    def __bool__(self) -> bool:
        return bool(self.header or self.steps or self.order)

    def inverse(self) -> "Patch":
        """The patch that takes this one back."""
        return Patch(*({name: (new, old) for name, (old, new) in part.items()} for part in self._parts()))

    @property
    def places(self) -> frozenset[Path]:
        """The fields that it changes, down to the last; what comes or goes whole is one place."""
        parts = zip(("header", "steps", "order"), self._parts(), strict=True)
        return frozenset(
            (called, name, *path)
            for called, part in parts
            for name, pair in part.items()
            for path in _places(*pair)
        )

    def as_json(self) -> dict[str, Any]:
        header, steps, order = ({name: list(pair) for name, pair in part.items()} for part in self._parts())
        return {"header": header, "steps": steps, "order": order}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Patch":
        parts = (data[part] for part in ("header", "steps", "order"))
        return cls(*({name: (old, new) for name, (old, new) in part.items()} for part in parts))

    def _parts(self) -> tuple[Mapping[str, Pair], ...]:
        return self.header, self.steps, self.order


def difference(before: Graph, after: Graph) -> Patch:
    """What has to change to make ``after`` of ``before``."""
    return Patch(
        _changes(encode_header(before), encode_header(after)),
        _changes(_documents(before), _documents(after)),
        _changes(_orders(before), _orders(after)),
    )


def patch(graph: Graph, change: Patch) -> Graph:
    """The graph with ``change`` made.

    Raises EditRefused where what the patch changes is not as the patch knew it.
    """
    header = _changed(encode_header(graph), change.header, "field")
    documents = _changed(_documents(graph), change.steps, "step")
    steps = {
        key: graph.steps[key]
        if key in graph.steps and key not in change.steps
        else decode_step(key, document["step"], document["scope"])
        for key, document in documents.items()
    }
    for scope, (_, keys) in change.order.items():
        steps = reordered(steps, scope, keys or [])
    return replace(decode_header(header), steps=steps, contracts=graph.contracts)


def _documents(graph: Graph) -> dict[str, Any]:
    return {step.key: {"scope": step.scope, "step": encode_step(step)} for step in graph.steps.values()}


def _orders(graph: Graph) -> dict[str, Any]:
    orders: dict[str, list[str]] = {}
    for step in graph.steps.values():
        orders.setdefault(step.scope, []).append(step.key)
    return dict(orders)


def _changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Pair]:
    # As JSON, because true is 1 to Python, and because outcomes and branches have an order.
    pairs = {name: (old.get(name), new.get(name)) for name in {**old, **new}}
    return {name: pair for name, pair in pairs.items() if json.dumps(pair[0]) != json.dumps(pair[1])}


def _places(old: Any, new: Any) -> Iterator[Path]:
    if not (isinstance(old, Mapping) and isinstance(new, Mapping)):
        yield ()
        return
    was, now = dict(leaves((), old)), dict(leaves((), new))
    for path in {**was, **now}:
        # A null that comes or goes is a change as well: in the flow of a step it says something.
        if (path in was) != (path in now) or json.dumps(was[path]) != json.dumps(now[path]):
            yield path


def _changed(held: dict[str, Any], changes: Mapping[str, Pair], called: str) -> dict[str, Any]:
    for name, (old, new) in changes.items():
        if held.get(name) != old:
            raise EditRefused(
                f"The {called} “{name}” has been changed since, so this cannot be taken back or redone."
            )
        if new is None:
            held.pop(name, None)
        else:
            held[name] = new
    return held
