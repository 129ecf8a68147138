"""Accepting a run: once, whole, or not at all."""

from threading import Barrier, Thread

import pytest
from django.db import connection

from runs.actions import start_run
from runs.engine import RunStatus
from runs.models import Run, Work
from runs.refusals import InputRefused
from tests.actions.flows import echo, flow
from tests.factories import Hand, a_run, a_user, a_version

pytestmark = pytest.mark.django_db

ORDER = {
    **flow(one=echo("${ input.n }")),
    "business_key": "order ${ input.n }",
    "input": {
        "type": "object",
        "required": ["n"],
        "properties": {
            "n": {"type": "integer", "minimum": 1},
            "lines": {"type": "array", "items": {"type": "string"}},
        },
    },
}


def test_an_accepted_run_waits_for_a_worker_and_knows_who_asked():
    ada = a_user()
    run = start_run(version=a_version(ORDER), inputs={"n": 3}, by=ada)
    run.refresh_from_db()
    assert (run.status, run.seq, run.key, run.started_by) == (RunStatus.READY, 0, "order 3", ada)
    assert run.work.get().kind == "start"


def test_the_same_key_gives_the_same_run_even_with_another_input():
    version = a_version(ORDER)
    first = start_run(version=version, inputs={"n": 3}, idempotency_key="k")
    again = start_run(version=version, inputs={"n": 4}, idempotency_key="k")
    assert (again.pk, again.key) == (first.pk, "order 3")
    assert Work.objects.count() == 1


def test_the_key_holds_across_versions_of_a_workflow_and_not_beyond_it():
    one, two = a_version(ORDER), a_version({**ORDER, "title": "Flow, again"})
    other = a_version({**ORDER, "key": "other"})
    assert start_run(version=one, inputs={"n": 3}, idempotency_key="k") == start_run(
        version=two, inputs={"n": 3}, idempotency_key="k"
    )
    assert start_run(version=other, inputs={"n": 3}, idempotency_key="k").workflow.key == "other"


def test_runs_without_a_key_are_all_different():
    version = a_version(ORDER)
    assert len({start_run(version=version, inputs={"n": 3}).pk for _ in range(3)}) == 3


@pytest.mark.parametrize(
    ("inputs", "path"),
    [({}, "n"), ({"n": 0}, "n"), ({"n": 1, "lines": ["a", 2]}, "lines[1]"), ([], ""), (None, "")],
)
def test_an_input_that_does_not_fit_is_refused_with_its_place(inputs, path):
    with pytest.raises(InputRefused) as refusal:
        start_run(version=a_version(ORDER), inputs=inputs)
    assert path in [place for place, _ in refusal.value.problems]
    assert not Run.objects.exists()


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("a\0b", "NUL"),
        ({"deep": ["x", "\0"]}, "NUL"),
        ({"na\0me": 1}, "NUL"),
        ("\ud800", "half a character"),
        (float("inf"), "number"),
        (float("nan"), "number"),
        (object(), "JSON"),
    ],
)
def test_what_no_database_can_hold_is_refused_with_a_sentence(value, said):
    with pytest.raises(InputRefused, match=said):
        start_run(version=a_version(flow(one=echo())), inputs={"value": value})
    assert not Run.objects.exists()


def test_an_input_over_the_limit_is_refused(settings):
    settings.CHOREO_INLINE_LIMIT, settings.CHOREO_VALUE_LIMIT = 1_000, 5_000
    with pytest.raises(InputRefused, match="limit is 5,000"):
        start_run(version=a_version(flow(one=echo())), inputs={"value": "x" * 5_000})
    assert not Run.objects.exists()


def test_a_business_key_that_cannot_be_told_is_refused():
    with pytest.raises(InputRefused, match="business key"):
        start_run(version=a_version({**flow(one=echo()), "business_key": "${ input.order.id }"}), inputs={})


def test_a_business_key_is_cut_where_its_column_ends():
    assert len(a_run({**flow(one=echo()), "business_key": "${ input.k }"}, {"k": "ä" * 500}).key) == 200


def test_a_worker_takes_it_up():
    run, hand = a_run(ORDER, {"n": 3}), Hand()
    assert [(held.key, held.inputs) for held in hand.claim()] == [("one", {"value": 3})]
    run.refresh_from_db()
    assert run.status == RunStatus.RUNNING
    assert run.started_at is not None


@pytest.mark.django_db(transaction=True)
def test_the_same_request_sent_many_times_at_once_is_one_run():
    version, together, seen = a_version(ORDER), Barrier(8), []

    def send() -> None:
        together.wait()
        try:
            seen.append(start_run(version=version, inputs={"n": 3}, idempotency_key="k").pk)
        finally:
            connection.close()

    threads = [Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [Run.objects.get().pk] * 8
    assert Work.objects.count() == 1
