"""The engine, broken on purpose where it opens branches, items and rounds."""

from dataclasses import replace

import pytest
from msgspec import structs

from designer.graph import Map, Parallel
from runs.engine import ActiveStep, Fan, RunState
from runs.engine import events as e
from runs.engine.replay import APPLY
from runs.engine.rules import items, joining, parallel, rounds
from runs.engine.rules.derived import Derived
from runs.engine.situation import Situation

from .mutants import deciding, mutant


@mutant
def a_branch_begins_before_what_it_needs_has_ended(patch: pytest.MonkeyPatch) -> None:
    begin = parallel._begin

    def rash(sit: Situation, step: ActiveStep, definition: Parallel) -> Derived:
        bare = tuple(replace(branch, needs=()) for branch in definition.branches)
        return begin(sit, step, replace(definition, branches=bare))

    patch.setattr(parallel, "_begin", rash)


@mutant
def a_branch_is_opened_although_what_it_needs_has_failed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(parallel, "_against", lambda sit, branch, needed, scope: "")


@mutant
def more_items_are_under_way_than_there_may_be(patch: pytest.MonkeyPatch) -> None:
    begin = items._begin
    patch.setattr(
        items,
        "_begin",
        lambda sit, step, definition, fan: begin(sit, step, definition, structs.replace(fan, under_way=0)),
    )


@mutant
def an_item_is_passed_over(patch: pytest.MonkeyPatch) -> None:
    after = items._after
    patch.setattr(
        items, "_after", lambda sit, step, fan, newest: after(sit, step, fan, newest + (newest >= 0))
    )


@mutant
def an_item_begun_meanwhile_is_begun_again(patch: pytest.MonkeyPatch) -> None:
    """Was near: what follows from the first item opens the second, which was to be opened anyway."""
    overtaken = deciding.overtaken
    patch.setattr(
        deciding,
        "overtaken",
        lambda state, event: not isinstance(event, e.ScopeOpened) and overtaken(state, event),
    )


@mutant
def failed_items_are_counted_as_done(patch: pytest.MonkeyPatch) -> None:
    count = APPLY[e.ScopeEnded]

    def kind(state: RunState, event: e.ScopeEnded) -> RunState:
        return count(state, structs.replace(event, fault=None) if ":" in event.scope else event)

    patch.setitem(APPLY, e.ScopeEnded, kind)


@mutant
def a_map_tried_again_does_all_of_it_again(patch: pytest.MonkeyPatch) -> None:
    redriven = APPLY[e.ItemsRedriven]

    def forgetful(state: RunState, event: e.ItemsRedriven) -> RunState:
        again = redriven(state, event)
        fan: Fan = structs.replace(again.fans[event.no], again=False)
        return structs.replace(again, fans={**again.fans, event.no: fan})

    patch.setitem(APPLY, e.ItemsRedriven, forgetful)


@mutant
def a_map_stops_filling_up(patch: pytest.MonkeyPatch) -> None:
    begin = items._begin

    def lazy(sit: Situation, step: ActiveStep, definition: Map, fan: Fan) -> Derived:
        return begin(sit, step, definition, fan) if fan.newest < 0 or not fan.under_way else []

    patch.setattr(items, "_begin", lazy)


@mutant
def a_loop_forgets_its_limit(patch: pytest.MonkeyPatch) -> None:
    loop = rounds._loop
    patch.setattr(rounds, "_loop", lambda sit, step: replace(loop(sit, step), limit=10_000))


@mutant
def a_deadline_is_set_for_what_is_over_at_once(patch: pytest.MonkeyPatch) -> None:
    """Was real: a loop without rounds left its timer behind."""

    def always(sit: Situation, step: ActiveStep, begun: Derived) -> Derived:
        return [*joining.set_deadline(sit, step), *begun]

    for room in (joining, parallel, rounds):
        patch.setattr(room, "limited", always)
