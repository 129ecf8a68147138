"""Finding what an operation names, or refusing it with a sentence."""

from collections.abc import Iterable

from designer.graph.codec.flaws import did_you_mean
from designer.graph.keys import key_flaw, suggest_key
from designer.graph.limits import MOST_NESTING
from designer.graph.model import KINDS, AnyStep, Graph, NoSuchStep, Opener, Parallel
from designer.graph.parts import Branch

from .operations import EditRefused
from .wiring import connections, scopes_around


def a_step(step: AnyStep) -> str:
    """“an action step”."""
    return f"{'an' if step.kind == 'action' else 'a'} {step.kind} step"


def found_step(graph: Graph, key: str) -> AnyStep:
    """Raises EditRefused."""
    if key not in graph.steps:
        raise EditRefused(f"There is no step “{key}”.{did_you_mean(key, graph.steps)}")
    return graph.steps[key]


def found_part[S: AnyStep](graph: Graph, key: str, kind: type[S], part: str) -> S:
    """A step of the one kind that has such parts. Raises EditRefused."""
    step = found_step(graph, key)
    if not isinstance(step, kind):
        raise EditRefused(f"{step.name} is {a_step(step)}; only a {kind.kind} step has {part}.")
    return step


def found_branch(graph: Graph, parallel: str, name: str) -> tuple[Parallel, Branch]:
    """Raises EditRefused."""
    step = found_part(graph, parallel, Parallel, "branches")
    for branch in step.branches:
        if branch.name == name:
            return step, branch
    meant = did_you_mean(name, [branch.name for branch in step.branches])
    raise EditRefused(f"{step.name} has no branch “{name}”.{meant}")


def check_exit(step: AnyStep, exit: str) -> None:
    """Raises EditRefused where ``step`` has no such exit."""
    known = [connection.exit for connection in connections(step)]
    if exit not in known:
        takes = f" It has {', '.join(known)}." if known else " It ends its scope."
        raise EditRefused(f"{step.name} has no exit “{exit}”.{takes}")


def check_target(graph: Graph, scope: str, target: str) -> None:
    """Raises EditRefused where no step ``target`` lies in ``scope``; empty is nowhere, and fine."""
    if not target:
        return
    step = found_step(graph, target)
    if step.scope != scope:
        raise EditRefused(f"{step.name} lies in another branch. A step leads to steps beside it only.")


def check_key(graph: Graph, key: str) -> None:
    """Raises EditRefused where ``key`` cannot be the key of a new step."""
    flaw = key_flaw(key)
    if flaw:
        raise EditRefused(flaw)
    if key in graph.steps:
        free = suggest_key(key, graph.steps)
        raise EditRefused(f"There is already a step “{key}”. Keys are unique; “{free}” is free.")


def check_name(name: str, taken: Iterable[str], called: str) -> None:
    """Raises EditRefused where ``name`` cannot be the name of a new branch or outcome."""
    flaw = key_flaw(name)
    if flaw:
        raise EditRefused(flaw)
    if name in set(taken):
        raise EditRefused(
            f"There is already {called} “{name}” here. “{suggest_key(name, set(taken))}” is free."
        )


def check_scope(graph: Graph, scope: str, kind: str) -> None:
    """Raises EditRefused where a step of ``kind`` cannot lie in ``scope``."""
    if kind not in KINDS:
        raise EditRefused(
            f"“{kind}” is no kind of step.{did_you_mean(kind, KINDS) or ' There are ' + _listed()}"
        )
    try:
        depth = len(scopes_around(graph, scope))
    except NoSuchStep:
        raise EditRefused(f"There is no branch “{scope}”. Add it to what opens it first.") from None
    if depth == MOST_NESTING and issubclass(KINDS[kind], Opener):
        raise EditRefused(f"Scopes are nested {MOST_NESTING} deep here, and no deeper.")


def _listed() -> str:
    return ", ".join(KINDS) + "."
