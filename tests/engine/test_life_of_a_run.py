"""The life of a run, whatever happens to it: the promises of `promises` on generated graphs and generated fates.

``CHOREO_TEST_PROFILE=deep`` looks at more of them.
"""

from datetime import timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from designer.graph import Graph, Map, Parallel
from runs.engine import (
    Event,
    Fault,
    Resolution,
    dump_event,
    dump_state,
    load_event,
    load_state,
    replay,
)
from runs.engine import (
    events as e,
)

from .play import LOST, Order, Play
from .reckoning import is_waiting
from .strategies import eventful_graphs

MOST_TURNS = 400  # until a run that meets only good will has ended
PATIENCE = 100  # turns until a person who is asked the same thing again and again cancels

picks = st.integers(0, 7)
outputs = st.fixed_dictionaries({"n": st.integers(0, 9)})
faults = st.builds(
    Fault,
    name=st.sampled_from(["Busy", "Refused", "Timeout"]),
    message=st.just("No."),
    retryable=st.booleans(),
)
outcomes = st.one_of(outputs, outputs, outputs, faults, st.just(LOST))
stretches = st.lists(st.tuples(picks, outcomes), max_size=8)
inputs = st.fixed_dictionaries({"n": st.integers(0, 5), "name": st.sampled_from(["x", "y"])})


class LifeOfARun(RuleBasedStateMachine):
    play: Play

    @initialize(graph=eventful_graphs(), input=inputs, told=stretches)
    def a_run_is_started(self, graph: Graph, input: Any, told: list[tuple[int, Any]]) -> None:
        self.play = Play(graph, input=input)
        self.play.start()
        self.work(told)

    @precondition(lambda self: self.unclaimed())
    @rule(pick=picks)
    def a_worker_takes_up_an_attempt(self, pick: int) -> None:
        order = one(self.unclaimed(), pick)
        assert self.play.begin(order.no, order.attempt).ignored is None

    @precondition(lambda self: self.claimed())
    @rule(pick=picks, outcome=outcomes)
    def a_worker_reports(self, pick: int, outcome: Any) -> None:
        order = one(self.claimed(), pick)
        assert self.play.report(order.no, order.attempt, outcome).ignored is None

    @precondition(lambda self: self.play.orders)
    @rule(told=stretches)
    def workers_are_busy_for_a_while(self, told: list[tuple[int, Any]]) -> None:
        self.work(told)

    @precondition(lambda self: self.unclaimed())
    @rule()
    def all_attempts_are_taken_up(self) -> None:
        for order in self.unclaimed():
            self.play.begin(order.no, order.attempt)

    @precondition(lambda self: self.claimed())
    @rule(pick=picks)
    def a_worker_falls_silent_again_and_again(self, pick: int) -> None:
        order = one(self.claimed(), pick)
        for _ in range(4):
            if (now := self.play.orders.get(order.no)) is not None and now.attempt == order.attempt:
                perform(self.play, now, LOST)

    @precondition(lambda self: self.play.timers)
    @rule(pick=picks)
    def a_timer_fires(self, pick: int) -> None:
        (no, timer), due = one(list(self.play.timers.items()), pick)
        self.play.now = max(self.play.now, due)
        assert self.play.feed(e.TimerFired(at=self.play.now, no=no, timer=timer)).ignored is None

    @precondition(lambda self: self.play.reviews)
    @rule(pick=picks, outcome=st.sampled_from(["approve", "reject"]))
    def a_person_decides(self, pick: int, outcome: str) -> None:
        no = one(list(self.play.reviews), pick)
        fact = e.ReviewDecided(at=self.play.now, no=no, outcome=outcome, by="rosa")
        assert self.play.feed(fact).ignored is None

    @precondition(lambda self: self.play.subscriptions)
    @rule(pick=picks, data=outputs)
    def a_signal_comes(self, pick: int, data: Any) -> None:
        no, arrival = one(list(self.play.subscriptions), pick)
        assert self.play.receive(no, arrival, data).ignored is None

    @precondition(lambda self: self.play.journal)
    @rule(pick=st.integers(0, 1_000))
    def a_signal_comes_for_somebody_who_does_not_wait_for_it(self, pick: int) -> None:
        no = pick % (self.play.state.last_no + 2)
        if (no, "paid") not in self.play.subscriptions:
            assert self.play.receive(no, "paid").ignored is not None

    @precondition(lambda self: self.play.beside.under_way)
    @rule(pick=picks, outcome=st.one_of(outputs, faults), incomplete=st.booleans())
    def a_run_that_was_started_ends(self, pick: int, outcome: Any, incomplete: bool) -> None:
        place = one(self.play.beside.under_way, pick)
        incomplete = incomplete and self.play.beside.children[place].undoing
        assert self.play.end_place(place, outcome, incomplete=incomplete).ignored is None

    @precondition(lambda self: self.play.beside.children)
    @rule(pick=picks)
    def a_run_whose_undo_got_stuck_ends_again(self, pick: int) -> None:
        place = one(list(self.play.beside.children), pick)
        step = self.play.state.steps.get(place[0])
        if place not in self.play.beside.under_way and self.play.beside.children[place].order.awaited:
            stuck = step is not None and step.attempt == place[1] and step.is_stuck and not step.let_go
            assert (self.play.end_place(place).ignored is None) == stuck

    @precondition(lambda self: self.play.beside.can_be_let_in)
    @rule(pick=picks)
    def a_step_is_let_in(self, pick: int) -> None:
        no = one(self.play.beside.can_be_let_in, pick)
        assert self.play.feed(e.LockGranted(at=self.play.now, no=no)).ignored is None

    @precondition(lambda self: self.play.beside.due)
    @rule(really=picks)
    def the_deadline_of_the_run_passes(self, really: int) -> None:
        if really > 5:
            assert self.play.time_is_up().ignored is None

    @rule()
    def the_run_that_started_it_undoes_it(self) -> None:
        ending = self.play.state.ending
        stands = ending is not None and ending.status == "succeeded"
        assert (self.play.undo_all().ignored is None) == stands

    @precondition(lambda self: self.play.dead_letters)
    @rule(pick=picks, how=st.sampled_from(Resolution))
    def a_person_resolves_a_dead_letter(self, pick: int, how: Resolution) -> None:
        no = one(list(self.play.dead_letters), pick)
        self.play.feed(e.DeadLetterResolved(at=self.play.now, no=no, how=how, by="omar", output={"n": 1}))

    @precondition(lambda self: self.open_lists())
    @rule(pick=picks, count=st.integers(0, 2), close=st.booleans())
    def somebody_adds_items_or_closes_the_list(self, pick: int, count: int, close: bool) -> None:
        no = one(self.open_lists(), pick)
        if close:
            assert self.play.feed(e.ItemsClosed(at=self.play.now, no=no, by="omar")).ignored is None
        else:
            added = {"count": count, "items": [9] * count, "by": "omar"}
            assert self.play.feed(e.ItemsAdded(at=self.play.now, no=no, **added)).ignored is None

    @precondition(lambda self: self.joining())
    @rule(pick=picks, really=picks)
    def a_person_has_it_go_on_with_what_there_is(self, pick: int, really: int) -> None:
        if really > 5:
            fact = e.JoinForced(at=self.play.now, no=one(self.joining(), pick), by="omar")
            assert self.play.feed(fact).ignored is None

    @rule(undo=st.booleans(), really=picks)
    def a_person_cancels(self, undo: bool, really: int) -> None:
        if really == 7:
            self.play.cancel(undo=undo)

    @precondition(lambda self: self.play.facts)
    @rule(pick=st.integers(0, 1_000))
    def a_fact_is_delivered_again(self, pick: int) -> None:
        fact = one(self.play.facts, pick)
        if not self.is_open(fact):
            assert self.play.feed(fact).ignored is not None

    @precondition(lambda self: self.closed())
    @rule(pick=picks, outcome=outcomes)
    def a_worker_thought_dead_reports_after_all(self, pick: int, outcome: Any) -> None:
        no, attempt = one(self.closed(), pick)
        assert self.play.report(no, attempt, outcome).ignored is not None

    @rule(seconds=st.integers(1, 600))
    def time_passes(self, seconds: int) -> None:
        self.play.now += timedelta(seconds=seconds)

    def teardown(self) -> None:
        if hasattr(self, "play") and self.play.sound:
            bring_to_an_end(self.play)
            check_stored_life(self.play)

    def work(self, told: list[tuple[int, Any]]) -> None:
        for pick, outcome in told:
            if self.play.orders:
                perform(self.play, one(list(self.play.orders.values()), pick), outcome)

    # --- what there is to choose from -------------------------------------------------------------------------

    def unclaimed(self) -> list[Order]:
        return [order for order in self.play.orders.values() if not order.claimed]

    def claimed(self) -> list[Order]:
        return [order for order in self.play.orders.values() if order.claimed]

    def open_lists(self) -> list[int]:
        living = (step for step in self.play.state.steps.values() if step.fault is None)
        fans = self.play.state.fans
        return [step.no for step in living if step.no in fans and not fans[step.no].closed]

    def joining(self) -> list[int]:
        graph, steps = self.play.graph, self.play.state.steps.values()
        waiting = (step for step in steps if is_waiting(step))
        return [step.no for step in waiting if isinstance(graph.step(step.key), Map | Parallel)]

    def closed(self) -> list[tuple[int, int]]:
        open_now = {(order.no, order.attempt) for order in self.play.orders.values()}
        return sorted(self.play.history.ordered - open_now)

    def is_open(self, fact: Event) -> bool:
        """Whether what the fact answers has been ordered again: there the shell's fence tells old from new."""
        match fact:
            case e.TimerFired():
                return (fact.no, fact.timer) in self.play.timers
            case e.ReviewDecided():
                return fact.no in self.play.reviews
            case e.SignalReceived():
                return (fact.no, fact.arrival) in self.play.subscriptions
            case e.DeadLetterResolved():
                return fact.no in self.play.dead_letters
            case e.LockGranted():
                return fact.no in self.play.beside.waiting
            case e.ChildEnded():
                return (fact.no, fact.attempt) in self.play.beside.under_way
            case e.RunDeadlinePassed():
                return self.play.beside.due is not None
            case e.ItemsAdded() | e.ItemsClosed():
                return fact.no in self.open_lists()
            case e.JoinForced():
                return fact.no in self.joining()
            case e.StepEvent():
                order = self.play.orders.get(fact.no)
                return order is not None and order.attempt == getattr(fact, "attempt", None)
        return False


def one[Some](options: list[Some], pick: int) -> Some:
    return options[pick % len(options)]


def perform(play: Play, order: Order, outcome: Any) -> None:
    if not order.claimed:
        play.begin(order.no, order.attempt)
    play.report(order.no, order.attempt, outcome)


def bring_to_an_end(play: Play) -> None:
    """With good will from all sides every run ends."""
    play.start()
    for turn in range(MOST_TURNS):
        if play.state.status.is_over:
            return
        _good_will(play, patient=turn < PATIENCE)
    raise AssertionError("the run does not end")


def _good_will(play: Play, *, patient: bool) -> None:
    if not patient and play.state.ending is None:
        play.cancel()
    elif play.orders:
        perform(play, next(iter(play.orders.values())), {"n": 1})
    elif play.reviews:
        play.feed(e.ReviewDecided(at=play.now, no=min(play.reviews), outcome="approve", by="rosa"))
    elif play.subscriptions:
        play.receive(*min(play.subscriptions), {"n": 1})
    elif play.beside.under_way:
        play.end_place(play.beside.under_way[0], {"n": 1})
    elif play.beside.can_be_let_in:
        play.feed(e.LockGranted(at=play.now, no=play.beside.can_be_let_in[0]))
    elif lists := [no for no, fan in play.state.fans.items() if not fan.closed]:
        play.feed(e.ItemsClosed(at=play.now, no=min(lists), by="omar"))
    elif play.timers:
        (no, timer), due = min(play.timers.items(), key=lambda timer: timer[1])
        play.now = max(play.now, due)
        play.feed(e.TimerFired(at=play.now, no=no, timer=timer))
    elif play.beside.due:
        play.time_is_up()
    elif play.beside.waiting and play.state.ending is None and not play.dead_letters:
        play.cancel()  # two sections wait for each other's lock
    else:
        no = min(play.dead_letters)
        fact = e.DeadLetterResolved(at=play.now, no=no, how=Resolution.DONE, by="omar", output={"n": 1})
        if play.feed(fact).ignored is not None:
            play.cancel()


def check_stored_life(play: Play) -> None:
    """The journal as it is stored gives the state as it is stored."""
    stored = [dump_event(event) for event in play.journal]
    assert replay(load_event(name, data) for name, data in stored) == load_state(dump_state(play.state))


TestLifeOfARun: Any = LifeOfARun.TestCase
TestLifeOfARun.settings = settings(stateful_step_count=30)
