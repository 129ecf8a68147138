"""/runs/<id>/cancel/."""

import pytest
from django.test import Client

from runs.models import Run
from tests.factories import Hand

pytestmark = pytest.mark.django_db


def test_it_asks_first(operator: Client, run: Run):
    page = operator.get(f"/runs/{run.pk}/cancel/").content.decode()
    assert "Undo the steps that have finished" in page
    assert "checked" in page
    assert Run.objects.get().status == "running"


def test_it_cancels_and_goes_back_to_the_run(operator: Client, run: Run):
    answer = operator.post(f"/runs/{run.pk}/cancel/", {"reason": "twice ordered", "undo": "on"}, follow=True)
    assert answer.redirect_chain == [(f"/runs/{run.pk}/", 302)]
    assert "ORD-7 is being cancelled." in answer.content.decode()
    told = run.journal.get(kind="CancelRequested").data
    assert told == {"by": "otto", "reason": "twice ordered", "undo": True}


def test_without_the_tick_nothing_is_undone(operator: Client, run: Run):
    operator.post(f"/runs/{run.pk}/cancel/", {"reason": ""})
    assert run.journal.get(kind="CancelRequested").data["undo"] is False


@pytest.mark.parametrize(("reason", "said"), [("x" * 501, "at most 500"), ("a\0b", "Null characters")])
def test_a_reason_that_cannot_be_kept_is_refused_and_kept_on_the_page(operator, run, reason: str, said: str):
    answer = operator.post(f"/runs/{run.pk}/cancel/", {"reason": reason})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert reason in answer.content.decode()
    assert not run.journal.filter(kind="CancelRequested").exists()


def test_a_run_that_is_over_is_refused_with_what_was_typed(operator: Client, run: Run, hand: Hand):
    hand.fail("one", retryable=False)
    assert (
        'aria-disabled="true" title="The run is over."'
        in operator.get(f"/runs/{run.pk}/cancel/").content.decode()
    )
    answer = operator.post(f"/runs/{run.pk}/cancel/", {"reason": "too late"})
    assert answer.status_code == 409
    assert "The run is over." in answer.content.decode()
    assert "too late" in answer.content.decode()
