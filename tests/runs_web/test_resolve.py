"""/dead-letters/<id>/: what gave up."""

import pytest
from django.test import Client

from runs.actions import resolve_dead_letter
from runs.engine import Resolution
from runs.models import DeadLetter
from tests.people import person

pytestmark = pytest.mark.django_db


def test_it_says_what_gave_up_and_what_one_can_do(operator: Client, letter: DeadLetter):
    page = operator.get(f"/dead-letters/{letter.pk}/?how=done").content.decode()
    assert "The undo of Two gave up" in page
    assert "Broken: it broke" in page
    assert 'value="done"' in page


def test_each_way_says_what_it_leads_to(operator: Client, letter: DeadLetter):
    page = operator.get(f"/dead-letters/{letter.pk}/").content.decode()
    assert "Its tries begin anew." in page
    assert "What the step did stands." in page
    assert "You have undone it yourself" in page
    assert f'href="/runs/{letter.run_id}/?step={letter.key}"' in page


def test_the_journal_says_why_it_was_skipped(operator: Client, letter: DeadLetter):
    resolve_dead_letter(
        letter_id=letter.pk, how=Resolution.SKIP, by=person("admin"), reason="No money moved."
    )
    page = operator.get(f"/runs/{letter.run_id}/").content.decode()
    assert "was skipped by ada: No money moved." in page


@pytest.mark.parametrize("how", ["nonsense", "%00", "<script>", ""])
def test_a_way_that_is_none_is_not_chosen(operator: Client, letter: DeadLetter, how: str):
    answer = operator.get(f"/dead-letters/{letter.pk}/?how={how}")
    assert answer.status_code == 200
    assert "checked" not in answer.content.decode()


@pytest.mark.parametrize(
    ("how", "said"),
    [("retry", "Two is tried again."), ("skip", "Two was skipped."), ("done", "Two was marked as done.")],
)
def test_it_is_resolved_and_the_run_says_so(operator: Client, letter: DeadLetter, how: str, said: str):
    answer = operator.post(
        f"/dead-letters/{letter.pk}/", {"how": how, "reason": "looked into it"}, follow=True
    )
    assert answer.redirect_chain == [(f"/runs/{letter.run_id}/", 302)]
    assert said in answer.content.decode()
    letter.refresh_from_db()
    assert (letter.status, letter.resolution, letter.reason) == ("resolved", how, "looked into it")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "This field is required."),
        ({"how": "retry"}, "This field is required."),
        ({"how": "nonsense", "reason": "kept as typed"}, "Select a valid choice"),
        ({"reason": "kept as typed"}, "This field is required."),
        ({"how": "retry", "reason": "y" * 2_001}, "at most 2000"),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_is_kept(
    operator, letter, fields: dict[str, str], said: str
):
    answer = operator.post(f"/dead-letters/{letter.pk}/", fields)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert fields.get("reason", "") in answer.content.decode()


def test_a_closed_one_is_refused_with_what_was_typed(operator: Client, letter: DeadLetter):
    resolve_dead_letter(letter_id=letter.pk, how=Resolution.SKIP, by=person("admin"))
    page = operator.get(f"/dead-letters/{letter.pk}/").content.decode()
    assert 'aria-disabled="true" title="The dead letter is closed."' in page
    answer = operator.post(f"/dead-letters/{letter.pk}/", {"how": "retry", "reason": "again"})
    assert answer.status_code == 409
    assert "The dead letter is closed." in answer.content.decode()
    assert "again" in answer.content.decode()
