"""Flows on the database: an imported workflow runs, with workers that die, and its journal tells all of it."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User

from runs.actions import resolve_dead_letter
from runs.engine import Resolution, RunStatus, load_event, load_state, replay
from runs.models import Keeper, Run, Work
from runs.models.item import ItemStatus
from tests.actions.flows import UNDO, echo, flow, undoable
from tests.actions.mortal import OUTPUT, Mortals
from tests.factories import Hand, a_run, a_user, action

pytestmark = pytest.mark.django_db

BARE: dict[str, Any] = {"language": "JSONPath"}
ORDER = {"n": 3, "list": [{"sku": "a"}, {"sku": "b"}, {"sku": "c"}]}


def by_path(**fields: Any) -> dict[str, Any]:
    return {**BARE, **fields}


def task(next: str = "", *, value: Any = "${ arguments }", **fields: Any) -> dict[str, Any]:
    usual = {"with": {"value": value}, "flow": BARE} | ({"next": next} if next else {})
    return action(**usual | fields)


def imported() -> dict[str, Any]:
    """What an importer makes of a machine with all kinds of states."""
    big = json.dumps({"Variable": "$.n", "NumericGreaterThan": 2})
    return flow(
        begin={
            "kind": "set",
            "next": "both",
            "flow": by_path(Assign={"size.$": "$.n"}, Parameters={"n.$": "$.n", "list.$": "$.list"}),
        },
        both={
            "kind": "parallel",
            "next": "all",
            "flow": by_path(Parameters={"half.$": "$.n"}, ResultPath="$.both"),
            "branches": {
                "right": {"start": "b", "steps": {"b": task()}},
                "left": {
                    "start": "a",
                    "steps": {"a": {"kind": "set", "flow": by_path(Parameters={"sum.$": "$size"})}},
                },
            },
        },
        all={
            "kind": "map",
            "next": "big",
            "flow": by_path(ItemsPath="$.list", MaxConcurrency=2, ResultPath="$.all"),
            "start": "one",
            "steps": {"one": task(flow=by_path(Parameters={"it.$": "$.sku"}))},
        },
        big={"kind": "choice", "choose": [{"when": big, "next": "risky"}], "otherwise": "done", "flow": BARE},
        risky=task(
            "done",
            retry={"attempts": 2, "wait": "0s", "on": ["States.TaskFailed"]},
            catch=[{"on": ["States.ALL"], "next": "done"}],
            flow=by_path(Parameters={"n.$": "$.n"}, Catch=[{"ResultPath": "$.error"}]),
        ),
        done={"kind": "succeed", "flow": BARE},
    )


LEFT = {
    **ORDER,
    "both": [OUTPUT, {"sum": 3}],
    "all": [OUTPUT, OUTPUT, OUTPUT],
    "error": {"Error": "Declined", "Cause": ""},
}


def output_of(run: Run) -> Any:
    run.refresh_from_db()
    return Keeper(run).open(run.output) if run.output is not None else None


def told(run: Run) -> list[Any]:
    entries = run.journal.order_by("seq").values_list("kind", "no", "at", "data")
    return [
        load_event(kind, {**data, "at": at} | ({} if no is None else {"no": no}))
        for kind, no, at, data in entries
    ]


def check_replay(run: Run) -> None:
    run.refresh_from_db()
    assert replay(told(run)) == load_state(run.state)


def work_off(hand: Hand, **failing: str) -> None:
    while hand.held or Work.objects.exists():
        if not hand.held and not hand.claim():
            continue
        held = hand.held[0]
        if held.key in failing and held.phase == "do":
            hand.fail(held.key, failing[held.key], retryable=True)
        else:
            hand.succeed(held.key, OUTPUT)
        for run in Run.objects.all():
            check_replay(run)


def test_an_imported_workflow_runs(hand: Hand):
    run = a_run(imported(), ORDER)
    work_off(hand, risky="Declined")
    assert output_of(run) == LEFT | {"error": {"Error": "Declined", "Cause": "it broke"}}
    assert run.status == RunStatus.SUCCEEDED


def test_each_attempt_is_given_its_arguments(hand: Hand):
    run = a_run(imported(), ORDER)
    work_off(hand, risky="Declined")
    given = {step.key: Keeper(run).open(step.input) for step in run.step_runs.filter(input__isnull=False)}
    assert given["b"] == {"value": {"half": 3}}
    assert given["one"] == {"value": {"it": "c"}}
    assert given["both"] == {"half": 3}


def test_workers_that_die_change_nothing(hand: Hand):
    run = a_run(imported(), ORDER)
    Mortals(risky="Declined").finish()
    assert output_of(run) == LEFT
    check_replay(run)


def test_what_a_failed_step_hands_on_stands_in_its_row(hand: Hand):
    run = a_run(imported(), ORDER)
    work_off(hand, risky="Declined")
    row = run.step_runs.get(key="risky")
    assert Keeper(run).open(row.handed_on)["error"]["Error"] == "Declined"
    assert row.output is None


def test_any_json_is_given_to_a_step_type(hand: Hand):
    run = a_run(flow(one=task("two", flow=by_path(InputPath="$.list")), two=task(**{"with": {}})), ORDER)
    hand.claim()
    hand.succeed("one", None)
    run.refresh_from_db()
    assert run.step_runs.get(key="two").fault["name"] == "InputInvalid"


# --- what begins anew -----------------------------------------------------------------------------------------


def test_a_map_does_all_its_items_again(hand: Hand):
    one = echo("${ item }", retry={"attempts": 1})
    again = {"kind": "map", "items": [1, 2], "max_concurrency": 1, "start": "one", "steps": {"one": one}}
    run = a_run(flow(all=again | {"retry": {"attempts": 2, "wait": "0s"}}))
    hand.claim()
    hand.succeed("one", "first")
    hand.fail("one", retryable=True)
    assert list(run.items.values_list("status", flat=True)) == [ItemStatus.SUCCEEDED, ItemStatus.FAILED]
    hand.claim()
    assert list(run.items.values_list("status", "last")) == [(ItemStatus.WAITING, None)] * 2
    hand.succeed("one", "second")
    hand.succeed("one", "third")
    run.refresh_from_db()
    assert run.status == RunStatus.SUCCEEDED
    assert [
        Keeper(run).open(step.output) for step in run.step_runs.filter(key="one").order_by("-no")[:2]
    ] == ["third", "second"]
    check_replay(run)


def test_a_step_that_pauses_says_until_when(hand: Hand):
    both = {"kind": "parallel", "branches": {"left": {"start": "a", "steps": {"a": echo()}}}}
    run = a_run(flow(both=both | {"retry": {"attempts": 2, "wait": "1h", "jitter": False}}))
    hand.claim()
    hand.fail("a", retryable=True)
    row = run.step_runs.get(key="both")
    assert (row.status, row.reason, row.tries, row.fault["name"]) == ("ready", "backing_off", 2, "Broken")
    assert row.due_at is not None


# --- ways of undoing ------------------------------------------------------------------------------------------

SAGA = flow(
    one=undoable("one", next="two"),
    two=undoable("two", compensate=UNDO | {"with": {"note": "${ output == null ? 'none' : output.note }"}}),
)


def test_a_failed_step_is_undone_too(hand: Hand):
    run = a_run(SAGA | {"undoing": {"failed_step": True}})
    work_off(hand, two="Broken")
    undone = run.step_runs.exclude(undo_order=None).order_by("undo_order")
    assert [(step.key, step.status) for step in undone] == [("two", "undone"), ("one", "undone")]
    assert Keeper(run).open(undone[0].undo_input) == {"note": "none"}


def test_all_are_undone_at_once(hand: Hand):
    graph = flow(one=undoable("one", next="two"), two=undoable("two", next="three"), three=echo())
    run = a_run(graph | {"undoing": {"order": "at_once"}})
    hand.claim()
    for key in ("one", "two"):
        hand.succeed(key, {"key": "k", "note": key})
    hand.fail("three", retryable=False)
    hand.claim()
    assert sorted(held.key for held in hand.held) == ["one", "two"]
    work_off(hand)
    run.refresh_from_db()
    assert (run.status, run.reason) == ("failed", "rolled_back")


def test_a_rollback_goes_on_after_one_that_cannot_be_undone(hand: Hand):
    graph = flow(one=undoable("one", next="two"), two=undoable("two", next="three"), three=echo())
    run = a_run(graph | {"undoing": {"after_failure": "go_on"}})
    hand.claim()
    for key in ("one", "two"):
        hand.succeed(key, {"key": "k", "note": key})
    hand.fail("three", retryable=False)
    hand.fail("two", retryable=False)
    work_off(hand)
    run.refresh_from_db()
    assert (run.step_runs.get(key="one").status, run.reason) == ("undone", "rollback_incomplete")


@pytest.fixture
def omar(db: None) -> User:
    return a_user("omar")


def test_a_rollback_stands_until_a_person_has_decided(hand: Hand, omar: User):
    graph = flow(one=undoable("one", next="two"), two=undoable("two", next="three"), three=echo())
    run = a_run(graph)
    hand.claim()
    for key in ("one", "two"):
        hand.succeed(key, {"key": "k", "note": key})
    hand.fail("three", retryable=False)
    hand.fail("two", retryable=False)
    run.refresh_from_db()
    assert (run.step_runs.get(key="one").status, run.reason) == ("succeeded", "rollback_incomplete")
    letter = run.dead_letters.get()
    resolve_dead_letter(letter_id=letter.pk, how=Resolution.DONE, by=omar, reason="Seen to.")
    work_off(hand)
    run.refresh_from_db()
    assert (run.step_runs.get(key="one").status, run.reason) == ("undone", "rolled_back")
