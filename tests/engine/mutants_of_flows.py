"""The engine, broken where values flow, where steps begin anew and where a rollback is told how to go about it."""

from typing import Any

import pytest
from msgspec import structs

from designer.dataflow import HandedOn
from designer.graph import Retry
from runs.engine import ActiveStep, Fault, RunState, carrying
from runs.engine import events as e
from runs.engine.replay import APPLY
from runs.engine.rules import leaving
from runs.engine.situation import Situation

from .mutants import mutant


@mutant
def the_token_stays_where_it_was(patch: pytest.MonkeyPatch) -> None:
    succeeded = APPLY[e.StepSucceeded]

    def staying(state: RunState, event: e.StepSucceeded) -> RunState:
        after, before = succeeded(state, event), state.scopes[event.scope]
        return structs.replace(after, scopes={**after.scopes, event.scope: before})

    patch.setitem(APPLY, e.StepSucceeded, staying)


@mutant
def a_native_step_takes_the_token(patch: pytest.MonkeyPatch) -> None:
    succeeded = APPLY[e.StepSucceeded]
    patch.setitem(
        APPLY, e.StepSucceeded, lambda state, event: succeeded(state, structs.replace(event, hands_on=True))
    )


@mutant
def a_fallback_is_given_what_the_step_was_given(patch: pytest.MonkeyPatch) -> None:
    def forgetting(sit: Situation, step: ActiveStep, number: int, fault: Fault) -> HandedOn:
        return HandedOn(output=carrying.given(sit, step))

    patch.setattr(carrying, "caught", forgetting)


@mutant
def a_fallback_is_handed_nothing(patch: pytest.MonkeyPatch) -> None:
    failed = leaving._failed

    def silent(sit: Situation, step: ActiveStep, fault: Fault, reason: Any, **how: Any) -> Any:
        return failed(sit, step, fault, reason, **{**how, "hands_on": False})

    patch.setattr(leaving, "_failed", silent)


@mutant
def branches_are_listed_by_name(patch: pytest.MonkeyPatch) -> None:
    result = carrying._result

    def sorted_by_name(sit: Situation, step: ActiveStep, output: Any, *, by_hand: bool) -> Any:
        if isinstance(output, e.Gathered):
            parts = sit.output_value(output)
            return [parts[name] for name in sorted(parts)]
        return result(sit, step, output, by_hand=by_hand)

    patch.setattr(carrying, "_result", sorted_by_name)


@mutant
def rules_forget_their_tries(patch: pytest.MonkeyPatch) -> None:
    ordered = APPLY[e.AttemptOrdered]

    def forgetting(state: RunState, event: e.AttemptOrdered) -> RunState:
        after = ordered(state, event)
        step = after.steps[event.no]
        spent = dict.fromkeys(step.spent, 0)
        return structs.replace(after, steps={**after.steps, event.no: structs.replace(step, spent=spent)})

    patch.setitem(APPLY, e.AttemptOrdered, forgetting)


@mutant
def the_last_rule_decides(patch: pytest.MonkeyPatch) -> None:
    def last(self: Retry, error: str, retryable: bool) -> int:
        covering = [no for no, rule in enumerate(self.rules) if rule.covers(error, retryable)]
        return covering[-1] if covering else 0

    patch.setattr(Retry, "rule_for", last)


@mutant
def a_map_that_begins_anew_keeps_its_counts(patch: pytest.MonkeyPatch) -> None:
    redriven = APPLY[e.ItemsRedriven]

    def keeping(state: RunState, event: e.ItemsRedriven) -> RunState:
        after, before = redriven(state, event), state.fans[event.no]
        fan = structs.replace(after.fans[event.no], succeeded=before.succeeded)
        return structs.replace(after, fans={**after.fans, event.no: fan})

    patch.setitem(APPLY, e.ItemsRedriven, keeping)


@mutant
def what_begins_anew_begins_without_end(patch: pytest.MonkeyPatch) -> None:
    ordered = APPLY[e.RetryOrdered]

    def forgetting(state: RunState, event: e.RetryOrdered) -> RunState:
        after = ordered(state, event)
        step = structs.replace(after.steps[event.no], spent={}, tries=0)
        return structs.replace(after, steps={**after.steps, event.no: step})

    patch.setitem(APPLY, e.RetryOrdered, forgetting)


@mutant
def a_failed_step_is_never_undone(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(leaving, "_is_undone_all_the_same", lambda sit, step: False)
