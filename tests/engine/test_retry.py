"""Retries: how often, how soon, and what a deadline does to them."""

from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from designer.graph import Retry
from runs.engine import AS_BEFORE, PerformStep, Status
from runs.engine import events as e

from .flows import BUSY, REFUSED, act, flow
from .play import STAYS_OUT, Play, drive

MINUTE = timedelta(minutes=1)


def waits(play: Play) -> list[float]:
    return [(order.due - order.at).total_seconds() for order in play.told(e.AttemptOrdered)]


def test_a_step_is_tried_as_often_as_its_policy_says_and_waits_longer_each_time() -> None:
    play = drive(flow(act("a", tries=4)), {"a": BUSY})
    assert waits(play) == [0, 1, 2, 4]
    assert play.end == ("failed", None)


def test_no_wait_is_longer_than_the_longest() -> None:
    policy = Retry(attempts=5, wait=MINUTE, longest=MINUTE * 3, jitter=False)
    assert waits(drive(flow(act("a", retry=policy)), {"a": BUSY})) == [0, 60, 120, 180, 180]


def test_a_try_that_succeeds_ends_it() -> None:
    play = drive(flow(act("a", tries=4)), {"a": [BUSY, BUSY]})
    assert [order.attempt for order in play.told(e.AttemptOrdered)] == [1, 2, 3]
    assert play.end == ("succeeded", None)


def test_every_attempt_gets_the_same_input() -> None:
    play = Play(flow(act("a", tries=2, inputs={"n": "${ input.n }"})), input={"n": 1})
    play.start()
    play.finish("a", BUSY)
    assert play.commands(PerformStep)[0].inputs is AS_BEFORE
    assert play.orders[1].inputs == {"n": 1}


def test_while_it_waits_it_says_so_and_says_why() -> None:
    play = Play(flow(act("a", tries=2)))
    play.start()
    play.finish("a", BUSY)
    step = play.find("a")
    assert (step.status, step.reason, step.fault.name) == (Status.READY, "backing_off", "Busy")
    assert play.state.condition() == "backing_off"


def test_an_error_that_is_not_worth_a_retry_is_not_retried() -> None:
    play = drive(flow(act("a", tries=4)), {"a": REFUSED})
    assert waits(play) == [0]


def test_the_policy_names_what_is_retried_and_what_never_is() -> None:
    only = drive(flow(act("a", retry=Retry(attempts=2, on=("Refused",)))), {"a": REFUSED})
    never = drive(flow(act("a", retry=Retry(attempts=2, never_on=("Busy",)))), {"a": BUSY})
    assert (len(waits(only)), len(waits(never))) == (2, 1)


@given(
    wait=st.integers(1, 10_000),
    factor=st.floats(2, 10),
    longest=st.integers(1, 100_000),
    jitter=st.booleans(),
    run=st.text(max_size=8),
)
def test_waits_grow_and_are_capped(wait: int, factor: float, longest: int, jitter: bool, run: str) -> None:
    most = timedelta(milliseconds=longest)
    policy = Retry(wait=timedelta(milliseconds=wait), factor=factor, longest=most, jitter=jitter)
    plain = Retry(wait=policy.wait, factor=factor, longest=most, jitter=False)
    told = [policy.backoff(tries, f"{run}:{tries}") for tries in range(1, 40)]
    full = [plain.backoff(tries, "") for tries in range(1, 40)]
    assert all(half / 2 <= some + timedelta(microseconds=1) for some, half in zip(told, full, strict=True))
    assert all(some <= whole <= most for some, whole in zip(told, full, strict=True))
    assert all(sooner <= later for sooner, later in pairwise(full))


@given(run=st.text(max_size=8), tries=st.integers(1, 5))
def test_jitter_is_a_matter_of_the_attempt_and_not_of_chance(run: str, tries: int) -> None:
    assert Retry().backoff(tries, run) == Retry().backoff(tries, run)


def test_the_deadline_covers_all_attempts_together() -> None:
    play = drive(flow(act("a", tries=99, deadline=MINUTE)), {"a": BUSY})
    assert waits(play) == [0, 1, 2, 4, 8, 16, 32]
    assert play.told(e.RunEnded)[0].fault.name == "DeadlinePassed"


def test_a_deadline_is_cleared_when_the_step_is_done() -> None:
    play = Play(flow(act("a", "b", deadline=MINUTE), act("b")))
    play.start()
    assert play.timers
    play.finish("a")
    assert not play.timers


def test_a_deadline_that_passes_while_an_attempt_is_out_leaves_it_to_report() -> None:
    play = drive(flow(act("a", deadline=MINUTE)), {"a": STAYS_OUT})
    assert play.fate("a") is Status.ABANDONED
    assert play.orders[1].claimed
    assert not play.state.status.is_over
    play.finish("a")
    assert play.fate("a") is Status.CANCELLED
    assert play.end == ("failed", None)
