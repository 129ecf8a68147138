"""Parallels, maps and loops by form: branches that wait, joins, items, rounds, and what a step cancels."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from designer.graph import Branch, Join, Loop, Map, OnBranchFailure, Parallel, Rest, lay_out
from designer.graph import Direction as Towards
from designer.models import Draft
from designer.queries import Marks, canvas
from tests.designer.drafts import graph_now, revision_now, save

pytestmark = pytest.mark.django_db
EDIT = "/workflows/small/edit/"


def set_(*keys: str) -> dict[str, Any]:
    return {key: {"kind": "set", "assign": {"x": 1}} for key in keys}


@pytest.fixture
def opened(made: Callable[..., Draft]) -> Draft:
    """A draft with one of each."""
    left = {"start": "a", "steps": set_("a")}
    right = {"start": "b", "steps": set_("b")}
    return made(
        both={"kind": "parallel", "branches": {"left": left, "right": right}},
        each={"kind": "map", "items": "${ [1, 2] }", "start": "c", "steps": set_("c")},
        again={"kind": "loop", "times": 3, "start": "d", "steps": set_("d")},
        empty={"kind": "map"},
    )


# --- joins ----------------------------------------------------------------------------------------------------


def test_a_join_is_written_as_a_sentence(designer: Client, opened: Draft):
    written = {"wait_for": "60 %", "tolerate": "0", "on_failure": "continue", "rest": "absorb"}
    assert save(designer, opened, "both", "branches", **written).status_code == 200
    step = graph_now(opened).steps["both"]
    assert isinstance(step, Parallel)
    assert step.join == Join(wait_for="60%", on_failure=OnBranchFailure.CONTINUE, rest=Rest.ABSORB)
    save(designer, opened, "each", "items", wait_for="ANY", tolerate="20%")
    step = graph_now(opened).steps["each"]
    assert isinstance(step, Map)
    assert step.join == Join(wait_for="any", tolerate="20%")


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        ("wait_for", "most", "Write all, any, a number from 1 or a share such as 60%."),
        ("wait_for", "0", "Write all, any, a number from 1"),
        ("wait_for", "101%", "or a share such as 60%"),
        ("wait_for", "", "This field is required"),
        ("tolerate", "all", "Write a number from 0 or a share such as 60%."),
        ("tolerate", "-1", "Write a number from 0"),
        ("tolerate", "٣", "Write a number from 0"),
        ("rest", "burn", "Select a valid choice"),
    ],
)
def test_what_no_join_can_be_is_refused(
    field: str, text: str, sentence: str, designer: Client, opened: Draft
):
    answer = save(designer, opened, "both", "branches", **{field: text})
    assert answer.status_code == 422
    assert sentence in answer.content.decode()


# --- branches -------------------------------------------------------------------------------------------------


def branches(draft: Draft) -> tuple[Branch, ...]:
    step = graph_now(draft).steps["both"]
    assert isinstance(step, Parallel)
    return step.branches


def test_a_branch_waits_for_another_and_has_a_condition(designer: Client, opened: Draft):
    save(
        designer, opened, "both", "branches", **{"when-right": "input.amount > 5.0", "needs-right": ["left"]}
    )
    assert branches(opened)[1] == Branch("right", "b", when="${ input.amount > 5.0 }", needs=("left",))
    page = designer.get(f"{EDIT}?step=both&section=branches").content.decode()
    assert "after left · if amount &gt; 5.0" in page


def test_a_branch_cannot_wait_for_itself_or_for_nobody(designer: Client, opened: Draft):
    for need in ("right", "middle"):
        assert save(designer, opened, "both", "branches", **{"needs-right": [need]}).status_code == 422


def test_a_branch_moves(designer: Client, opened: Draft):
    address = f"{EDIT}steps/both/move-branch/right/"
    answer = designer.post(address, {"revision": str(revision_now(opened)), "to": "up"})
    assert answer["Location"] == f"{EDIT}?step=both&section=branches"
    assert [branch.name for branch in branches(opened)] == ["right", "left"]
    answer = designer.post(address, {"revision": str(revision_now(opened)), "to": "up"})
    assert (answer.status_code, "It cannot move there" in answer.content.decode()) == (422, True)


def test_a_step_cancels_steps_of_other_branches(designer: Client, opened: Draft):
    page = designer.get(f"{EDIT}?step=a&section=links").content.decode()
    assert "When it succeeds, cancel others" in page
    save(designer, opened, "a", "links", cancels=["b"])
    assert graph_now(opened).steps["a"].cancels == ("b",)
    assert save(designer, opened, "a", "links", cancels=["c"]).status_code == 422
    assert "cancel others" not in designer.get(f"{EDIT}?step=c&section=links").content.decode()


# --- items and rounds -----------------------------------------------------------------------------------------


def test_the_items_of_a_map(designer: Client, opened: Draft):
    written = {"items": '["a", "b"]', "max_concurrency": "7", "batch": "2", "open_ended": "on"}
    assert save(designer, opened, "each", "items", **written).status_code == 200
    step = graph_now(opened).steps["each"]
    assert isinstance(step, Map)
    assert (step.items, step.max_concurrency, step.batch, step.open_ended) == (["a", "b"], 7, 2, True)
    save(designer, opened, "each", "items", items="")
    step = graph_now(opened).steps["each"]
    assert isinstance(step, Map)
    assert step.items is None
    page = designer.get(f"{EDIT}?step=each&section=items").content.decode()
    assert "has no items. Say which list it walks" in page
    assert save(designer, opened, "each", "items", batch="10001").status_code == 422


def test_the_rounds_of_a_loop(designer: Client, opened: Draft):
    save(designer, opened, "again", "rounds", until="index > 5", times="", limit="9")
    step = graph_now(opened).steps["again"]
    assert isinstance(step, Loop)
    assert (step.until, step.times, step.limit, step.start) == ("${ index > 5 }", None, 9, "d")
    answer = save(designer, opened, "again", "rounds", limit="0", until="1 +")
    assert answer.status_code == 422


def test_until_is_offered_what_its_round_gave(designer: Client, opened: Draft):
    page = designer.get(f"{EDIT}?step=again&section=rounds").content.decode()
    before, _, after = page.partition('data-only="until"')
    assert 'data-path="index"' not in before and 'data-path="index"' in after
    assert "in “Until” alone" in after


def test_items_and_rounds_are_offered_inside(designer: Client, opened: Draft):
    page = designer.get(f"{EDIT}?step=c&section=variables").content.decode()
    assert 'data-path="item"' in page and "Which item or round it is, from 0" in page
    assert 'data-path="index"' in designer.get(f"{EDIT}?step=d&section=variables").content.decode()
    assert 'data-path="item"' not in designer.get(f"{EDIT}?step=d&section=variables").content.decode()


# --- on the canvas --------------------------------------------------------------------------------------------


def test_an_empty_body_takes_a_step(designer: Client, opened: Draft):
    graph = graph_now(opened)
    ways = canvas(graph, Marks(), lay_out(graph, Towards.DOWN)).ways
    (way,) = [one for one in ways if one.route.source == "empty" and one.route.exit == "start"]
    assert (way.between, way.said) == ("in=empty%2Fitem", "in Empty")
    page = designer.get(f"{EDIT}add/?{way.between}").content.decode()
    assert '<option value="in:empty/item" selected>In each item of Empty (empty/item)</option>' in page


def test_the_first_step_of_a_branch_that_waits_has_a_way_before_it(designer: Client, opened: Draft):
    save(designer, opened, "both", "branches", **{"needs-right": ["left"]})
    graph = graph_now(opened)
    said = {way.said for way in canvas(graph, Marks(), lay_out(graph, Towards.DOWN)).ways}
    assert {"between Both and A", "between Both and B", "between Each and C", "between Again and D"} <= said


def test_openers_are_made_by_form(designer: Client, opened: Draft):
    for kind, sections in (("map", "items"), ("loop", "rounds"), ("parallel", "branches")):
        sent = {"revision": str(revision_now(opened)), "kind": kind, "title": f"New {kind}", "where": "in:"}
        answer = designer.post(f"{EDIT}add/", sent)
        assert answer["Location"] == f"{EDIT}?step=new_{kind}"
        assert designer.get(f"{EDIT}?step=new_{kind}&section={sections}").status_code == 200
