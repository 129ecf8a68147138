"""Editing what opens scopes: new ones have a body to fill, and names are followed wherever they are used."""

from dataclasses import replace

import pytest

from designer.graph import (
    AddStep,
    Branch,
    Connect,
    EditRefused,
    Graph,
    Loop,
    Map,
    MovePart,
    MoveStep,
    Parallel,
    RemoveBranch,
    RemoveStep,
    RenameBranch,
    RenameStep,
    Succeed,
    apply,
    describe_changes,
    steps_beside,
)
from tests.graph.examples import action, again, each, graph, split


def chain() -> Graph:
    """The right branch needs the left one, and its step cancels a step of that."""
    opener, left, right = split(action("a"), next="done")
    assert isinstance(opener, Parallel)
    branches = opener.branches[0], replace(opener.branches[1], needs=("left",))
    read = Succeed(key="done", output="${ steps.split.errors.left.message }")
    return graph(replace(opener, branches=branches), left, replace(right, cancels=("a",)), read)


def branches(of: Graph) -> tuple[Branch, ...]:
    opener = of.steps["split"]
    assert isinstance(opener, Parallel)
    return opener.branches


def test_a_new_parallel_has_two_branches_to_fill() -> None:
    after = apply(graph(), AddStep("parallel", "split")).graph
    assert [branch.name for branch in branches(after)] == ["first", "second"]
    filled = apply(after, AddStep("set", "a", scope="split/second")).graph
    assert [branch.start for branch in branches(filled)] == ["", "a"]


@pytest.mark.parametrize(("kind", "body"), [("map", "item"), ("loop", "round")])
def test_the_first_step_of_a_body_begins_it(kind: str, body: str) -> None:
    after = apply(graph(), AddStep(kind, "many")).graph
    filled = apply(after, AddStep("set", "a", scope=f"many/{body}")).graph
    opener = filled.steps["many"]
    assert isinstance(opener, Map | Loop)
    assert (opener.start, filled.steps["a"].scope) == ("a", f"many/{body}")


def test_a_step_comes_before_the_first_one_of_a_body() -> None:
    after = apply(graph(*each(action("a"))), AddStep("set", "b", after="each", exit="start")).graph
    opener = after.steps["each"]
    assert isinstance(opener, Map)
    assert (opener.start, after.steps["b"].next, after.steps["b"].scope) == ("b", "a", "each/item")


def test_another_name_of_a_branch_is_followed() -> None:
    after = apply(chain(), RenameBranch("split", "left", "west")).graph
    assert branches(after)[1].needs == ("west",)
    assert after.steps["done"] == Succeed(key="done", output="${ steps.split.errors.west.message }")


def test_another_key_of_a_step_is_followed() -> None:
    after = apply(chain(), RenameStep("a", "b")).graph
    assert after.steps["split_right"].cancels == ("b",)


def test_nothing_needs_or_cancels_what_is_gone() -> None:
    after = apply(chain(), RemoveBranch("split", "left")).graph
    assert branches(after)[0].needs == ()
    assert after.steps["split_right"].cancels == ()
    assert apply(chain(), RemoveStep("a")).graph.steps["split_right"].cancels == ()


def test_a_map_goes_with_its_body() -> None:
    of = graph(action("look", next="each"), *each(action("a"), next="done"), Succeed(key="done"))
    after = apply(of, RemoveStep("each")).graph
    assert list(after.steps) == ["look", "done"]
    assert after.steps["look"].next == "done"


def test_the_body_begins_elsewhere() -> None:
    of = graph(*again(action("a"), action("b")))
    after = apply(of, Connect("again", "start", "b"))
    opener = after.graph.steps["again"]
    assert isinstance(opener, Loop)
    assert opener.start == "b"


def test_a_branch_moves_among_its_like_and_a_body_stays() -> None:
    after = apply(chain(), MovePart("split", "branches.right", -1)).graph
    assert [branch.name for branch in branches(after)] == ["right", "left"]
    with pytest.raises(EditRefused, match="it is the first step in Each"):
        apply(graph(*each(action("a"))), MoveStep("a", -1))


def test_what_changed_is_said_in_words() -> None:
    before = graph(*each(action("a")))
    opener = before.steps["each"]
    assert isinstance(opener, Map)
    changed = replace(opener, max_concurrency=5, batch=10)
    after = replace(before, steps={**before.steps, "each": changed})
    assert [change.text for change in describe_changes(before, after)] == ["at once 5", "items at a time 10"]


def test_what_may_run_beside_a_step() -> None:
    of = graph(*split(action("a", next="b"), action("b")), action("z"))
    assert [step.key for step in steps_beside(of, of.steps["a"])] == ["split_right"]
    assert [step.key for step in steps_beside(of, of.steps["split_right"])] == ["a", "b"]
    assert steps_beside(of, of.steps["z"]) == ()
    assert steps_beside(of, action("lost", scope="gone/left")) == ()
