"""The forms of waits and emits: what is written is in the draft, and what is there is shown."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from designer.drafts import problems_of
from designer.graph import Arrival, Awaited, Emit, Reviewers, Wait
from designer.models import Draft
from tests.designer.drafts import graph_now, save

pytestmark = pytest.mark.django_db

PAID = {"name": "order.paid", "key": "${ input.order_id }"}
WAIT = {"kind": "wait", "title": "Wait for it", "for": "30m", "next": "done"}
FIRST = {
    "kind": "wait",
    "title": "Paid or not",
    "first": {
        "paid": {"signal": PAID, "next": "done"},
        "late": {"for": "2h", "next": "refused", "title": "Nobody paid"},
        "waived": {"person": {"groups": ["sales"]}, "title": "Waive it", "next": "done"},
    },
}
EMIT = {"kind": "emit", "title": "Tell", "signal": "order.paid", "key": "${ input.order_id }", "next": "done"}


@pytest.fixture
def draft(made: Callable[..., Draft]) -> Draft:
    return made(
        charge={"kind": "set", "assign": {"x": 1}, "next": "pause"},
        large={**WAIT, "next": "first"},
        pause={**WAIT, "next": "first"},
        first=FIRST,
        tell=EMIT,
        done={"kind": "succeed", "title": "Charged"},
    )


WRITTEN: list[Any] = [
    ("pause", "wait", {"duration": "1h"}, lambda s: s.duration, "1h"),
    ("pause", "wait", {"duration": "", "until": "${ input.order_id }"}, lambda s: (s.duration, s.until),
     ("", "${ input.order_id }")),
    ("pause", "wait", {"duration": "", "signal_name": "order.paid", "signal_key": "input.order_id"},
     lambda s: (s.duration, s.signal), ("", Awaited(name="order.paid", key="${ input.order_id }"))),
    ("pause", "wait", {"duration": "", "first-0-title": "A while", "first-0-duration": "5m", "first-0-next": "done"},
     lambda s: s.first, (Arrival(name="a_while", title="A while", duration="5m", next="done"),)),
    ("first", "wait", {"first-3-title": "Called off", "first-3-signal_name": "order.cancelled",
                       "first-3-signal_key": "input.order_id", "first-3-next": "refused"},
     lambda s: s.first[3], Arrival(name="called_off", title="Called off", next="refused",
                                   signal=Awaited(name="order.cancelled", key="${ input.order_id }"))),
    ("first", "wait", {"first-2-groups": "sales, risk", "first-2-approvals": "2"}, lambda s: s.first[2].person,
     Reviewers(groups=("sales", "risk"), approvals=2)),
    ("first", "wait", {"first-1-duration": "", "first-1-until": "2026-12-01T12:00:00Z"},
     lambda s: (s.first[1].duration, s.first[1].until), ("", "2026-12-01T12:00:00Z")),
    ("pause", "wait", {"duration": "", "until": "2026-12-01 12:00"}, lambda s: s.until, "2026-12-01T12:00:00+00:00"),
    ("tell", "signal", {"signal": "order.billed"}, lambda s: s.signal, "order.billed"),
    ("tell", "signal", {"correlation": '"ORD-1"'}, lambda s: s.correlation, "ORD-1"),
    ("tell", "signal", {"keep": "2h"}, lambda s: s.keep, timedelta(hours=2)),
    ("tell", "signal", {"keep": ""}, lambda s: s.keep, timedelta(days=1)),
    ("tell", "signal", {"data-0-name": "total", "data-0-value": "input.amount"}, lambda s: s.data,
     {"total": "${ input.amount }"}),
    ("tell", "signal", {"whole": "input.amount"}, lambda s: s.data, "${ input.amount }"),
]  # fmt: skip


@pytest.mark.parametrize(("step", "section", "written", "read", "expected"), WRITTEN)
def test_what_is_written_is_in_the_draft(
    step: str, section: str, written: dict[str, str], read: Any, expected: Any, designer: Client, draft: Draft
):
    assert save(designer, draft, step, section, **written).status_code == 200
    assert read(graph_now(draft).steps[step]) == expected


@pytest.mark.parametrize(("step", "section"), [("pause", "wait"), ("first", "wait"), ("tell", "signal")])
def test_what_is_sent_as_it_was_changes_nothing(step: str, section: str, designer: Client, draft: Draft):
    before = graph_now(draft)
    assert save(designer, draft, step, section).status_code == 200
    assert graph_now(draft) == before


@pytest.mark.parametrize(
    ("step", "section", "written", "sentence"),
    [
        ("pause", "wait", {"duration": "soon"}, "is not a duration"),
        ("first", "wait", {"first-1-name": "paid"}, "two arrivals “paid”"),
        ("first", "wait", {"first-1-name": "Not A Key"}, "cannot be a key"),
        ("first", "wait", {"first-2-approvals": "0"}, "greater than or equal to 1"),
        ("tell", "signal", {"keep": "long"}, "is not a duration"),
        ("tell", "signal", {"signal": "x" * 101}, "at most 100 characters"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(
    step: str, section: str, written: dict[str, str], sentence: str, designer: Client, draft: Draft
):
    before = graph_now(draft)
    answer = save(designer, draft, step, section, **written)
    assert (answer.status_code, sentence in answer.text) == (422, True)
    assert graph_now(draft) == before


def test_an_arrival_is_removed(designer: Client, draft: Draft):
    save(designer, draft, "first", "wait", do="remove:first:1")
    step = graph_now(draft).steps["first"]
    assert isinstance(step, Wait)
    assert [one.name for one in step.first] == ["paid", "waived"]


def test_a_wait_for_several_shows_no_place_for_the_one(designer: Client, draft: Draft):
    page = designer.get("/workflows/small/edit/?step=first&section=wait").text
    assert "Nobody paid" in page
    assert "<div hidden>" in page


@pytest.mark.parametrize("kind", ["wait", "emit"])
def test_it_can_be_added(kind: str, designer: Client, draft: Draft):
    revision = str(Draft.objects.get(pk=draft.pk).revision)
    sent = {"revision": revision, "kind": kind, "title": "Another", "where": "after:pause"}
    assert designer.post("/workflows/small/edit/add/", sent).status_code == 302
    step = graph_now(draft).steps["another"]
    assert isinstance(step, Wait | Emit)
    codes = {
        problem.code for problem in problems_of(Draft.objects.get(pk=draft.pk)) if problem.step == "another"
    }
    assert codes & {"wait_unclear", "signal_without_name"}
