"""What changed between two graphs, said for people."""

from dataclasses import replace
from datetime import timedelta

import pytest

from designer.graph import (
    Action,
    AddStep,
    Branch,
    Change,
    Compensate,
    Fail,
    Graph,
    MovePart,
    MoveStep,
    Operation,
    Parallel,
    RemoveStep,
    ReplaceStep,
    Retry,
    SetHeader,
    apply,
    describe_changes,
)

from .order import ORDER


@pytest.fixture
def order() -> Graph:
    return ORDER


def done(graph: Graph, operation: Operation) -> Graph:
    return apply(graph, operation).graph


def test_changes_are_said_for_people(order: Graph) -> None:
    charge = order.step("charge")
    assert isinstance(charge, Action)
    after = done(order, RemoveStep("review"))
    after = done(after, AddStep("succeed", "end", "The end", after="charge"))
    after = done(after, SetHeader({"owner": "shop"}))
    after = done(
        after,
        ReplaceStep(
            replace(
                charge,
                next="end",
                timeout=timedelta(seconds=30),
                does="payments.charge@^2",
                inputs={},
                catch=(),
            )
        ),
    )
    after = done(after, MoveStep("no", -1))
    changes = describe_changes(order, after)
    assert [(change.sign, change.step, change.text) for change in changes] == [
        ("~", "", "owner shop"),
        ("~", "is_risky", "option 1 next step Review to Charge card"),
        ("~", "charge", "input amount ${ steps.prepare.output.price.total } removed"),
        ("~", "charge", "catch 1 on Declined removed"),
        ("~", "charge", "catch 1 next step No removed"),
        ("~", "charge", "step type payments.charge@^2"),
        ("~", "charge", "timeout 30s"),
        ("~", "charge", "next step The end"),
        ("+", "end", "The end step"),
        ("-", "review", "Review step"),
    ]  # fmt: skip


def test_tries_left_out_are_said_as_they_are(order: Graph) -> None:
    before = Action(key="a")
    after = replace(before, retry=Retry(attempts=4, on=("Busy", "Slow"), jitter=False))
    texts = [
        change.text
        for change in describe_changes(
            Graph(key="g", steps={"a": before}), Graph(key="g", steps={"a": after})
        )
    ]
    assert texts == ["attempts 1 to 4", "jitter yes to no", "on none to Busy, Slow"]


def test_marking_up_finds_the_old_and_the_new(order: Graph) -> None:
    charge = order.step("charge")
    assert isinstance(charge, Action)
    after = done(order, ReplaceStep(replace(charge, retry=Retry(attempts=5))))
    assert describe_changes(order, after) == (
        Change("~", "charge", "attempts 3 to 5", "Charge card", "attempts", "3", "5"),
    )


def test_an_undo_that_came_or_went_is_one_change() -> None:
    undone = Action(key="a", compensate=Compensate(does="a.undo@^1", inputs={"x": 1}))
    with_it, without = (Graph(key="g", steps={"a": step}) for step in (undone, Action(key="a")))
    assert [change.text for change in describe_changes(without, with_it)] == ["undo a.undo@^1"]
    assert [change.text for change in describe_changes(with_it, without)] == ["undo a.undo@^1 removed"]


def test_a_step_of_another_kind_or_place_says_so() -> None:
    before = Graph(key="g", steps={"p": Parallel(key="p", branches=(Branch("b"),)), "a": Action(key="a")})
    other = replace(before, steps={**before.steps, "a": Fail(key="a")})
    moved = replace(before, steps={**before.steps, "a": Action(key="a", scope="p/b")})
    assert [change.text for change in describe_changes(before, other)] == ["kind action to fail"]
    assert [change.text for change in describe_changes(before, moved)] == ["branch top to p/b"]


def test_a_change_of_order_is_a_change(order: Graph) -> None:
    moved = describe_changes(order, done(order, MovePart("review", "outcomes.reject", -1)))
    assert [change.text for change in moved] == ["its parts in another order"]
    assert [change.text for change in describe_changes(order, done(order, MoveStep("no", -1)))] == [
        "moved in the outline"
    ]
