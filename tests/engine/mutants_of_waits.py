"""The engine, broken on purpose where it waits for signals and for the first of several."""

import pytest

from designer.graph import AnyStep, Graph
from runs.engine import ActiveStep, Publish, RunState, Subscribe, Unsubscribe
from runs.engine import events as e
from runs.engine.rules import arrivals, entering, leaving, signals
from runs.engine.rules.derived import Derived
from runs.engine.situation import Situation
from runs.engine.stale import STALE

from .mutants import mutant


@mutant
def a_signal_wakes_a_wait_that_is_over(patch: pytest.MonkeyPatch) -> None:
    def accepting(graph: Graph, state: RunState, event: e.SignalReceived) -> str | None:
        return None if event.no <= state.last_no else "nobody waits for it"

    patch.setitem(STALE, e.SignalReceived, accepting)


@mutant
def a_signal_wakes_a_wait_that_has_given_up(patch: pytest.MonkeyPatch) -> None:
    def accepting(graph: Graph, state: RunState, event: e.SignalReceived) -> str | None:
        return None if event.no in state.steps else "nobody waits for it"

    patch.setitem(STALE, e.SignalReceived, accepting)


@mutant
def who_goes_on_stays_subscribed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(leaving, "awaited_signals", lambda step: {})


@mutant
def a_wait_forgets_to_subscribe(patch: pytest.MonkeyPatch) -> None:
    def deaf(sit: Situation, step: ActiveStep) -> Derived:
        return [one for one in signals.listen(sit, step) if not isinstance(one, Subscribe)]

    patch.setattr(arrivals, "listen", deaf)


@mutant
def a_person_is_asked_although_another_arrival_has_won(patch: pytest.MonkeyPatch) -> None:
    asks = leaving.question_of

    def silent(step: AnyStep) -> object:
        return asks(step) if step.kind == "review" else None

    patch.setattr(leaving, "question_of", silent)


@mutant
def the_moments_of_the_others_still_come(patch: pytest.MonkeyPatch) -> None:
    def lax(sit: Situation, step: ActiveStep) -> Derived:
        return [Unsubscribe(no=step.no), *leaving._clear_desk(sit, step)]

    patch.setattr(leaving, "release", lax)


@mutant
def the_first_arrival_of_the_definition_wins_whatever_came(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(arrivals, "find_arrival", lambda step, name: step.first[-1])


@mutant
def an_emit_goes_on_and_publishes_nothing(patch: pytest.MonkeyPatch) -> None:
    def mute(sit: Situation, step: ActiveStep) -> Derived:
        return [one for one in signals.enter_emit(sit, step) if not isinstance(one, Publish)]

    patch.setitem(entering.ENTER, "emit", mute)


@mutant
def an_emit_publishes_under_the_same_id_in_every_visit(patch: pytest.MonkeyPatch) -> None:
    def same(sit: Situation, step: ActiveStep) -> Derived:
        told = signals.enter_emit(sit, step)
        return [
            Publish(no=one.no, signal="s", name=one.name, key=one.key, data=None, keep=one.keep)
            if isinstance(one, Publish)
            else one
            for one in told
        ]

    patch.setitem(entering.ENTER, "emit", same)
