"""Maps: the same for each item, so many at a time. Items are begun in their order; those that are over are rows."""

from dataclasses import replace
from typing import Any

from designer.graph import MOST_ITEMS, Map, in_batches
from runs.engine import carrying, scopes
from runs.engine import events as e
from runs.engine.situation import Broken, Situation
from runs.engine.state import ActiveStep, Fan, Fault
from runs.engine.status import Reason

from .derived import Derived
from .joining import finish, first_fault, open_scope, stop
from .timers import set_deadline

MOST_AT_ONCE = 1_000  # items of a map


def enter(sit: Situation, step: ActiveStep) -> Derived:
    """Items are listed once. A further try does all of them again; a person's, those that have not succeeded."""
    again, afresh = step.no in sit.state.fans, bool(step.spent)
    return [
        e.StepParked(at=sit.at, no=step.no, reason=Reason.AWAITING_ITEMS),
        *set_deadline(sit, step),
        e.ItemsRedriven(at=sit.at, no=step.no, afresh=afresh) if again else _list(sit, step),
    ]


def _list(sit: Situation, step: ActiveStep) -> e.ItemsListed:
    definition = _map(sit, step)
    items = _batches(sit, step, definition)
    settings = {} if definition.flow is None else _settings(sit, step, len(items))
    return e.ItemsListed(
        at=sit.at, no=step.no, count=len(items), closed=not definition.open_ended, items=items, **settings
    )


def _settings(sit: Situation, step: ActiveStep, total: int) -> dict[str, int | None]:
    """What a flow says is worked out once, for all items. Nought at a time means as many as there may be."""
    at_once = carrying.number(sit, step, "MaxConcurrency")
    most = None if at_once is None else min(int(at_once) or MOST_AT_ONCE, MOST_AT_ONCE)
    return {"at_once": most, "tolerate": carrying.tolerated(sit, step, total)}


def _batches(sit: Situation, step: ActiveStep, definition: Map) -> list[Any]:
    """Raises Broken where they are no list, or too many."""
    items = sit.fill(definition.items, step.scope) if definition.flow is None else carrying.items(sit, step)
    if not isinstance(items, list):
        raise _broken(step, "BadItems", "The items of a map must be a list.")
    batches = in_batches(items, definition.batch)
    if len(batches) > MOST_ITEMS:
        raise _broken(step, "TooManyItems", f"There are {len(batches):,} items; a map takes {MOST_ITEMS:,}.")
    return batches


def changed(sit: Situation, event: e.StepEvent) -> Derived:
    """Items were listed, added, closed or sent round again."""
    return go_on(sit, sit.state.steps[event.no])


def item_ended(sit: Situation, event: e.ScopeEnded) -> Derived:
    return go_on(sit, sit.state.steps[scopes.opener_of(event.scope)])


def go_on(sit: Situation, step: ActiveStep) -> Derived:
    """The join's verdict, or the items that there is room for now."""
    definition, fan = _map(sit, step), sit.state.fans[step.no]
    match _verdict(definition, fan):
        case True:
            return finish(sit, step, e.Collected(step.no), definition.join)
        case False:
            fault = first_fault([fan.fault], step)
            return stop(sit, step, carrying.why_too_many_failed(definition, fault))
    return _begin(sit, step, definition, fan)


def force(sit: Situation, step: ActiveStep) -> Derived:
    return finish(sit, step, e.Collected(step.no))


def _verdict(definition: Map, fan: Fan) -> bool | None:
    """As long as items may be added, only what more of them could not change is certain."""
    join = definition.join if fan.tolerate is None else replace(definition.join, tolerate=fan.tolerate)
    verdict = join.verdict(fan.total - fan.skipped, fan.succeeded, fan.failed)
    if fan.closed or verdict is None:
        return verdict
    if verdict:
        wanted = 1 if join.wait_for == "any" else join.wait_for
        return True if isinstance(wanted, int) and fan.succeeded >= wanted else None
    return False if join.wait_for == "all" and join.tolerate == 0 else None


def _begin(sit: Situation, step: ActiveStep, definition: Map, fan: Fan) -> Derived:
    derived: Derived = []
    newest = fan.newest
    for _ in range((fan.at_once or definition.max_concurrency) - fan.under_way):
        following = _after(sit, step, fan, newest)
        if following is None:
            break
        derived.append(open_scope(sit, step, Map.BODY, following))
        newest = following
    return derived


def _after(sit: Situation, step: ActiveStep, fan: Fan, newest: int) -> int | None:
    if not fan.again:
        return newest + 1 if newest + 1 < fan.total else None
    return sit.next_unfinished(step.no, newest)


def _broken(step: ActiveStep, name: str, message: str) -> Broken:
    return Broken(Fault(name=name, message=message, step=step.key, retryable=False))


def _map(sit: Situation, step: ActiveStep) -> Map:
    definition = sit.definition(step)
    assert isinstance(definition, Map)
    return definition
