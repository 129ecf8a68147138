"""What an answer leads to, in words."""

from dataclasses import replace

import pytest

from designer.graph import (
    Catch,
    Fail,
    Graph,
    OnFailure,
    Outcome,
    Reviewers,
    SetVariables,
    Succeed,
    Wait,
    approvals_needed,
    outlook,
    usual_way,
)

from .examples import action, charge, choose, graph, review, split

DONE = Succeed(key="done")
NO = Fail(key="no", error="Rejected")


def shop(*more: object, **fields: object) -> Graph:
    return graph(review(), charge(title="Charge card", next="done"), *more, NO, DONE, **fields)  # type: ignore[arg-type]


def said(of: Graph, target: str, undoable: tuple[str, ...] = (), done: tuple[str, ...] = ()) -> str:
    return outlook(of, "", target, undoable, done).sentence


def follows(of: Graph, target: str, undoable: tuple[str, ...] = ()) -> list[str]:
    return [one.text for one in outlook(of, "", target, undoable).follows]


def test_it_goes_on_with_the_next_step() -> None:
    assert said(shop(), "charge") == "Goes on with Charge card"
    assert follows(shop(), "charge") == ["Charge card", "Done"]


def test_it_goes_back_to_a_step_that_was_there_before() -> None:
    assert said(shop(), "charge", done=("charge",)) == "Goes back to Charge card"


def test_an_error_undoes_what_is_done_the_newest_first() -> None:
    flow = shop(action("look", title="Look it up"))
    assert said(flow, "no", ("charge", "look")) == "Undoes Charge card and Look it up, then ends as Rejected"
    assert follows(flow, "no", ("charge", "look")) == [
        "Charge card is undone",
        "Look it up is undone",
        "The run ends as Rejected",
    ]


@pytest.mark.parametrize(
    "flow",
    [shop(), replace(shop(), on_failure=OnFailure.KEEP)],
    ids=["nothing was done", "the workflow undoes nothing"],
)
def test_an_error_that_undoes_nothing_says_so(flow: Graph) -> None:
    undoable = ("charge",) if flow.on_failure is OnFailure.KEEP else ()
    assert said(flow, "no", undoable) == "Ends as Rejected, nothing is undone"


def test_an_end_that_asks_for_no_undo_says_so() -> None:
    flow = graph(review(), Fail(key="no", error="Rejected", compensate=False))
    assert said(flow, "no", ("charge",)) == "Ends as Rejected, nothing is undone"


def test_an_error_that_is_caught_goes_on() -> None:
    caught = replace(NO, catch=(Catch(on=("Rejected",), next="done"),))
    assert said(graph(review(), caught, DONE), "no", ("charge",)) == "Ends the run as succeeded"


def test_branches_are_named_side_by_side() -> None:
    flow = graph(review(), *split(action("left", title="Book courier")), DONE)
    assert said(flow, "split") == "Goes on with Book courier and Split right side by side"
    assert follows(flow, "split") == ["Book courier and Split right in parallel"]


def test_a_branch_ends_and_what_follows_is_named() -> None:
    flow = graph(*split(review(), next="done"), DONE)
    assert outlook(flow, "split/left", "", ()).sentence == "Ends this branch; Done follows"
    inner = replace(NO, scope="split/left")
    flow = graph(*split(review(), inner), DONE)
    assert outlook(flow, "split/left", "no", ()).sentence == "Ends this branch as Rejected"


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        ("", "Ends the run as succeeded"),
        ("done", "Ends the run as succeeded"),
        ("gone", "Ends the run as succeeded"),
        ("pick", "Goes on by “Is it dear?”"),
        ("nap", "Goes on with Nap"),
        ("note", "Goes on with Nap"),
        ("ask", "Goes on with Ask"),
    ],
)
def test_every_kind_has_its_words(target: str, sentence: str) -> None:
    flow = shop(
        replace(choose("pick", "charge"), title="Is it dear?"),
        Wait(key="nap", duration="1s", next="done"),
        SetVariables(key="note", next="nap"),
    )
    assert said(flow, target) == sentence
    assert follows(flow, target)


def test_the_usual_way_passes_a_circle_once() -> None:
    flow = graph(action("a", next="b"), choose("b", "done", otherwise="a"), DONE)
    assert usual_way(flow, "a", 9) == ("a", "b")
    assert usual_way(flow, "a", 1) == ("a",)


@pytest.mark.parametrize(
    ("outcome", "needed"),
    [
        (Outcome("approve", "charge"), 3),
        (Outcome("again", "ask"), 3),
        (Outcome("end"), 3),
        (Outcome("reject", "no"), 1),
        (Outcome("reject", "no", approvals=2), 2),
        (Outcome("again", "ask", approvals=1), 1),
    ],
)
def test_who_stops_a_run_needs_no_second_opinion(outcome: Outcome, needed: int) -> None:
    flow = shop()
    asked = replace(review(), reviewers=Reviewers(approvals=3))
    assert approvals_needed(flow, asked, outcome) == needed
