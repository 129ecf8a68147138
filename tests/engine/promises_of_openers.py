"""What is promised of branches, items and rounds: when each begins, and that it begins once."""

from typing import TYPE_CHECKING

from designer.graph import Loop, Map, Parallel
from runs.engine import Status, scopes
from runs.engine import events as e

from .reckoning import most_at_once

if TYPE_CHECKING:
    from .shell import Change, Shell


def each_scope_begins_in_its_turn(play: "Shell", change: "Change") -> None:
    if isinstance(change.event, e.DeadLetterResolved | e.ItemsRedriven | e.RetryOrdered):  # it begins anew
        play.history.begun.pop(change.event.no, None)
        play.history.redriven.pop(change.event.no, None)
        if isinstance(change.event, e.ItemsRedriven) and not change.event.afresh:
            play.history.redriven[change.event.no] = -1
    if not isinstance(change.event, e.ScopeOpened):
        return
    no, scope, index = change.event.no, change.event.scope, scopes.index_of(change.event.scope)
    definition = play.graph.step(change.before.steps[no].key)
    begun = play.history.begun.setdefault(no, [])
    match definition:
        case Parallel():
            _needs_have_ended_well(change, definition)
            assert change.event.branch not in begun, "a branch is opened twice"
            begun.append(change.event.branch)
        case Map():
            assert index == _next_item(play, no, begun)
            assert change.after.fans[no].under_way <= most_at_once(change.after, no, definition)
            begun.append(index)
        case Loop():
            assert index is not None and index < definition.limit
            assert begun == list(range(index)) and not change.before.scopes_of(no)
            begun.append(index)
    assert scope in change.after.scopes


def a_branch_that_is_skipped_has_a_reason(play: "Shell", change: "Change") -> None:
    if not isinstance(change.event, e.ScopeSkipped):
        return
    definition = play.graph.step(change.before.steps[change.event.no].key)
    assert isinstance(definition, Parallel)
    branch = next(one for one in definition.branches if one.name == change.event.branch)
    known = {scope.branch: scope for scope in change.before.scopes_of(change.event.no)}
    lost = [name for name in branch.needs if known[name].skipped or known[name].fault]
    assert branch.name not in known
    assert lost or branch.when


def items_are_counted(play: "Shell") -> None:
    """The state's counts are those of the rows, and of the scopes that are open."""
    for no, fan in play.state.fans.items():
        if play.state.steps[no].fault is not None:
            continue
        assert fan.under_way == sum(not scope.ended for scope in play.state.scopes_of(no))
        assert fan.succeeded == sum(fault is None for (of, _), (_, fault) in play.results.items() if of == no)
        assert fan.skipped == sum(of == no for of, _ in play.skipped)
        assert fan.total == len(play.items[no])


def a_map_leaves_no_room_unused(play: "Shell") -> None:
    for no, fan in play.state.fans.items():
        step = play.state.steps[no]
        definition = play.graph.step(step.key)
        assert isinstance(definition, Map)
        if (
            step.status is not Status.WAITING
            or step.fault is not None
            or fan.under_way == most_at_once(play.state, no, definition)
        ):
            continue
        over = {index for (of, index), (_, fault) in play.results.items() if of == no and fault is None}
        over |= {index for of, index in play.skipped if of == no}
        assert not set(range(fan.newest + 1, len(play.items[no]))) - over


def _needs_have_ended_well(change: "Change", definition: Parallel) -> None:
    assert isinstance(change.event, e.ScopeOpened)
    known = {scope.branch: scope for scope in change.before.scopes_of(change.event.no)}
    for branch in definition.branches:
        if branch.name == change.event.branch:
            needed = [known[name] for name in branch.needs]
            assert all(scope.ended and not scope.skipped and scope.fault is None for scope in needed)


def _next_item(play: "Shell", no: int, begun: list) -> int:
    newest = play.history.redriven.get(no)
    if newest is None:
        return len(begun)
    well = {index for (of, index), (_, fault) in play.results.items() if of == no and fault is None}
    well |= {index for of, index in play.skipped if of == no}
    following = min(index for index in range(newest + 1, len(play.items[no])) if index not in well)
    play.history.redriven[no] = following
    return following
