"""What can be read in and after branches, items and rounds."""

from dataclasses import replace
from typing import Any

import pytest

from designer.graph import (
    Branch,
    Fail,
    Graph,
    Join,
    Map,
    OnBranchFailure,
    OnExhausted,
    Parallel,
    SetVariables,
    Succeed,
    check,
    offers,
)
from tests.graph.examples import OFFERED, SECRETS, action, again, choose, each, graph, split


def codes(of: Graph) -> list[str]:
    return [problem.code for problem in check(of, OFFERED, SECRETS)]


def reading(expression: str, **fields: Any) -> dict[str, Any]:
    return {"inputs": {"order_id": f"${{ {expression} }}"}, **fields}


def chained(expression: str, *, when: str = "", first: Any = None) -> Graph:
    """Three branches, one after the other; the last one reads."""
    opener = Parallel(
        key="p",
        branches=(
            Branch("one", "a"),
            Branch("two", "b", when=when, needs=("one",)),
            Branch("three", "c", needs=("two",)),
        ),
    )
    return graph(
        opener,
        replace(first or action("a"), scope="p/one"),
        action("b", scope="p/two"),
        action("c", scope="p/three", **reading(expression)),
    )


# --- branches that need others --------------------------------------------------------------------------------


@pytest.mark.parametrize("expression", ["steps.a.output.name", "steps.b.output.name"])
def test_a_branch_reads_what_those_it_needs_have_left(expression: str) -> None:
    assert codes(chained(expression)) == []


def test_a_branch_that_may_not_be_opened_leaves_nothing_for_sure() -> None:
    asked = "has(steps.b) ? steps.b.output.name : ''"
    assert codes(chained("steps.b.output.name", when="${ input.urgent }")) == ["value_not_always_there"]
    assert codes(chained(asked, when="${ input.urgent }")) == []
    assert codes(chained("steps.a.output.name", when="${ input.urgent }")) == ["value_not_always_there"]


def test_what_a_needed_branch_does_on_some_ways_only_is_not_there_for_sure() -> None:
    opener, *inner = split(choose("c", "a", otherwise="b"), action("a"), action("b"))
    assert isinstance(opener, Parallel)
    left, right = opener.branches
    opener = replace(opener, branches=(left, replace(right, needs=("left",))))
    reader = action("split_right", scope="split/right", **reading("steps.a.output.name"))
    assert codes(graph(opener, *inner[:-1], reader)) == ["value_not_always_there"]


def test_variables_stay_in_their_branch() -> None:
    sets = action("a", assign={"x": "${ output.name }"})
    assert codes(chained("vars.x", first=sets)) == ["unknown_variable"]


def test_branches_that_need_each_other_do_not_stop_the_checks() -> None:
    opener = Parallel(
        key="p", branches=(Branch("one", "a", needs=("two",)), Branch("two", "b", needs=("one",)))
    )
    inner = action("a", scope="p/one", **reading("steps.b.output.name")), action("b", scope="p/two")
    assert "needs_in_a_circle" in codes(graph(opener, *inner))


# --- items ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("item.sku", None),
        ("string(index)", None),
        ("item.nope", "unknown_path"),
        ("index", "type_mismatch"),
        ("string(size(steps.each.output))", "value_not_always_there"),
    ],
)
def test_the_body_of_a_map_reads_its_item(expression: str, code: str | None) -> None:
    assert codes(graph(*each(action("a", **reading(expression))))) == ([code] if code else [])


def test_several_items_at_once_are_a_list() -> None:
    assert codes(graph(*each(action("a", **reading("item[0].sku")), batch=10))) == []
    assert codes(graph(*each(action("a", **reading("item.sku")), batch=10))) == ["unknown_path"]


def test_a_body_does_not_see_the_item_of_a_map_that_is_not_around_it() -> None:
    beside = action("z", **reading("item.sku"))
    assert codes(graph(*each(action("a"), next="z"), beside)) == ["name_not_known_here"]


def test_the_nearest_item_is_meant() -> None:
    body = action("a", scope="inner/item", **reading("item"))
    inner = Map(key="inner", items=["x", "y"], start="a")
    assert codes(graph(*each(inner), body)) == []


def summed(expression: str, **fields: Any) -> list[str]:
    return codes(
        graph(*each(action("a"), next="done", **fields), Succeed(key="done", output=f"${{ {expression} }}"))
    )


def test_a_map_leaves_a_list_of_what_its_items_left() -> None:
    assert summed("steps.each.output[0].total") == []
    assert summed("steps.each.output[0].nope") == ["unknown_path"]
    assert summed("steps.each.output.total") == ["unknown_path"]


def test_the_errors_of_items_and_branches_can_be_read() -> None:
    tolerant = Join(on_failure=OnBranchFailure.CONTINUE)
    assert summed("steps.each.errors[0].index", join=tolerant) == []
    assert summed("steps.each.errors[0].nope", join=tolerant) == ["unknown_path"]
    read = Succeed(
        key="done", output="${ has(steps.split.errors.left) ? steps.split.errors.left.message : '' }"
    )
    assert codes(graph(*split(action("a"), join=tolerant, next="done"), read)) == []
    read = Succeed(key="done", output="${ steps.look.errors }")
    assert codes(graph(action("look", next="done"), read)) == ["unknown_path"]


def given_to_charge(of: tuple[Any, ...], source: str) -> list[str]:
    problems = check(
        graph(*of, action("c", "shop.charge@^2", inputs={"amount": source}, next=None)), OFFERED, SECRETS
    )
    return [problem.message for problem in problems if problem.code == "type_mismatch"]


def test_what_may_fail_may_be_null() -> None:
    certain = given_to_charge(each(action("a"), next="c"), "${ steps.each.output[0] }")
    tolerated = given_to_charge(
        each(action("a"), next="c", join=Join(tolerate=1)), "${ steps.each.output[0] }"
    )
    assert "is an object, but" in certain[0]
    assert "null" in tolerated[0]


# --- rounds ---------------------------------------------------------------------------------------------------


def test_until_is_seen_from_inside_the_round() -> None:
    assert (
        codes(graph(*again(action("a"), times=None, until="${ steps.a.output.total > 3 && index > 2 }")))
        == []
    )
    ways = choose("c", "a", otherwise="b"), action("a"), action("b")
    found = codes(graph(*again(*ways, times=None, until="${ steps.a.output.total > 3 }")))
    assert found == ["value_not_always_there"]


def test_while_is_seen_from_around_the_loop() -> None:
    body = action("a", assign={"x": "${ output.total }"})
    assert "unknown_step" in codes(graph(*again(body, times=None, goes_on="${ steps.a.output.total > 3 }")))
    assert "unknown_variable" in codes(graph(*again(body, times=None, goes_on="${ vars.x > 3 }")))
    before = SetVariables(key="s", assign={"x": 0}, next="again")
    assert codes(graph(before, *again(body, times=None, goes_on="${ vars.x < 3 }"))) == []


def test_a_round_does_not_see_the_round_before_it() -> None:
    body = action("a", next="b", **reading("steps.b.output.name")), action("b")
    assert codes(graph(*again(*body))) == ["value_not_always_there"]


def test_a_variable_that_rounds_hand_on_is_there_after_the_loop() -> None:
    done = Succeed(key="done", output="${ vars.x }")
    body = SetVariables(key="set", assign={"x": "${ index }"})
    assert "unknown_variable" in codes(graph(*again(body, next="done"), done))
    before = SetVariables(key="s", assign={"x": 0}, next="again")
    assert codes(graph(before, *again(body, next="done"), done)) == []


def test_the_last_round_leaves_what_the_loop_leaves() -> None:
    done = Succeed(key="done", output="${ steps.again.output.nope }")
    assert codes(graph(*again(action("a"), next="done"), done)) == ["unknown_path"]


def test_what_ends_with_an_error_in_every_round_leaves_nothing() -> None:
    assert codes(graph(*again(Fail(key="f")))) == []


# --- the picker -----------------------------------------------------------------------------------------------


def test_the_picker_offers_items_rounds_and_errors() -> None:
    opener, *inner = each(action("a", next="b"), action("b"), on_exhausted=OnExhausted.FAIL, next="z")
    of = graph(opener, *inner, action("z"))
    paths = {offer.path for offer in offers(of, of.steps["b"])}
    assert {"item", "item.sku", "index", "steps.a.output.total"} <= paths
    assert {"steps.each.output", "steps.each.errors"} <= {offer.path for offer in offers(of, of.steps["z"])}
