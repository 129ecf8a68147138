"""A whole document: ``decode`` and ``encode``, inverse to each other.

Only the *shape* is judged here. Whether the graph makes sense is for `checks` to say: a flawed draft decodes.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from designer.graph.contracts import Contract
from designer.graph.limits import MOST_BYTES, MOST_NESTING, MOST_STEPS
from designer.graph.model import KINDS, ROOT, AnyStep, Graph, Loop, Map, NoSuchStep, Parallel
from designer.graph.policies import OnFailure

from .fields import CONTRACT, LONG, OWNER, STEPS
from .flaws import Place, described, did_you_mean, plain, reading
from .policies import REFERENCE, UNDOING
from .shapes import (
    NOTHING,
    Field,
    Nothing,
    duration,
    integer,
    key,
    listed,
    mapping,
    record,
    schema,
    text,
    word,
)

FORMAT = 1
UPGRADES: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}  # from that format to the next one

SINGLE: Mapping[str, str] = {Map.kind: Map.BODY, Loop.kind: Loop.BODY}  # openers with one body, and its name

HEADER = record(
    Graph,
    "The document",
    Field("key", key(), required=True),
    Field("title", text()),
    OWNER,
    Field("notes", text(LONG)),
    Field("input", schema()),
    Field("business_key", text(LONG)),
    Field("start", REFERENCE),
    Field("on_failure", word(OnFailure)),
    Field("undoing", UNDOING.shape()),
    Field("deadline", duration()),
    Field("visit_limit", integer(1, 1_000_000)),
    also=("steps", "contracts"),
)
CONTRACTS = mapping(CONTRACT.shape())


def decode(document: Any) -> Graph:
    """The graph a document describes. Raises DocumentError with every flaw of its shape."""
    with reading() as place:
        graph = _whole(document, place)
    assert graph is not None
    return graph


def encode(graph: Graph) -> dict[str, Any]:
    """The document of ``graph``, defaults left out: the inverse of `decode`.

    Raises NoSuchStep where a step lies in a branch that is not there.
    """
    document = {"choreo": FORMAT, **HEADER.write(graph)}
    document["steps"] = _scopes(graph)[ROOT]
    if graph.contracts:
        document["contracts"] = CONTRACTS.write(graph.contracts)
    return document


def decode_step(key: str, data: Any, scope: str = ROOT) -> AnyStep:
    """One step from its document; a parallel's branches without their steps. Raises DocumentError."""
    with reading(f"steps.{key}") as place:
        step = _step(key, data, scope, place) if plain(data, place) else NOTHING
    assert not isinstance(step, Nothing)
    return step


def encode_step(step: AnyStep) -> dict[str, Any]:
    """The document of one step, without its key and its scope."""
    return {"kind": step.kind, **STEPS[step.kind].write(step)}


def decode_contract(data: Any) -> Contract:
    """Raises DocumentError."""
    with reading() as place:
        contract = CONTRACT.read(data, place) if plain(data, place) else NOTHING
    assert isinstance(contract, Contract)
    return contract


def encode_contract(contract: Contract) -> dict[str, Any]:
    return CONTRACT.write(contract)


def decode_header(data: Any) -> Graph:
    """A graph without steps, from the fields above them. Raises DocumentError."""
    with reading() as place:
        header = HEADER.read(data, place) if plain(data, place) else NOTHING
    assert isinstance(header, Graph)
    return header


def encode_header(graph: Graph) -> dict[str, Any]:
    return HEADER.write(graph)


def _whole(document: Any, place: Place) -> Graph | None:
    if not isinstance(document, dict):
        place.flaw(
            f"A definition is an object that begins with “choreo: {FORMAT}”, not {described(document)}."
        )
        return None
    current = _current(document, place)
    if current is None or not plain(current, place) or not _small(current, place):
        return None
    parts = {name: {} if current.get(name) is None else current[name] for name in ("steps", "contracts")}
    header = HEADER.read({name: current[name] for name in current if name not in ("choreo", *parts)}, place)
    steps: dict[str, AnyStep] = {}
    _read_steps(parts["steps"], ROOT, place.at("steps"), steps, 0)
    contracts = CONTRACTS.read(parts["contracts"], place.at("contracts"))
    if len(steps) > MOST_STEPS:
        place.at("steps").flaw(f"There are {len(steps)} steps; a definition has at most {MOST_STEPS}.")
    return None if place.flaws else replace(header, steps=steps, contracts=contracts)


def _current(document: dict[str, Any], place: Place) -> dict[str, Any] | None:
    """The document in today's format."""
    version = document.get("choreo")
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        found = f"not {described(version)}" if "choreo" in document else "which is missing"
        place.at("choreo").flaw(f"The document must say which format it is in: “choreo: {FORMAT}”, {found}.")
        return None
    if version > FORMAT:
        place.at("choreo").flaw(
            f"The document is in format {described(version)}, of a later Choreo; this one reads {FORMAT}."
        )
        return None
    for older in range(version, FORMAT):
        document = UPGRADES[older](document)
    return document


def _small(document: dict[str, Any], place: Place) -> bool:
    # The frozen contracts of a published version come from the catalog and are not the author's to shorten.
    size = len(json.dumps({name: part for name, part in document.items() if name != "contracts"}))
    if size > MOST_BYTES:
        place.flaw(f"The document has {size // 1024} KiB; at most {MOST_BYTES // 1024} KiB are allowed.")
    return size <= MOST_BYTES


def _read_steps(data: Any, scope: str, place: Place, steps: dict[str, AnyStep], depth: int) -> None:
    """Read the steps of a scope, and those of the scopes inside it, into ``steps``."""
    if not isinstance(data, dict):
        place.flaw(f"The steps must be an object by key, not {described(data)}.")
        return
    if depth > MOST_NESTING:
        place.flaw(f"Scopes are nested deeper than {MOST_NESTING} levels here.")
        return
    for name, body in data.items():
        here = place.at(name)
        inner = _lift_scopes(body, here)
        step = _step(name, inner[0], scope, here)
        if name in steps:
            here.flaw(
                f"There is another step “{name}” {_where(steps[name].scope)}; keys are unique throughout."
            )
        elif not isinstance(step, Nothing):
            steps[name] = step
        for of, (held, inside) in inner[1].items():
            _read_steps(held, f"{name}/{of}", inside, steps, depth + 1)


def _lift_scopes(step: Any, place: Place) -> tuple[Any, dict[str, tuple[Any, Place]]]:
    """A step's document without the steps that lie in it, and those with their place by the scope's name."""
    kind = step.get("kind") if isinstance(step, dict) else None
    if kind == Parallel.kind:
        return _lift_branches(step, place)
    if isinstance(kind, str) and kind in SINGLE and "steps" in step:
        bare = {part: value for part, value in step.items() if part != "steps"}
        return bare, {SINGLE[kind]: (step["steps"], place.at("steps"))} if step["steps"] is not None else {}
    return step, {}


def _lift_branches(body: dict[str, Any], place: Place) -> tuple[Any, dict[str, tuple[Any, Place]]]:
    branches = body.get("branches")
    if not isinstance(branches, dict):
        return body, {}
    held = {
        name: branch["steps"]
        for name, branch in branches.items()
        if isinstance(branch, dict) and "steps" in branch
    }
    bare = {
        name: {part: value for part, value in branch.items() if part != "steps"} if name in held else branch
        for name, branch in branches.items()
    }
    inside = {
        name: (steps, place.at("branches").at(name).at("steps"))
        for name, steps in held.items()
        if steps is not None
    }
    return {**body, "branches": bare}, inside


def _step(name: str, data: Any, scope: str, place: Place) -> AnyStep | Nothing:
    key().read(name, place)
    if not isinstance(data, dict):
        place.flaw(f"A step must be an object with a “kind”, not {described(data)}.")
        return NOTHING
    kind = data.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        meant = did_you_mean(kind, KINDS) if isinstance(kind, str) else ""
        said = f"“kind” must be one of {listed(KINDS)}"
        place.at("kind").flaw(
            f"{said}, not {described(kind)}.{meant}" if "kind" in data else f"{said}; it is missing."
        )
        return NOTHING
    fields = {part: value for part, value in data.items() if part != "kind"}
    step: AnyStep | Nothing = STEPS[kind].read(fields, place, key=name, scope=scope)
    return step


def _where(scope: str) -> str:
    opener, _, body = scope.partition("/")
    return f"in “{body}” of “{opener}”" if scope else "at the top"


def _scopes(graph: Graph) -> dict[str, dict[str, Any]]:
    """The steps' documents by scope, the inner ones hung into the branches that hold them."""
    scopes: dict[str, dict[str, Any]] = {ROOT: {}}
    documents = {step.key: encode_step(step) for step in graph.steps.values()}
    for step in graph.steps.values():
        scopes.setdefault(step.scope, {})[step.key] = documents[step.key]
    for scope, held in scopes.items():
        if scope != ROOT:
            opener, body = graph.opener(scope)
            if body not in {known.name for known in opener.bodies}:
                raise NoSuchStep(scope)
            outer = documents[opener.key]
            (outer if opener.kind in SINGLE else outer["branches"][body])["steps"] = held
    return scopes
