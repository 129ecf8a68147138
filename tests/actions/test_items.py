"""Maps, loops and branches on the database: rows for items, a state that stays small, and what people may do."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from runs.actions.joins import add_items, close_items, force_join
from runs.engine import RunStatus, load_state
from runs.models import Run, Work
from runs.models.item import ItemStatus
from runs.queries.values import shown_output
from runs.refusals import Refused
from tests.actions.flows import echo, flow
from tests.factories import Hand, a_run, a_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def omar(db: None) -> User:
    return a_user("omar")


def each(items: Any = "${ input.list }", **fields: Any) -> dict[str, Any]:
    return {"kind": "map", "items": items, "start": "one", "steps": {"one": echo("${ item }")}, **fields}


def work_off(hand: Hand) -> None:
    """Until nothing is left to do."""
    while hand.held or Work.objects.exists():
        if not hand.held and not hand.claim():
            continue
        held = hand.held[0]
        hand.succeed(held.key, held.inputs["value"])


def mapped(items: list[Any], hand: Hand, **fields: Any) -> Run:
    run = a_run(flow(all=each(**fields)), {"list": items})
    hand.claim()
    return run


def statuses(run: Run) -> list[str]:
    return list(run.items.values_list("status", flat=True))


def test_items_are_rows_and_the_output_is_read_from_them(hand: Hand):
    run = mapped(["a", "b", "c"], hand, max_concurrency=2)
    assert statuses(run) == ["waiting"] * 3
    work_off(hand)
    run.refresh_from_db()
    assert (run.status, statuses(run)) == (RunStatus.SUCCEEDED, ["succeeded"] * 3)
    assert run.output == {"collected": 1}
    assert shown_output(run, run.output) == ["a", "b", "c"]


def test_a_later_step_reads_the_list(hand: Hand):
    after = echo("${ steps.all.output.map(x, x * 2) }")
    run = a_run(flow(all=each(next="after"), after=after), {"list": [1, 2, 3]})
    hand.claim()
    work_off(hand)
    run.refresh_from_db()
    assert shown_output(run, run.output) == [2, 4, 6]


def test_a_later_step_reads_what_failed(hand: Hand):
    after = echo("${ steps.all.errors.map(e, e.name) }")
    join = {"on_failure": "continue"}
    run = a_run(flow(all=each(next="after", join=join), after=after), {"list": [1, 2]})
    hand.claim()
    hand.fail("one", "Broken", retryable=False)
    work_off(hand)
    run.refresh_from_db()
    assert shown_output(run, run.output) == ["Broken"]
    assert sorted(statuses(run)) == [ItemStatus.FAILED, ItemStatus.SUCCEEDED]


def test_large_items_are_stored_once(hand: Hand):
    large = "x" * 300_000
    run = mapped([large, large], hand)
    assert run.stored_values.count() == 2  # the input, and the item that both are
    work_off(hand)
    run.refresh_from_db()
    assert run.status == RunStatus.SUCCEEDED


def test_an_item_costs_the_same_however_many_there_are(hand: Hand):
    """Statements and bytes of state, for the tenth item of thirty and of a thousand."""
    costs = []
    for count in (30, 1_000):
        run = mapped(list(range(count)), hand, max_concurrency=3)
        for _ in range(9):
            hand.succeed("one", 0)
            hand.claim()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            hand.succeed("one", 0)
        run.refresh_from_db()
        costs.append((len(queries), len(run.state) // 100))
        force_join(run_id=run.pk, no=1, by=a_user(f"omar{count}"))
        hand.held.clear()
    assert costs[0] == costs[1]


def test_items_are_added_until_the_list_is_closed(hand: Hand, omar: User):
    run = mapped([1], hand, open_ended=True)
    hand.succeed("one", 1)
    assert add_items(run_id=run.pk, no=1, items=[2, 3], by=omar) == 2
    close_items(run_id=run.pk, no=1, by=omar)
    with pytest.raises(Refused, match="The list of items is closed"):
        add_items(run_id=run.pk, no=1, items=[4], by=omar)
    work_off(hand)
    run.refresh_from_db()
    assert shown_output(run, run.output) == [1, 2, 3]


def test_more_items_than_a_map_takes_are_refused(hand: Hand, omar: User):
    run = mapped([1], hand, open_ended=True)
    with pytest.raises(Refused, match="That would make 10,001 items; a map takes 10,000"):
        add_items(run_id=run.pk, no=1, items=[0] * 10_000, by=omar)
    assert run.items.count() == 1


def test_a_join_is_forced_once_and_what_is_open_is_cancelled(hand: Hand, omar: User):
    run = mapped([1, 2, 3], hand, max_concurrency=2)
    hand.succeed("one", 1)
    force_join(run_id=run.pk, no=1, by=omar, reason="Enough.")
    with pytest.raises(Refused, match="not under way"):
        force_join(run_id=run.pk, no=1, by=omar)
    while hand.held:
        hand.succeed("one", 9)
    run.refresh_from_db()
    assert run.status == RunStatus.SUCCEEDED
    assert shown_output(run, run.output) == [1, None, None]


def test_only_a_parallel_or_a_map_can_be_forced(hand: Hand, omar: User):
    run = a_run(flow(wait={"kind": "wait", "for": "1h"}))
    hand.claim()
    with pytest.raises(Refused, match="no branches or items"):
        force_join(run_id=run.pk, no=1, by=omar)


def test_a_loop_goes_round_with_a_variable_handed_on(hand: Hand):
    count = {"kind": "set", "assign": {"n": "${ vars.n + 1 }"}}
    run = a_run(
        flow(
            begin={"kind": "set", "assign": {"n": 0}, "next": "again"},
            again={
                "kind": "loop",
                "while": "vars.n < 3",
                "start": "count",
                "steps": {"count": count},
                "next": "tell",
            },
            tell={"kind": "succeed", "output": "${ vars.n }"},
        )
    )
    hand.claim()
    run.refresh_from_db()
    assert (run.status, run.output) == (RunStatus.SUCCEEDED, {"is": 3})


def test_a_branch_begins_after_those_that_it_needs_and_reads_their_steps(hand: Hand):
    both = {
        "kind": "parallel",
        "branches": {
            "left": {"start": "a", "steps": {"a": echo("from a")}},
            "right": {"start": "b", "needs": ["left"], "steps": {"b": echo("${ steps.a.output }")}},
            "never": {"start": "c", "when": "false", "steps": {"c": echo()}},
        },
    }
    run = a_run(flow(both=both))
    assert [held.key for held in hand.claim()] == ["a"]
    following = hand.succeed("a", "from a")
    assert following is not None
    assert (following.key, following.inputs) == ("b", {"value": "from a"})
    hand.succeed("b", "from b")
    run.refresh_from_db()
    assert shown_output(run, run.output) == {"left": "from a", "right": "from b"}
    assert load_state(run.state).scopes == {}


def test_a_map_that_waits_for_its_lock_is_not_under_way(hand: Hand, omar: User):
    document = flow(all=each(lock="one at a time", open_ended=True))
    _, waiting = a_run(document, {"list": [1]}), a_run(document, {"list": [2]})
    while Work.objects.filter(worker=None).exists():
        hand.claim()
    assert waiting.step_runs.get().reason == "awaiting_lock"
    for act in (add_items, close_items, force_join):
        sent = {"items": [3]} if act is add_items else {}
        with pytest.raises(Refused, match="not under way"):
            act(run_id=waiting.pk, no=1, by=omar, **sent)
