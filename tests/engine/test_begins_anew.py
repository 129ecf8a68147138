"""Steps that begin anew as a whole, and several rules of retrying."""

from datetime import timedelta

from designer.graph import Awaited, OnExhausted, Outcome, Retry, Review, RunWorkflow, Wait
from runs.engine import Reason, Resolution, Status
from runs.engine import events as e

from .flows import BUSY, REFUSED, act, again, each, fault, flow, fork, to
from .play import NOON, STAYS_OUT, Play, drive

TWICE = Retry(attempts=2, wait=timedelta(seconds=10), jitter=False)
ANY_TWICE = Retry(attempts=2, wait=timedelta(seconds=10), jitter=False, on=("*",))
BY_RULE = Retry(
    attempts=2,
    wait=timedelta(seconds=1),
    jitter=False,
    on=("Busy",),
    others=(Retry(attempts=3, wait=timedelta(seconds=60), jitter=False, on=("Refused",)),),
)


def test_each_rule_counts_its_own_tries():
    play = drive(flow(act("one", retry=BY_RULE)), {"one": [REFUSED, BUSY, REFUSED, REFUSED]})
    ordered = play.told(e.AttemptOrdered)
    assert [event.rule for event in ordered] == [None, 1, 0, 1]
    assert [(event.due - event.at).total_seconds() for event in ordered] == [0, 60, 1, 120]
    assert play.end == ("failed", None)


def test_the_first_rule_that_covers_an_error_decides():
    rules = Retry(attempts=1, on=("Busy",), others=(Retry(attempts=5, on=("*",)),))
    play = drive(flow(act("one", retry=rules)), {"one": BUSY})
    assert len(play.told(e.AttemptOrdered)) == 1


def test_a_person_who_has_it_tried_again_gives_it_all_its_tries_back():
    letter = act("one", retry=BY_RULE, on_exhausted=OnExhausted.DEAD_LETTER)
    play = drive(flow(letter), {"one": [BUSY, BUSY]})
    play.resolve("one", Resolution.RETRY)
    assert play.state.steps[1].spent == {}
    play.run_until_idle(lambda order: BUSY)
    assert [event.tries for event in play.told(e.AttemptOrdered)] == [1, 2, 1, 2]


def test_a_parallel_begins_anew():
    graph = flow(fork("both", "after", left=[act("a")], right=[act("b")], retry=TWICE), act("after"))
    play = drive(graph, {"b": [BUSY, {"n": 2}]})
    assert play.steps_told(e.RetryOrdered) == ["both"]
    assert play.steps_told(e.StepEntered) == ["both", "a", "b", "a", "b", "after"]
    assert play.end == ("succeeded", None)
    assert play.told(e.RetryOrdered)[0].due == NOON + timedelta(seconds=10)


def test_while_it_pauses_nothing_of_it_is_at_work():
    play = Play(flow(fork("both", left=[act("a")], right=[act("b")], retry=TWICE)), input={})
    play.start()
    play.finish("a", BUSY)
    step = play.find("both")
    assert (step.status, step.reason, step.timers) == (Status.READY, Reason.BACKING_OFF, ("again",))
    assert not play.orders and not play.state.scopes_of(1)


def test_it_is_not_tried_more_often_than_it_may_be():
    play = drive(flow(fork("both", left=[act("a")], retry=TWICE)), {"a": BUSY})
    assert len(play.told(e.RetryOrdered)) == 1
    assert play.end == ("failed", None)


def test_what_is_not_worth_another_try_is_not_tried_again():
    assert drive(flow(fork("both", left=[act("a")], retry=TWICE)), {"a": REFUSED}).end == ("failed", None)


def test_a_fallback_takes_over_when_it_has_given_up():
    graph = flow(fork("both", left=[act("a")], retry=TWICE, catch=(to("after"),)), act("after"))
    play = drive(graph, {"a": BUSY})
    assert play.steps_told(e.StepEntered) == ["both", "a", "a", "after"]


def test_a_map_does_all_its_items_again():
    graph = flow(each("all", [1, 2, 3], [act("one", inputs={"n": "${ item }"})], retry=TWICE))
    play = drive(graph, {"one": [{"n": 1}, {"n": 2}, BUSY, {"n": 4}, {"n": 5}, {"n": 6}]})
    assert play.output == [{"n": 4}, {"n": 5}, {"n": 6}]
    assert [event.afresh for event in play.told(e.ItemsRedriven)] == [True]


def test_after_that_a_person_has_only_those_done_that_failed():
    opener = each(
        "all", [1, 2], [act("one")], retry=TWICE, max_concurrency=1, on_exhausted=OnExhausted.DEAD_LETTER
    )
    play = drive(flow(opener), {"one": [{"n": 1}, BUSY, {"n": 1}, BUSY]})
    play.resolve("all", Resolution.RETRY)
    play.run_until_idle(lambda order: {"n": 2})
    assert [event.afresh for event in play.told(e.ItemsRedriven)] == [True, False]
    assert play.output == [{"n": 1}, {"n": 2}]


def test_a_loop_begins_with_its_first_round():
    play = drive(flow(again("rounds", [act("one")], times=2, retry=TWICE)), {"one": [{}, BUSY]})
    assert play.steps_told(e.StepEntered) == ["rounds", *["one"] * 4]


def test_the_deadline_is_for_all_tries_together():
    deadline = timedelta(seconds=15)
    play = drive(
        flow(fork("both", left=[act("a")], retry=ANY_TWICE, deadline=deadline)), {"a": [BUSY, STAYS_OUT]}
    )
    assert (play.now, play.end) == (NOON + deadline, ("running", None))
    assert len(play.told(e.RetryOrdered)) == 1


def test_a_deadline_that_passes_in_the_pause_ends_it():
    deadline = timedelta(seconds=5)
    play = drive(flow(fork("both", left=[act("a")], retry=ANY_TWICE, deadline=deadline)), {"a": BUSY})
    assert (play.now, play.end) == (NOON + deadline, ("failed", None))


def test_a_run_is_started_again():
    graph = flow(RunWorkflow(key="book", runs="order", retry=ANY_TWICE))
    play = Play(graph, input={})
    play.start()
    play.end_child("book", fault())
    play.fire("book", "again")
    play.end_child("book", {"id": 7})
    assert (play.output, len(play.beside.children)) == ({"id": 7}, 2)


def test_a_run_is_not_started_more_often_than_it_may_be():
    play = Play(flow(RunWorkflow(key="book", runs="order", retry=ANY_TWICE)), input={})
    play.start()
    play.end_child("book", fault())
    play.fire("book", "again")
    play.end_child("book", fault())
    assert play.end == ("failed", None)


def test_a_review_is_asked_again():
    later = "now > timestamp(input.from)"
    asked = Review(key="ask", outcomes=(Outcome("yes"),), retry=ANY_TWICE, only_while=later)
    play = Play(flow(asked), input={"from": (NOON + timedelta(seconds=1)).isoformat()})
    play.start()
    assert not play.reviews
    play.fire("ask", "again")
    assert list(play.reviews) == [1]


def test_a_wait_listens_again():
    hear = Wait(key="hear", signal=Awaited(name="paid", key="k"))
    graph = flow(fork("both", left=[hear], right=[act("a")], retry=TWICE))
    play = Play(graph, input={})
    play.start()
    play.finish("a", BUSY)
    assert not play.subscriptions
    play.fire("both", "again")
    play.finish("a", {})
    play.signal("hear", data=1)
    assert play.end == ("succeeded", None)


def test_the_lock_is_kept_while_it_pauses():
    play = Play(flow(fork("both", left=[act("a")], retry=TWICE, lock="desk")), input={})
    play.start()
    play.let_in("both")
    play.finish("a", BUSY)
    assert play.beside.holding == {1: "desk"}
    play.fire("both", "again")
    play.finish("a", {})
    assert (play.beside.holding, play.end) == ({}, ("succeeded", None))
