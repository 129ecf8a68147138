"""Moving a step: it changes places with the one that runs before or after it."""

from designer.graph.model import AnyStep, Graph, Parallel, Review

from .finding import found_step
from .operations import EditRefused, MovePart, MoveStep
from .parts import move_part
from .steps import reordered, with_start, with_step, with_steps
from .wiring import EXITS, connected, connections, redirected


def move_step(graph: Graph, operation: MoveStep) -> Graph:
    step = found_step(graph, operation.key)
    if operation.offset not in (-1, 1):
        raise EditRefused("A step moves one place at a time: 1 is later, -1 is earlier.")
    earlier = operation.offset < 0
    if (graph.start_of(step.scope) == step.key) if earlier else _ends_its_branch(step):
        return _branch_moved(graph, step, operation)
    beside = _before(graph, step) if earlier else graph.steps.get(_onwards(step))
    if beside is None or beside is step or beside.scope != step.scope:
        return _moved_in_writing(graph, step, operation.offset)
    return _swapped(graph, beside, step) if earlier else _swapped(graph, step, beside)


def _swapped(graph: Graph, first: AnyStep, second: AnyStep) -> Graph:
    """The graph in which ``second``, which followed ``first``, comes before it."""
    _check_between(graph, first, second)
    ahead = connected(redirected(second, first.key, second.key), _usual(second), first.key)
    onwards = _onwards(second)
    behind = connected(first, _usual(first), second.key if onwards == first.key else onwards)
    begins = graph.start_of(first.scope) == first.key
    for one in list(graph.within(first.scope)):
        if one.key not in (first.key, second.key):
            graph = with_step(graph, redirected(one, first.key, second.key))
    graph = with_step(with_step(graph, ahead), behind)
    keys = [one.key for one in graph.within(first.scope) if one.key != first.key]
    keys.insert(keys.index(second.key) + 1, first.key)
    graph = with_steps(graph, reordered(graph.steps, first.scope, keys))
    return with_start(graph, first.scope, second.key) if begins else graph


def _check_between(graph: Graph, first: AnyStep, second: AnyStep) -> None:
    """Raises EditRefused where changing places would take other ways along with it."""
    if not _usual(second):
        why = "leads several ways" if EXITS[type(second)] else "is an end"
        raise EditRefused(f"{first.name} cannot move past {second.name}, which {why}. Connect it instead.")
    ways = [one for step in graph.within(second.scope) for one in connections(step)]
    if sum(one.target == second.key for one in ways) > 1:
        raise EditRefused(
            f"{second.name} is reached in several ways, so {first.name} cannot change places with it. "
            "Connect it instead."
        )


def _branch_moved(graph: Graph, step: AnyStep, operation: MoveStep) -> Graph:
    """At the edge of a branch the whole branch moves."""
    if not step.scope:
        where = "the first" if operation.offset < 0 else "the last"
        raise EditRefused(f"{step.name} cannot move there: it is {where} step.")
    parallel, branch = graph.opener(step.scope)
    if not isinstance(parallel, Parallel):
        where = "first" if operation.offset < 0 else "last"
        raise EditRefused(f"{step.name} cannot move there: it is the {where} step in {parallel.name}.")
    return move_part(graph, MovePart(parallel.key, f"branches.{branch}", operation.offset))


def _moved_in_writing(graph: Graph, step: AnyStep, offset: int) -> Graph:
    """Where nothing runs before or after it, a step moves among those written beside it."""
    keys = [one.key for one in graph.within(step.scope)]
    place = keys.index(step.key) + offset
    if not 0 <= place < len(keys):
        raise EditRefused(
            f"{step.name} cannot move there: it is number {keys.index(step.key) + 1} of {len(keys)}."
        )
    keys.remove(step.key)
    keys.insert(place, step.key)
    return with_steps(graph, reordered(graph.steps, step.scope, keys))


def _before(graph: Graph, step: AnyStep) -> AnyStep | None:
    """The one step that usually leads to ``step``."""
    found = [one for one in graph.within(step.scope) if one.key != step.key and _onwards(one) == step.key]
    return found[0] if len(found) == 1 else None


def _usual(step: AnyStep) -> str:
    """The exit by which a run usually goes on; empty where there is none, or no single one."""
    if isinstance(step, Review):
        return f"outcomes.{step.outcomes[0].name}" if step.outcomes else ""
    return "next" if "next" in EXITS[type(step)] else ""


def _onwards(step: AnyStep) -> str:
    return next((one.target for one in connections(step) if one.exit == _usual(step)), "")


def _ends_its_branch(step: AnyStep) -> bool:
    return bool(step.scope) and not _onwards(step)
