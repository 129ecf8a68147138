"""/dead-letters/<id>/: what was done by hand is told in the form that its contract makes."""

import pytest
from django.test import Client

from runs.models import DeadLetter, Run
from tests.actions.flows import echo, flow, undoable
from tests.factories import Hand, a_run

pytestmark = pytest.mark.django_db

PARKS = flow(
    one=undoable("one", on_exhausted="dead_letter", next="two"), two=echo("${ steps.one.output.note }")
)


@pytest.fixture
def parked(hand: Hand) -> DeadLetter:
    """A step that gave up while going forward; the step after it reads its output."""
    a_run(PARKS)
    hand.claim()
    hand.fail("one", retryable=False)
    return DeadLetter.objects.get()


def post(client: Client, letter: DeadLetter, **fields: str):
    return client.post(f"/dead-letters/{letter.pk}/", {"reason": "I did it myself", **fields}, follow=True)


def test_the_form_has_a_field_for_each_part_of_the_output(operator: Client, parked: DeadLetter):
    page = operator.get(f"/dead-letters/{parked.pk}/?how=done").content.decode()
    assert 'name="output.key"' in page
    assert 'name="output.note"' in page
    assert "It keeps the contract of acme.record@1.0.0." in page


def test_later_steps_read_what_was_told(operator: Client, parked: DeadLetter, hand: Hand):
    answer = post(operator, parked, how="done", **{"output.key": "k", "output.note": "by hand"})
    assert "One was marked as done." in answer.content.decode()
    assert Run.objects.get().step_runs.get(key="one").output == {"is": {"key": "k", "note": "by hand"}}
    (following,) = hand.claim()
    assert following.inputs == {"value": "by hand"}


def test_what_was_done_by_hand_is_undone_like_the_rest(operator: Client, parked: DeadLetter, hand: Hand):
    post(operator, parked, how="done", **{"output.key": "k", "output.note": "by hand"})
    hand.claim()
    hand.fail("two", retryable=False)
    assert [held.key for held in hand.held] == ["one"]
    assert hand.hold("one").inputs == {"note": "by hand"}


def test_an_output_that_breaks_the_contract_is_refused_and_kept(operator: Client, parked: DeadLetter):
    answer = post(operator, parked, how="done", **{"output.note": "kept as typed"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "This field is required." in page
    assert "kept as typed" in page
    parked.refresh_from_db()
    assert parked.status == "open"


@pytest.mark.parametrize("how", ["retry", "skip"])
def test_without_doing_it_by_hand_no_output_is_asked_for(operator: Client, parked: DeadLetter, how: str):
    post(operator, parked, how=how, **{"output.note": "left over"})
    parked.refresh_from_db()
    assert (parked.status, parked.resolution) == ("resolved", how)


def test_an_undo_has_no_output_to_tell(operator: Client, letter: DeadLetter):
    page = operator.get(f"/dead-letters/{letter.pk}/?how=done").content.decode()
    assert "What came of it" not in page
