"""Runs that start runs, with rows: started once, heard of, cancelled and undone, wherever a worker is killed."""

from typing import Any

import pytest
from django.contrib.auth.models import Group

from designer.actions import set_team
from designer.graph import MOST_RUNS_DEEP
from designer.models import Workflow
from runs.actions import Grip, cancel_run, claims, resolve_dead_letter
from runs.actions.leases import release_silent_workers, retire_worker
from runs.engine import Resolution, RunStatus, Status
from runs.models import DeadLetter, Limits, Run, Work
from runs.models.work import WorkKind
from runs.queries.sentences import sentences
from tests.actions.flows import branches, echo, flow, undoable
from tests.factories import Hand, a_run, a_user, a_version

pytestmark = pytest.mark.django_db

NUMBER = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}


def sub(runs: str = "child", **fields: Any) -> dict[str, Any]:
    return {"kind": "workflow", "runs": runs, **fields}


def a_child(**more: Any) -> None:
    document = flow(inner=undoable("inner", next="done"), done={"kind": "succeed", "output": {"total": 9}})
    a_version({"key": "child", "title": "Child", **document, **more})


def reread(run: Run) -> Run:
    run.refresh_from_db()
    return run


def only_child(run: Run) -> Run:
    return run.children.get()


def statuses(run: Run) -> dict[str, str]:
    return dict(run.step_runs.values_list("key", "status"))


def begin(hand: Hand, document: dict[str, Any], inputs: Any = None) -> Run:
    """The run has started its own, and that one's first attempt is held."""
    run = a_run(document, inputs)
    while not hand.held:
        hand.claim()
    return run


def end_child(hand: Hand) -> None:
    hand.succeed("inner", {"key": "k", "note": "inner"})
    settle(hand)


def settle(hand: Hand) -> None:
    """What is work and no attempt is done."""
    while Work.objects.filter(worker=None).exclude(kind=WorkKind.ATTEMPT).exists():
        hand.claim()


def test_the_output_of_its_run_is_the_output_of_the_step(hand: Hand):
    a_child()
    run = begin(hand, flow(one=sub(next="two"), two=echo("${ steps.one.output.total }")))
    child = only_child(run)
    assert (reread(run).reason, child.depth, child.parent_no, child.awaited) == ("awaiting_child", 1, 1, True)
    end_child(hand)
    assert hand.hold("two").inputs == {"value": 9}
    assert child.started_by == run.started_by


def test_one_that_is_not_awaited_goes_its_own_way(hand: Hand):
    a_child()
    run = begin(hand, flow(one=sub(awaited=False)))
    child = only_child(run)
    assert reread(run).status == RunStatus.SUCCEEDED
    end_child(hand)
    assert (reread(child).status, Work.objects.count()) == (RunStatus.SUCCEEDED, 0)


def test_it_is_given_what_the_step_says_and_refuses_what_does_not_fit(hand: Hand):
    a_child(input=NUMBER)
    fits = a_run(flow(one=sub(**{"with": {"n": "${ input.n }"}})), {"n": 3})
    hand.claim()
    assert only_child(fits).input == {"is": {"n": 3}}
    refused = a_run(flow(one=sub(**{"with": {"n": "three"}})))
    hand.claim()
    assert reread(refused).fault["name"] == "InputRefused"
    assert "“three”" in refused.fault["message"] or "n" in refused.fault["message"]


def test_what_nobody_has_published_cannot_be_started(hand: Hand):
    caught = flow(
        one=sub("nowhere", catch=[{"on": ["UnknownWorkflow"], "next": "two"}], next="two"), two=echo(1)
    )
    run = a_run(caught)
    hand.claim()
    assert hand.hold("two")
    assert statuses(run)["one"] == Status.FAILED


def test_its_failure_has_the_name_of_its_runs_error(hand: Hand):
    a_child()
    run = begin(hand, flow(one=sub()))
    hand.fail("inner", "Declined", retryable=False)
    settle(hand)
    assert (reread(run).status, run.fault["name"], run.fault["step"]) == ("failed", "Declined", "one")


def test_a_workflow_that_starts_itself_is_stopped_twenty_deep(hand: Hand):
    a_version({"key": "again", "title": "Again", **flow(one=sub("again"))})
    first = a_run({"key": "again", "title": "Again", **flow(one=sub("again"))})
    settle(hand)
    assert Run.objects.count() == MOST_RUNS_DEEP + 1
    assert {run.status for run in Run.objects.all()} == {RunStatus.FAILED}
    assert reread(first).fault["name"] == "TooDeep"


def test_a_gate_of_its_workflow_does_not_hold_it_up(hand: Hand):
    a_child()
    version = a_version({"key": "child", "title": "Child", **flow(inner=echo(1))})
    Limits.objects.create(workflow=version.workflow, max_running=0)
    run = begin(hand, flow(one=sub()))
    assert only_child(run).status == RunStatus.RUNNING


def test_the_version_that_runs_is_the_newest_that_fits(hand: Hand):
    a_child()
    newest = a_version({"key": "child", "title": "Child", **flow(inner=echo(1))})
    a_run(flow(one=sub("child@^1")))
    a_run(flow(one=sub("child")))
    hand.claim()
    hand.claim()
    chosen = Run.objects.exclude(parent=None).order_by("id").values_list("version__semantic", flat=True)
    assert list(chosen) == ["1.0.0", newest.semantic]


# --- cancelling ----------------------------------------------------------------------------------------------


def test_cancelling_reaches_it_and_waits_for_it(hand: Hand):
    a_child()
    run = begin(hand, flow(one=sub()))
    child = only_child(run)
    cancel_run(run_id=run.pk, by=a_user(), reason="a mistake")
    assert (reread(run).status, run.reason) == (RunStatus.RUNNING, "awaiting_report")
    settle(hand)
    assert child.journal.get(kind="CancelRequested").data["undo"] is True
    end_child(hand)
    hand.succeed("inner")
    settle(hand)
    assert (reread(child).status, reread(run).status) == (RunStatus.CANCELLED, RunStatus.CANCELLED)
    assert statuses(run) == {"one": Status.CANCELLED}


def test_one_that_no_worker_has_taken_up_is_cancelled_all_the_same(hand: Hand):
    a_child()
    run = a_run(flow(one=sub()))
    claims.claim_once(Grip(hand.id))
    child = only_child(run)
    assert child.status == RunStatus.READY
    cancel_run(run_id=run.pk, by=a_user(), undo=False)
    settle(hand)
    assert (reread(child).status, reread(run).status) == (RunStatus.CANCELLED, RunStatus.CANCELLED)
    assert child.journal.get(kind="CancelRequested").data["undo"] is False


def test_neither_tells_another_team_what_the_other_is_called(hand: Hand):
    a_child(business_key="${ input.n }", input=NUMBER)
    run = reread(begin(hand, flow(one=sub(**{"with": {"n": 41}}))))
    child = only_child(run)
    assert ">41<" in sentences([run])[run.pk]
    set_team(workflow=child.workflow, team=Group.objects.create(name="theirs"), by=None)
    assert sentences([run])[run.pk] == "<b>One</b> waits for the run that it has started."
    set_team(workflow=child.workflow, team=None, by=None)
    set_team(workflow=run.workflow, team=Group.objects.get(name="theirs"), by=None)
    cancel_run(run_id=run.pk, by=a_user(), reason="", undo=False)
    settle(hand)
    assert child.journal.get(kind="CancelRequested").data["by"] == "a run of another team"


def test_a_branch_that_is_overtaken_takes_it_along(hand: Hand):
    a_child()
    run = begin(hand, flow(both=branches(join={"wait_for": "any"}, quick=echo(1), slow=sub())))
    while {held.key for held in hand.held} != {"quick", "inner"}:
        hand.claim()
    hand.succeed("quick", 1)
    settle(hand)
    end_child(hand)
    hand.succeed("inner")
    settle(hand)
    assert (reread(run).status, only_child(run).status) == (RunStatus.SUCCEEDED, RunStatus.CANCELLED)


# --- undoing -------------------------------------------------------------------------------------------------


def undone(hand: Hand) -> Run:
    """A run whose step has started one that has succeeded; the run then fails, and everything is to be undone."""
    a_child()
    run = begin(hand, flow(one=sub(next="two"), two=echo(1)))
    end_child(hand)
    hand.fail("two", retryable=False)
    settle(hand)
    while not hand.held:
        hand.claim()
    return run


def test_undoing_the_step_undoes_what_its_run_has_done(hand: Hand):
    run = undone(hand)
    assert hand.hold("inner").phase == "undo"
    hand.succeed("inner")
    settle(hand)
    child = only_child(run)
    assert (child.status, child.reason) == (RunStatus.CANCELLED, "rolled_back")
    assert (reread(run).status, run.reason) == (RunStatus.FAILED, "rolled_back")
    assert statuses(run)["one"] == Status.UNDONE


def test_what_it_cannot_undo_is_a_dead_letter_there_and_here(hand: Hand):
    run = undone(hand)
    hand.fail("inner", retryable=False)
    settle(hand)
    assert (reread(run).status, run.reason) == (RunStatus.FAILED, "rollback_incomplete")
    assert sorted(DeadLetter.objects.filter(status="open").values_list("key", flat=True)) == ["inner", "one"]
    there = DeadLetter.objects.get(key="inner", status="open")
    resolve_dead_letter(letter_id=there.pk, how=Resolution.DONE, by=a_user())
    settle(hand)
    assert (reread(run).reason, statuses(run)["one"]) == ("rolled_back", Status.UNDONE)
    assert not DeadLetter.objects.filter(status="open").exists()


def test_asking_again_is_answered_although_nothing_has_changed(hand: Hand):
    run = undone(hand)
    hand.fail("inner", retryable=False)
    settle(hand)
    here = DeadLetter.objects.get(key="one", status="open")
    resolve_dead_letter(letter_id=here.pk, how=Resolution.RETRY, by=a_user())
    settle(hand)
    assert DeadLetter.objects.filter(key="one", status="open").exclude(pk=here.pk).count() == 1
    assert reread(run).reason == "rollback_incomplete"


def test_it_reaches_through_runs_that_start_runs(hand: Hand):
    a_child()
    a_version({"key": "middle", "title": "Middle", **flow(deep=sub("child"))})
    run = begin(hand, flow(one=sub("middle", next="two"), two=echo(1)))
    end_child(hand)
    settle(hand)
    hand.claim()
    hand.fail("two", retryable=False)
    settle(hand)
    hand.claim()
    hand.succeed("inner")
    settle(hand)
    assert reread(run).reason == "rolled_back"
    assert {r.reason for r in Run.objects.all()} == {"rolled_back"}


# --- nothing is lost, and nothing happens twice --------------------------------------------------------------


def test_a_worker_that_dies_between_the_two_runs_loses_nothing(hand: Hand):
    a_child()
    run = a_run(flow(one=sub()))
    claims.claim_once(Grip(hand.id))
    assert only_child(run).work.get().kind == WorkKind.START
    retire_worker(hand.id)
    heir = Hand()
    while not heir.held:
        heir.claim()
    heir.succeed("inner", {"key": "k", "note": "inner"})
    told = Work.objects.get()
    assert (told.run_id, told.kind) == (run.pk, WorkKind.CHILD)
    retire_worker(heir.id)
    release_silent_workers()
    last = Hand()
    last.claim()
    assert (reread(run).status, run.output) == (RunStatus.SUCCEEDED, {"is": {"total": 9}})
    assert Run.objects.count() == 2


def test_an_end_that_is_told_twice_counts_once(hand: Hand):
    a_child()
    run = begin(hand, flow(one=sub(next="two"), two=echo(1)))
    hand.succeed("inner", {"key": "k", "note": "inner"})
    told = Work.objects.get(kind=WorkKind.CHILD)
    told.pk = None
    told.save(force_insert=True)
    settle(hand)
    assert reread(run).journal.filter(kind="ChildEnded").count() == 1


def test_a_run_that_was_removed_is_not_waited_for(hand: Hand):
    a_child()
    run = begin(hand, flow(one=sub()))
    only_child(run).delete()
    hand.held = []
    cancel_run(run_id=run.pk, by=a_user())
    settle(hand)
    assert reread(run).status == RunStatus.CANCELLED


# --- what others change about a run that a worker keeps ------------------------------------------------------


def test_a_run_is_started_for_its_team_of_now(hand: Hand):
    """The first child was found by the team that the workflow had when the worker began to keep the run."""
    a_child()
    two = flow(one=sub(awaited=False, next="do"), do=echo(next="two"), two=sub(awaited=False))
    run, mine, others = a_run(two), *(Group.objects.create(name=name) for name in ("mine", "others"))
    Workflow.objects.update(team=mine)
    hand.claim()
    assert run.children.count() == 1
    Workflow.objects.filter(pk=run.workflow_id).update(team=others)
    hand.succeed("do", 1)
    assert reread(run).fault is not None
    assert run.fault["name"] == "UnknownWorkflow"


def test_who_started_it_may_be_gone(hand: Hand):
    a_child()
    ada = a_user("ada")
    run = a_run(flow(do=echo(next="two"), two=sub(awaited=False)), by=ada)
    hand.claim()
    ada.delete()
    hand.succeed("do", 1)
    assert (reread(run).status, only_child(run).started_by) == (RunStatus.SUCCEEDED, None)


def test_the_run_that_started_it_may_be_gone(hand: Hand):
    a_child()
    run = begin(hand, flow(one=sub()))
    child = only_child(run)
    run.delete()
    hand.succeed("inner", {"key": "k", "note": "inner"})
    assert reread(child).status == RunStatus.SUCCEEDED
