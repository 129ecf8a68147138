"""The engine, broken on purpose where runs start runs, where locks are held, and where the end is decided early."""

import pytest
from msgspec import structs

from designer.graph import Graph
from runs.engine import ActiveStep, CancelChild, ReleaseLock, RunState, Status
from runs.engine import events as e
from runs.engine.decide import RULES
from runs.engine.replay import APPLY
from runs.engine.rules import action, children, entering, leaving, locking, timers, waiting
from runs.engine.rules.derived import Derived
from runs.engine.situation import Situation
from runs.engine.stale import STALE

from .mutants import mutant


@mutant
def a_run_that_was_started_is_forgotten_when_its_step_is_left(patch: pytest.MonkeyPatch) -> None:
    ordered = APPLY[e.ChildOrdered]
    patch.setitem(
        APPLY, e.ChildOrdered, lambda state, event: ordered(state, structs.replace(event, awaited=False))
    )


@mutant
def cancelling_does_not_reach_the_run_that_was_started(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(leaving, "_recall", lambda sit, step: [])


@mutant
def a_run_is_told_to_cancel_again_and_again(patch: pytest.MonkeyPatch) -> None:
    def insistent(sit: Situation, step: ActiveStep) -> Derived:
        child = step.out and sit.definition(step).kind == "workflow"
        return [CancelChild(no=step.no, attempt=step.attempt, undo=True)] if child else []

    patch.setattr(leaving, "_recall", insistent)


@mutant
def what_a_run_did_after_it_was_given_up_is_left_standing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(children, "owe", lambda sit, event: [])


@mutant
def a_run_that_ends_twice_counts_twice(patch: pytest.MonkeyPatch) -> None:
    def accepting(graph: Graph, state: RunState, event: e.ChildEnded) -> str | None:
        return None if event.no in state.steps else "it is over"

    patch.setitem(STALE, e.ChildEnded, accepting)


@mutant
def a_step_that_started_a_run_is_undone_without_asking_it(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(children, "enter_undo", lambda sit, step: [e.StepUndone(at=sit.at, no=step.no)])


@mutant
def what_a_run_did_is_not_in_the_ledger(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(leaving, "_can_be_undone", lambda sit, step, by_hand: False)


@mutant
def an_undo_that_is_incomplete_counts_as_done(patch: pytest.MonkeyPatch) -> None:
    ended = RULES[e.ChildEnded]
    patch.setitem(
        RULES, e.ChildEnded, lambda sit, event: ended(sit, structs.replace(event, incomplete=False))
    )


@mutant
def a_step_begins_without_its_lock(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(locking, "ask", lambda sit, step: [])


@mutant
def a_lock_is_kept_for_ever(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(locking, "let_go", lambda sit: [])


@mutant
def a_lock_is_released_while_an_attempt_is_out(patch: pytest.MonkeyPatch) -> None:
    at_work = (Status.READY, Status.RUNNING, Status.WAITING)
    patch.setattr(locking, "_is_at_work", lambda step: step.status in at_work and step.fault is None)


@mutant
def a_section_releases_its_lock_while_something_inside_is_out(patch: pytest.MonkeyPatch) -> None:
    def alone(state: RunState, no: int, area: str) -> bool:
        return no in state.steps and locking._is_at_work(state.steps[no])

    patch.setattr(locking, "_is_needed", alone)


@mutant
def a_lock_is_given_up_in_the_journal_only(patch: pytest.MonkeyPatch) -> None:
    honest = locking.let_go
    patch.setattr(
        locking, "let_go", lambda sit: [one for one in honest(sit) if not isinstance(one, ReleaseLock)]
    )


@mutant
def a_turn_that_comes_twice_lets_in_twice(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(
        STALE, e.LockGranted, lambda graph, state, event: None if event.no in state.steps else "it is over"
    )


@mutant
def a_milestone_is_not_asked(patch: pytest.MonkeyPatch) -> None:
    for module in (entering, action, waiting):
        patch.setattr(module, "objection", lambda sit, step: None)


@mutant
def a_milestone_is_not_asked_before_a_further_try(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(action, "objection", lambda sit, step: None)


@mutant
def an_end_of_all_ends_its_branch_only(patch: pytest.MonkeyPatch) -> None:
    def branch(sit: Situation, event: e.StepSucceeded) -> Derived:
        return leaving.step_succeeded(sit, structs.replace(event, ends_run=False))

    patch.setitem(RULES, e.StepSucceeded, branch)


@mutant
def the_deadline_of_the_run_stays_set(patch: pytest.MonkeyPatch) -> None:
    ended = RULES[e.EndDecided]

    def without(sit: Situation, event: e.EndDecided) -> Derived:
        return ended(structs.replace(sit, state=structs.replace(sit.state, deadline=None)), event)

    patch.setitem(RULES, e.EndDecided, without)


@mutant
def the_deadline_of_the_run_is_never_set(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(timers, "set_run_deadline", lambda sit: [])


@mutant
def the_deadline_of_the_run_passes_and_nothing_happens(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(RULES, e.RunDeadlinePassed, lambda sit, event: [])
