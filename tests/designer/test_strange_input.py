"""Whatever is sent to the editor, it answers with a sentence and never falls over."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from designer.drafts import problems_of
from designer.forms import sections_of
from designer.models import Draft
from tests.designer.drafts import address, filled, graph_now

pytestmark = pytest.mark.django_db

STRANGE = [
    "", " ", "0", "-1", "1e999", "NaN", "null", "true", "[]", "{}", '{"a": {"$ref": "#"}}', '{"type": 5}',
    "${", "${ }", "$${", "${ input }", "${ steps.nothing.output }", "input.", "${ input.amount", '"', "'",
    "9" * 400, "x" * 12_000, "\x00", "ü\u202e", "<script>", "a,b,,c", "*", "P1D", "500ms", "99999d",
    "remove:options:0", "0,1,2,3", "on", "[" * 400, '{"a":' * 60 + "1" + "}" * 60, "1" * 30, "[1e400]",
]  # fmt: skip


@pytest.fixture
def places(draft: Draft) -> list[tuple[str | None, str]]:
    steps = [None, *graph_now(draft).steps.values()]
    return [(step.key if step else None, section.key) for step in steps for section in sections_of(step)]


@contextmanager
def taken_back() -> Iterator[None]:
    """Every example begins with the same rows."""
    place = transaction.savepoint_create()
    try:
        yield
    finally:
        transaction.savepoint_rollback(place)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_a_section_takes_anything(data: st.DataObject, designer: Client, draft: Draft, places: list[Any]):
    step, section = data.draw(
        st.sampled_from([place for place in places if not place[0] or place[0] in graph_now(draft).steps])
    )
    sent = filled(draft, step, section)
    names = data.draw(st.lists(st.sampled_from([*sent, "do", "typing", "more-0-x"]), min_size=1, max_size=4))
    sent |= {name: data.draw(st.sampled_from(STRANGE) | st.text(max_size=30)) for name in names}
    with taken_back():
        answer = designer.post(address(draft, step, section), sent, headers={"HX-Request": "true"})
        assert answer.status_code in (200, 409, 422), (step, section, sent)
        problems_of(Draft.objects.get(pk=draft.pk))
        assert designer.get("/workflows/small/edit/").status_code == 200


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(sent=st.fixed_dictionaries({
    "kind": st.sampled_from(["action", "choice", "parallel", "review", "wait", "set", "succeed", "fail", "x", ""]),
    "does": st.sampled_from([*STRANGE, *(f"payments.charge{version}" for version in ("", "@", "@^2", "@^x"))]),
    "title": st.sampled_from(STRANGE), "key": st.sampled_from(["", "a", "in", *STRANGE]),
    "where": st.sampled_from(["in:", "after:charge", "after:done", "after:", "in:x", ":", ""]),
}))  # fmt: skip
def test_a_step_of_anything_can_be_asked_for(sent: dict[str, str], designer: Client, draft: Draft):
    with taken_back():
        answer = designer.post("/workflows/small/edit/add/", {**sent, "revision": str(draft.revision)})
        assert answer.status_code in (302, 422), sent
        assert designer.get("/workflows/small/edit/").status_code == 200
