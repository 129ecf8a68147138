"""What events do to scopes, and to the counts of a map's items."""

from collections.abc import Mapping

from msgspec.structs import replace

from runs.engine import events as e
from runs.engine.scopes import index_of, inside
from runs.engine.state import Fan, RunState, Scope

from .moves import Apply, close_scopes, without_scopes


def _scope_opened(state: RunState, event: e.ScopeOpened) -> RunState:
    scope = Scope(id=event.scope, opener=event.no, branch=event.branch)
    opened = replace(state, scopes={**state.scopes, event.scope: scope})
    if (index := index_of(event.scope)) is None or (fan := state.fans.get(event.no)) is None:
        return opened
    return _refan(opened, event.no, replace(fan, newest=index, under_way=fan.under_way + 1))


def _scope_skipped(state: RunState, event: e.ScopeSkipped) -> RunState:
    scope = Scope(id=event.scope, opener=event.no, branch=event.branch, ended=True, skipped=True)
    return replace(state, scopes={**state.scopes, event.scope: scope})


def _scope_ended(state: RunState, event: e.ScopeEnded) -> RunState:
    scope = state.scopes[event.scope]
    if scope.absorbed or index_of(event.scope) is not None:  # counted, and not kept
        return _count(without_scopes(state, [event.scope]), scope, event)
    ended = replace(scope, ended=True, last=event.last, fault=event.fault, skipped=event.skipped)
    absorbed = inside([event.scope], state.scopes) - {event.scope}
    left = without_scopes(state, absorbed)
    return replace(left, scopes={**left.scopes, event.scope: ended})


def _count(state: RunState, scope: Scope, event: e.ScopeEnded) -> RunState:
    fan = state.fans.get(scope.opener)
    if fan is None or scope.absorbed:
        return state
    fan = replace(fan, under_way=fan.under_way - 1)
    if event.skipped:
        fan = replace(fan, skipped=fan.skipped + 1)
    elif event.fault is not None:
        fan = replace(fan, failed=fan.failed + 1, fault=fan.fault or event.fault)
    else:
        fan = replace(fan, succeeded=fan.succeeded + 1)
    return _refan(state, scope.opener, fan)


def _scope_joined(state: RunState, event: e.ScopeJoined) -> RunState:
    if event.absorbed:
        left = {s.id: replace(s, absorbed=True) for s in state.scopes_of(event.no) if not s.ended}
        state = replace(state, scopes={**state.scopes, **left})
    return close_scopes(state, event.no)


def _items_listed(state: RunState, event: e.ItemsListed) -> RunState:
    fan = Fan(total=event.count, closed=event.closed, at_once=event.at_once, tolerate=event.tolerate)
    return _refan(state, event.no, fan)


def _items_added(state: RunState, event: e.ItemsAdded) -> RunState:
    fan = state.fans[event.no]
    return _refan(state, event.no, replace(fan, total=fan.total + event.count))


def _items_closed(state: RunState, event: e.ItemsClosed) -> RunState:
    return _refan(state, event.no, replace(state.fans[event.no], closed=True))


def _items_redriven(state: RunState, event: e.ItemsRedriven) -> RunState:
    fan = replace(state.fans[event.no], newest=-1, under_way=0, failed=0, fault=None, again=True)
    if event.afresh:
        fan = replace(fan, succeeded=0, skipped=0, again=False)
    return _refan(state, event.no, fan)


def _refan(state: RunState, no: int, fan: Fan) -> RunState:
    return replace(state, fans={**state.fans, no: fan})


APPLY: Mapping[type[e.Event], Apply] = {
    e.ItemsAdded: _items_added,
    e.ItemsClosed: _items_closed,
    e.ItemsListed: _items_listed,
    e.ItemsRedriven: _items_redriven,
    e.ScopeOpened: _scope_opened,
    e.ScopeSkipped: _scope_skipped,
    e.ScopeEnded: _scope_ended,
    e.ScopeJoined: _scope_joined,
}
