"""Runs over the interface: start, find, follow, cancel."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.utils import timezone

from designer.models import Version
from runs.models import Run
from tests.actions.flows import SAGA, echo, flow
from tests.api.asking import NOBODY, Program, program, refused
from tests.factories import Hand, a_run, a_user
from tests.people import person

pytestmark = pytest.mark.django_db
START = {"workflow": "order", "input": {"order_id": "ORD-1"}}


# --- start ---------------------------------------------------------------------------------------------------


def test_a_run_is_started(operator: Program, order: Version):
    answer = operator.post("/runs/", START)
    run = Run.objects.get()
    assert answer.status_code == 201
    assert answer["Location"] == f"http://testserver/api/v1/runs/{run.pk}/"
    assert "Idempotency-Replayed" not in answer
    told = answer.json()
    assert (told["id"], told["key"], told["workflow"], told["version"]) == (str(run.pk), "ORD-1", "order", 1)
    assert (told["status"], told["why"]) == ("ready", "Accepted, and waiting for a worker.")
    assert (told["input"], told["output"], told["started_by"]) == ({"order_id": "ORD-1"}, None, "otto")
    assert [(step["key"], step["status"]) for step in told["steps"]] == [("one", None), ("done", None)]


def test_the_same_key_is_the_same_run(operator: Program, order: Version):
    first = operator.post("/runs/", START, Idempotency_Key="k-1")
    again = operator.post("/runs/", START, Idempotency_Key="k-1")
    assert (first.status_code, again.status_code) == (201, 200)
    assert again["Idempotency-Replayed"] == "true"
    assert first.json()["id"] == again.json()["id"]
    assert Run.objects.count() == 1


@pytest.mark.parametrize(
    "input", [{"order_id": "ORD-2"}, {"order_id": "ORD-1", "lines": []}, {"order_id": "ORD-1", "lines": [1]}]
)
def test_the_same_key_with_another_body_is_refused(input, operator: Program, order: Version):
    operator.post("/runs/", START, Idempotency_Key="k-1")
    answer = operator.post("/runs/", {**START, "input": input}, Idempotency_Key="k-1")
    refused(answer, 422, "idempotency-key-reused", "another input")
    assert Run.objects.count() == 1


def test_the_same_key_with_another_version_is_refused(operator: Program, order: Version):
    operator.post("/runs/", START, Idempotency_Key="k-1")
    Version.objects.create(
        workflow=order.workflow, number=2, semantic="2.0.0", document=order.document, digest="", note="n"
    )
    assert operator.post("/runs/", {**START, "version": 1}, Idempotency_Key="k-1").status_code == 200
    refused(
        operator.post("/runs/", {**START, "version": 2}, Idempotency_Key="k-1"), 422, "idempotency-key-reused"
    )


def test_a_retry_finds_its_run_although_the_workflow_has_changed(operator: Program, order: Version):
    """Numbers are compared as databases have them, whatever their spelling."""
    body = {"workflow": "order", "input": {"order_id": "ORD-1", "weight": 1e20, "n": 2.0, "ok": True}}
    first = operator.post("/runs/", body, Idempotency_Key="k-1")
    newer = {**order.document, "input": {"type": "object", "required": ["nobody_sends_this"]}}
    order.workflow.published = Version.objects.create(
        workflow=order.workflow, number=2, semantic="2.0.0", document=newer, digest="", note="n"
    )
    order.workflow.save()
    again = operator.post("/runs/", body, Idempotency_Key="k-1")
    assert (again.status_code, again.json()["id"]) == (200, first.json()["id"])
    refused(operator.post("/runs/", body), 422, "input-refused")


@pytest.mark.parametrize("key", ["", " ", "ä", "x" * 201, "tab\there"])
def test_a_key_that_is_none_is_refused(key: str, operator: Program, order: Version):
    refused(operator.post("/runs/", START, Idempotency_Key=key), 400, "bad-request", "printable ASCII")
    assert not Run.objects.exists()


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({**START, "input": {}}, ["#/input/order_id"]),
        ({**START, "input": {"order_id": 3, "lines": [1, "x"]}}, ["#/input/order_id", "#/input/lines/1"]),
        ({**START, "input": None}, ["#/input"]),
        ({"workflow": "order"}, ["#/input/order_id"]),
        ({**START, "workflow": "other"}, ["#/workflow"]),
        ({**START, "version": 9}, ["#/version"]),
        ({**START, "version": "1"}, ["#/version"]),
        ({**START, "version": True}, ["#/version"]),
        ({**START, "inputs": {}}, ["#/inputs"]),
        ({}, ["#/workflow"]),
        ([], ["#"]),
        ("order", ["#"]),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(body, pointers, operator: Program, order: Version):
    problem = refused(operator.post("/runs/", body), 422)
    assert [error["pointer"] for error in problem["errors"]] == pointers
    assert all(error["detail"] for error in problem["errors"])
    assert not Run.objects.exists()


def test_a_misspelt_field_is_asked_about(operator: Program, order: Version):
    problem = refused(operator.post("/runs/", {**START, "inputs": {}}), 422, "invalid")
    assert problem["errors"][0]["detail"] == "There is no field of this name. Did you mean “input”?"


@pytest.mark.django_db(transaction=True)
def test_started_at_once_with_one_key_it_is_one_run(order: Version):
    asking, together, seen = program(person("operator")), Barrier(6), []

    def send() -> None:
        mine = Program()
        mine.headers = asking.headers
        together.wait()
        try:
            answer = mine.post("/runs/", START, Idempotency_Key="k-1")
            seen.append((answer.status_code, answer.json()["id"]))
        finally:
            connection.close()

    threads = [Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run = str(Run.objects.get().pk)
    assert sorted(seen) == [(200, run)] * 5 + [(201, run)]


# --- find and follow -----------------------------------------------------------------------------------------


def test_a_run_that_has_succeeded_is_read(viewer: Program, operator: Program, order: Version, hand: Hand):
    run = operator.post("/runs/", START).json()["id"]
    hand.claim()
    hand.succeed("one", "ORD-1")
    told = viewer.get(f"/runs/{run}/").json()
    assert (told["status"], told["reason"], told["output"]) == ("succeeded", None, {"said": "ORD-1"})
    assert told["why"] == "Every step that was needed has succeeded."
    assert [step["status"] for step in told["steps"]] == ["succeeded", "succeeded"]
    step = viewer.get(f"/runs/{run}/steps/one/").json()
    assert (step["input"], step["output"]) == ({"value": "ORD-1"}, "ORD-1")
    assert [(attempt["number"], attempt["outcome"]) for attempt in step["attempts"]] == [(1, "succeeded")]
    assert step["idempotency_key"].startswith(run)


def test_a_failed_run_says_why(viewer: Program, hand: Hand):
    run = a_run(SAGA)
    hand.claim()
    hand.fail("one", "Broken", retryable=False)
    told = viewer.get(f"/runs/{run.pk}/").json()
    assert told["status"] == "failed"
    assert told["fault"]["name"] == "Broken"
    assert "<" not in told["why"]
    assert "Broken" in told["why"]


def test_runs_are_listed_page_by_page(viewer: Program):
    runs = [str(a_run(flow(one=echo())).pk) for _ in range(5)]
    seen, address, pages = [], "/runs/?limit=2", 0
    while address:
        answer = viewer.get(address)
        page = answer.json()
        assert answer.get("Link") == (f'<{page["next"]}>; rel="next"' if page["next"] else None)
        seen += [run["id"] for run in page["items"]]
        address, pages = page["next"], pages + 1
        a_run(flow(one=echo()))  # what is new does not shift what comes next
    assert (seen, pages) == (list(reversed(runs)), 3)


def test_runs_are_filtered(viewer: Program, run: Run, order: Version):
    other = a_run({**flow(one=echo()), "key": "other", "business_key": "ORD-8"})
    hour = timedelta(hours=1)
    now = timezone.now()
    for question, found in {
        "status=ready": [other.pk],
        "status=running": [run.pk],
        "status=failed": [],
        "workflow=other": [other.pk],
        "workflow=nobody": [],
        "key=ORD-7": [run.pk],
        "key=ord-7": [],
        f"started_after={(now - hour).isoformat().replace('+', '%2B')}": [other.pk, run.pk],
        f"started_before={(now - hour).isoformat().replace('+', '%2B')}": [],
        "started_after=2020-01-01T00:00:00Z&status=running": [run.pk],
    }.items():
        answer = viewer.get(f"/runs/?{question}")
        assert [item["id"] for item in answer.json()["items"]] == [str(pk) for pk in found], question


@pytest.mark.parametrize(
    ("question", "parameter"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=x", "limit"),
        ("limit=" + "9" * 5_000, "limit"),
        ("status=done", "status"),
        ("stauts=failed", "stauts"),
        ("cursor=x", "cursor"),
        ("cursor=%00", "cursor"),
        ("cursor=" + "A" * 500, "cursor"),
        ("key=a%00b", "key"),
        ("workflow=" + "x" * 65, "workflow"),
        ("started_after=yesterday", "started_after"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(question: str, parameter: str, viewer: Program):
    problem = refused(viewer.get(f"/runs/?{question}"), 400, "bad-parameter")
    assert problem["errors"][0]["parameter"] == parameter


def test_the_journal_is_followed(viewer: Program, run: Run, hand: Hand):
    first = viewer.get(f"/runs/{run.pk}/journal/").json()
    assert [entry["seq"] for entry in first["items"]] == list(range(1, run.seq + 1))
    assert first["items"][0]["kind"] == "RunStarted"
    assert {entry["step"] for entry in first["items"]} == {None, "one"}
    assert viewer.get(f"/runs/{run.pk}/journal/?after={run.seq}").json() == {"items": [], "next": None}
    hand.held = []
    page = viewer.get(f"/runs/{run.pk}/journal/?limit=1").json()
    second = viewer.get(page["next"]).json()
    assert [entry["seq"] for entry in page["items"] + second["items"]] == [1, 2]


def test_a_large_value_is_fetched_by_its_address(
    viewer: Program, operator: Program, order: Version, settings
):
    settings.CHOREO_INLINE_LIMIT = 1_000
    told = operator.post("/runs/", {**START, "input": {"order_id": "ORD-1", "text": "ä" * 2_000}}).json()
    aside = told["input"]["text"]
    assert aside["bytes"] == 4_002
    answer = viewer.get(aside["$value"])
    assert answer.json() == "ä" * 2_000
    assert "attachment" in answer["Content-Disposition"]
    other = a_run(flow(one=echo()))
    number = aside["$value"].rstrip("/").rpartition("/")[2]
    refused(viewer.get(f"/runs/{other.pk}/values/{number}/"), 404, "not-found", "no such value")
    refused(viewer.get(f"/runs/{other.pk}/values/{'9' * 30}/"), 404)


# --- cancel --------------------------------------------------------------------------------------------------


def test_a_run_is_cancelled(operator: Program, run: Run):
    answer = operator.post(f"/runs/{run.pk}/cancel/", {"reason": "Ordered twice", "undo": False})
    assert answer.status_code == 200
    entry = run.journal.get(kind="CancelRequested")
    assert (entry.data["by"], entry.data["reason"], entry.data["undo"]) == ("otto", "Ordered twice", False)
    assert answer.json()["why"] == "Waiting for reports of attempts that the run has moved on from."


def test_finished_steps_are_undone_unless_it_says_otherwise(operator: Program, run: Run):
    assert operator.post(f"/runs/{run.pk}/cancel/").status_code == 200
    assert run.journal.get(kind="CancelRequested").data["undo"] is True


def test_a_run_is_cancelled_once(operator: Program, run: Run):
    operator.post(f"/runs/{run.pk}/cancel/", {})
    refused(operator.post(f"/runs/{run.pk}/cancel/", {}), 409, "conflict", "The run is ending already.")


@pytest.mark.parametrize(
    "body", [{"undo": "no"}, {"undo": 1}, {"reason": 3}, {"reason": "x" * 501}, {"why": "x"}]
)
def test_a_cancellation_that_is_not_right_is_refused(body, operator: Program, run: Run):
    refused(operator.post(f"/runs/{run.pk}/cancel/", body), 422, "invalid")
    assert not run.journal.filter(kind="CancelRequested").exists()


@pytest.mark.parametrize("path", ["", "steps/one/", "journal/", "values/1/"])
def test_what_one_may_not_see_is_not_there(path: str, run: Run):
    """Whoever may start runs and not see them is told nothing about them."""
    starter = program(a_user("starter", "runs.start_run", "runs.operate_run"))
    refused(starter.get(f"/runs/{run.pk}/{path}"), 403, "forbidden")
    refused(starter.post(f"/runs/{run.pk}/cancel/", {}), 404, "not-found")


@pytest.mark.parametrize("path", ["", "steps/one/", "journal/", "values/1/"])
def test_a_run_that_is_not_there(path: str, viewer: Program):
    refused(viewer.get(f"/runs/{NOBODY}/{path}"), 404, "not-found", "no such run")
