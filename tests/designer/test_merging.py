"""Two people in one section: what each changed is put together, and only what both changed is asked."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from designer.models import Draft
from tests.designer.drafts import address, filled, graph_now, revision_now, save
from tests.people import person, signed_in

pytestmark = pytest.mark.django_db
AS_A_PART = {"HX-Request": "true"}


@pytest.fixture
def ada(draft: Draft) -> Client:
    return signed_in(person("admin"))


def send(client: Client, draft: Draft, step: str, section: str, data: dict[str, Any]) -> Any:
    return client.post(address(draft, step, section), data, headers=AS_A_PART)


def test_different_fields_are_both_saved(designer: Client, ada: Client, draft: Draft):
    mine = filled(draft, "charge", "input", timeout="20", **{"with-card": '"tok_1"'})
    save(ada, draft, "charge", "input", **{"with-amount": "5.5", "attempts": "4"})
    answer = send(designer, draft, "charge", "input", mine)
    assert answer.status_code == 200
    charge = graph_now(draft).steps["charge"]
    assert (charge.timeout, charge.inputs["card"], charge.inputs["amount"], charge.retry.attempts) == (
        timedelta(seconds=20), "tok_1", 5.5, 4,
    )  # fmt: skip
    assert answer["HX-Reswap"] == "outerHTML"  # what is theirs must be seen, whatever was typed


def test_the_same_change_is_no_question(designer: Client, ada: Client, draft: Draft):
    mine = filled(draft, "charge", "input", timeout="20")
    save(ada, draft, "charge", "input", timeout="20s")
    assert send(designer, draft, "charge", "input", mine).status_code == 200


def test_a_field_that_both_changed_is_asked_and_nothing_typed_is_lost(
    designer: Client, ada: Client, draft: Draft
):
    mine = filled(draft, "charge", "input", timeout="20", **{"with-card": '"tok_1"'})
    save(ada, draft, "charge", "input", timeout="30", **{"with-amount": "5.5"})
    answer = send(designer, draft, "charge", "input", mine)
    said = answer.content.decode()
    assert answer.status_code == 409
    assert said.count('<fieldset class="conflict">') == 1
    assert 'value="20"' in said
    assert "tok_1" in said
    assert 'value="5.5"' in said  # theirs, where I changed nothing
    assert graph_now(draft).steps["charge"].inputs["card"] == "${ input.card }"
    assert "change delay" not in said  # nothing is sent before the choice is made


@pytest.mark.parametrize(("choice", "seconds"), [("mine", 20), ("theirs", 30)])
def test_each_field_is_settled_for_itself(
    choice: str, seconds: int, designer: Client, ada: Client, draft: Draft
):
    mine = filled(draft, "charge", "input", timeout="20", **{"with-card": '"tok_1"'})
    save(ada, draft, "charge", "input", timeout="30", **{"with-card": '"tok_2"'})
    assert send(designer, draft, "charge", "input", mine).status_code == 409
    mine |= {"revision": str(revision_now(draft)), "settle-timeout": choice, "settle-with-card": "mine"}
    mine |= {name: filled(draft, "charge", "input")[name] for name in ("seen", "as_json")}
    assert send(designer, draft, "charge", "input", mine | {"settled": "yes"}).status_code == 200
    charge = graph_now(draft).steps["charge"]
    assert (charge.timeout, charge.inputs["card"]) == (timedelta(seconds=seconds), "tok_1")


def test_a_list_is_one_thing(designer: Client, ada: Client, draft: Draft):
    mine = filled(draft, "ask", "outcomes", **{"outcomes-0-title": "Yes"})
    save(ada, draft, "ask", "outcomes", do="remove:outcomes:1")
    answer = send(designer, draft, "ask", "outcomes", mine)
    assert answer.status_code == 409
    mine |= {"revision": str(revision_now(draft)), "settle-outcomes": "theirs"}
    mine["seen"] = filled(draft, "ask", "outcomes")["seen"]
    assert send(designer, draft, "ask", "outcomes", mine).status_code == 200
    assert [outcome.name for outcome in graph_now(draft).steps["ask"].outcomes] == ["approve"]


def test_a_row_is_removed_though_they_changed_something_else(designer: Client, ada: Client, draft: Draft):
    mine = filled(draft, "ask", "outcomes", do="remove:outcomes:0")
    save(ada, draft, "ask", "review", due="1h")
    assert send(designer, draft, "ask", "outcomes", mine).status_code == 200
    ask = graph_now(draft).steps["ask"]
    assert ([outcome.name for outcome in ask.outcomes], ask.due) == (["reject"], timedelta(hours=1))


def test_a_list_that_only_they_changed_is_theirs(designer: Client, ada: Client, draft: Draft):
    mine = filled(draft, "ask", "evidence", **{"show-0-label": "Sum"})
    save(ada, draft, "ask", "evidence", **{"edit-0-name": "amount", "edit-0-value": "input.amount"})
    assert send(designer, draft, "ask", "evidence", mine).status_code == 200
    ask = graph_now(draft).steps["ask"]
    assert (ask.show[0].label, ask.edit) == ("Sum", {"amount": "${ input.amount }"})


@pytest.mark.parametrize("seen", ["", "{", "[]", "5", '{"timeout": 5}', '{"timeout": [5, null]}', "\x00"])
def test_what_the_page_showed_may_be_anything(seen: str, designer: Client, ada: Client, draft: Draft):
    mine = filled(draft, "charge", "input", timeout="20", seen=seen)
    save(ada, draft, "charge", "input", timeout="30")
    assert send(designer, draft, "charge", "input", mine).status_code == 409
    again = send(designer, draft, "charge", "input", mine | {"settle-timeout": "theirs"})
    assert again.status_code in (409, 422)
