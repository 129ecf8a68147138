"""The engine, broken on purpose. Each mutant must die, or the promises do not promise what they say.

Some are defects that the engine really had; they say so.
"""

import random
from collections.abc import Callable, Iterable
from dataclasses import replace
from importlib import import_module

import pytest
from msgspec import structs

from designer.graph import Graph, Join, Retry, policies
from runs.engine import (
    ABSENT,
    ActiveStep,
    LedgerEntry,
    NewestSuccess,
    Reason,
    Retract,
    RunState,
    Status,
    Values,
)
from runs.engine import (
    events as e,
)
from runs.engine.decide import RULES
from runs.engine.replay import APPLY
from runs.engine.rules import action, closing, entering, joining, leaving
from runs.engine.rules.derived import Derived
from runs.engine.situation import Situation
from runs.engine.stale import STALE

Patch = Callable[[pytest.MonkeyPatch], None]
MUTANTS: list[Patch] = []
deciding = import_module("runs.engine.decide")  # the door's `decide` is the function


def mutant(patch: Patch) -> Patch:
    MUTANTS.append(patch)
    return patch


# --- facts that come too late, or twice ----------------------------------------------------------------------


@mutant
def the_success_of_a_closed_attempt_counts(patch: pytest.MonkeyPatch) -> None:
    def accepting(graph: Graph, state: RunState, event: e.AttemptSucceeded) -> str | None:
        return None if event.no in state.steps else "the step is over"

    patch.setitem(STALE, e.AttemptSucceeded, accepting)


@mutant
def a_second_worker_may_begin_the_same_attempt(patch: pytest.MonkeyPatch) -> None:
    def accepting(graph: Graph, state: RunState, event: e.AttemptStarted) -> str | None:
        return None if event.no in state.steps else "the step is over"

    patch.setitem(STALE, e.AttemptStarted, accepting)


@mutant
def a_review_can_be_decided_twice(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(STALE, e.ReviewDecided, lambda graph, state, event: None)


@mutant
def an_attempt_whose_success_is_owed_can_be_begun_again(patch: pytest.MonkeyPatch) -> None:
    """Was real: a repeated AttemptStarted put a step whose debt had to wait back to work."""
    strict = STALE[e.AttemptStarted]

    def accepting(graph: Graph, state: RunState, event: e.AttemptStarted) -> str | None:
        step = state.steps.get(event.no)
        return None if step and step.owed and not step.out else strict(graph, state, event)

    patch.setitem(STALE, e.AttemptStarted, accepting)


# --- compensation --------------------------------------------------------------------------------------------


@mutant
def the_rollback_does_not_wait_for_the_others(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(closing, "NOT_AWAITED", frozenset(Status))


@mutant
def the_oldest_success_is_undone_first(patch: pytest.MonkeyPatch) -> None:
    newest = Values.newest_success

    def oldest(self: Values, below: int | None) -> LedgerEntry | None:
        entry = newest(self, below)
        while entry and (older := self.get(NewestSuccess(entry.completed))) is not ABSENT:
            entry = older
        return entry

    patch.setattr(Values, "newest_success", oldest)


@mutant
def successes_of_the_same_decision_are_forgotten(patch: pytest.MonkeyPatch) -> None:
    def without_fresh(self: Values, below: int | None) -> LedgerEntry | None:
        recorded = self.get(NewestSuccess(below))
        return None if recorded is ABSENT else recorded

    patch.setattr(Values, "newest_success", without_fresh)


@mutant
def a_debt_is_undone_again_and_again(patch: pytest.MonkeyPatch) -> None:
    def unpaid(steps: Iterable[ActiveStep]) -> ActiveStep | None:
        return next((step for step in steps if step.owed), None)

    patch.setattr(closing, "_apart", unpaid)


@mutant
def a_debt_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    def forgetting(sit: Situation, event: e.AttemptSucceeded) -> Derived:
        if sit.state.steps[event.no].status is Status.ABANDONED:
            return [e.StepCancelled(at=sit.at, no=event.no, reason=Reason.LATE_SUCCESS)]
        return action.attempt_succeeded(sit, event)

    patch.setitem(RULES, e.AttemptSucceeded, forgetting)


@mutant
def what_was_done_and_could_not_be_noted_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    """Was real: a step whose `assign` broke had failed, and what it had done was never undone."""
    patch.setattr(deciding, "_debt", lambda sit, step, event: [])


@mutant
def a_dead_letter_forgets_the_attempt_that_is_out(patch: pytest.MonkeyPatch) -> None:
    """Was real: when a deadline had parked the step, its attempt's late success was refused."""
    parked = APPLY[e.StepParked]
    patch.setitem(APPLY, e.StepParked, lambda state, event: parked(state, structs.replace(event, out=False)))


@mutant
def what_comes_in_late_is_undone_although_nothing_is_to_be(patch: pytest.MonkeyPatch) -> None:
    """Was real: a run that was cancelled without undo undid what came in after that."""
    patch.setattr(RunState, "leaves_all_as_it_is", False)


@mutant
def a_debt_is_paid_while_another_attempt_is_out(patch: pytest.MonkeyPatch) -> None:
    def hasty(steps: Iterable[ActiveStep]) -> ActiveStep | None:
        return next((step for step in steps if step.owed and step.status is Status.ABANDONED), None)

    patch.setattr(closing, "_apart", hasty)


@mutant
def the_oldest_debt_is_paid_first(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(closing, "max", min, raising=False)


@mutant
def the_rollback_goes_on_past_a_compensation_that_gave_up(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(closing, "_has_stopped", lambda steps: False)


@mutant
def an_undo_that_a_person_sends_back_starts_at_once(patch: pytest.MonkeyPatch) -> None:
    """Was real: it ran beside the one that was at work."""
    patient = RULES[e.DeadLetterResolved]

    def impatient(sit: Situation, event: e.DeadLetterResolved) -> Derived:
        step, derived = sit.state.steps[event.no], patient(sit, event)
        again = step.status is Status.UNDO_FAILED and event.how is e.Resolution.RETRY
        return [*derived, closing._undo_apart(sit, step)] if again else derived

    patch.setitem(RULES, e.DeadLetterResolved, impatient)


# --- parallels -----------------------------------------------------------------------------------------------


@mutant
def a_join_fires_too_early(patch: pytest.MonkeyPatch) -> None:
    need = Join.need
    patch.setattr(Join, "need", lambda self, total: max(1, need(self, total) - 1))


@mutant
def a_join_fires_too_late(patch: pytest.MonkeyPatch) -> None:
    verdict = Join.verdict

    def slow(self: Join, total: int, succeeded: int, failed: int) -> bool | None:
        return None if succeeded + failed < total else verdict(self, total, succeeded, failed)

    patch.setattr(Join, "verdict", slow)


@mutant
def a_join_fires_again_for_every_branch(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(joining, "cancel_within", lambda sit, outer: [])
    patch.setattr(deciding, "overtaken", lambda state, event: False)


@mutant
def a_branch_that_is_not_needed_goes_on(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(joining, "cancel_within", lambda sit, outer: [])


@mutant
def branches_are_opened_although_the_parallel_waits_for_a_person(patch: pytest.MonkeyPatch) -> None:
    """Was real."""
    strict = deciding.overtaken

    def lax(state: RunState, event: e.Event) -> bool:
        opener = state.steps.get(event.no) if isinstance(event, e.ScopeOpened) else None
        return False if opener and opener.status is Status.WAITING else strict(state, event)

    patch.setattr(deciding, "overtaken", lax)


# --- tries, timers, loops ------------------------------------------------------------------------------------


@mutant
def tries_are_without_end(patch: pytest.MonkeyPatch) -> None:
    again = Retry.again
    patch.setattr(
        Retry, "again", lambda self, *, tries, **how: again(self, tries=0, **how) and self.backoff(tries, "")
    )


@mutant
def waits_are_not_capped(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Retry, "backoff", lambda self, tries, key: self.wait * self.factor ** (tries - 1))


@mutant
def jitter_is_a_matter_of_chance(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(policies, "_fraction", lambda key: random.random())


@mutant
def a_lost_attempt_costs_a_try(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(action, "REDELIVERIES", 0)


@mutant
def a_lost_attempt_is_handed_out_without_end(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(action, "REDELIVERIES", 1_000)


@mutant
def a_deadline_is_never_set(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(action, "set_deadline", lambda sit, step: [])


@mutant
def the_deadline_goes_with_the_attempt_that_is_lost(patch: pytest.MonkeyPatch) -> None:
    """Was real."""
    patch.setattr(action, "RetractAttempt", Retract)


@mutant
def a_review_stays_open_when_it_becomes_a_dead_letter(patch: pytest.MonkeyPatch) -> None:
    """Was real: people could go on claiming it, and no decision was ever taken."""
    patch.setattr(leaving, "_clear_desk", lambda sit, step: [])


@mutant
def a_timer_stays_set_when_it_has_fired(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(APPLY, e.TimerFired, lambda state, event: state)


@mutant
def visits_are_not_counted_right(patch: pytest.MonkeyPatch) -> None:
    def generous(sit: Situation, event: e.StepEntered) -> Derived:
        return entering.enter(
            structs.replace(sit, graph=replace(sit.graph, visit_limit=sit.graph.visit_limit + 2)), event
        )

    patch.setitem(RULES, e.StepEntered, generous)


# --- cancelling ----------------------------------------------------------------------------------------------


@mutant
def cancelling_leaves_the_steps_at_work(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(RULES, e.EndDecided, lambda sit, event: [])


@mutant
def the_run_goes_on_after_it_was_cancelled(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(RULES, e.CancelRequested, lambda sit, event: [])


@mutant
def an_attempt_that_is_out_is_dropped(patch: pytest.MonkeyPatch) -> None:
    def dropping(state: RunState, event: e.StepAbandoned) -> RunState:
        return structs.replace(state, steps={no: s for no, s in state.steps.items() if no != event.no})

    patch.setitem(APPLY, e.StepAbandoned, dropping)
