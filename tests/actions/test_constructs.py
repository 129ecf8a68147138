"""Each construct of a workflow, on rows: choice, variables, fallbacks, branches, moments, ends, and undoing."""

import pytest
from django.utils import timezone

from runs.engine import RunStatus, Status
from runs.models import Run, Variable
from tests.actions.flows import SAGA, UNDO, branches, echo, flow, undoable
from tests.factories import Hand, a_run

pytestmark = pytest.mark.django_db

CHOICE = flow(
    pick={
        "kind": "choice",
        "choose": [
            {"label": "Large", "when": "${ input.n > 10 }", "next": "large"},
            {"when": "input.n > 5", "next": "middling"},
        ],
        "otherwise": "small",
    },
    large=echo("large"),
    middling=echo("middling"),
    small=echo("small"),
)


def statuses(run: Run) -> dict[str, str]:
    return dict(run.step_runs.values_list("key", "status"))


def fresh(run: Run) -> Run:
    return Run.objects.get(pk=run.pk)


# --- choice, variables, ends -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "taken"), [(11, "large"), (6, "middling"), (5, "small")])
def test_a_choice_takes_the_first_way_that_holds(hand: Hand, n: int, taken: str):
    run = a_run(CHOICE, {"n": n})
    assert [held.key for held in hand.claim()] == [taken]
    assert run.journal.get(kind="BranchTaken").data["next"] == taken


def test_a_condition_that_cannot_be_told_takes_no_way(hand: Hand):
    run = a_run(CHOICE, {"n": "many"})
    assert hand.claim() == []
    assert (fresh(run).status, fresh(run).fault["name"]) == (RunStatus.FAILED, "ExpressionError")


def test_variables_are_set_and_set_again(hand: Hand):
    run = a_run(
        flow(
            first={"kind": "set", "assign": {"total": "${ input.n }"}, "next": "one"},
            one=echo("${ vars.total }", assign={"total": "${ vars.total + output }"}, next="two"),
            two=echo("${ vars.total }"),
        ),
        {"n": 3},
    )
    (held,) = hand.claim()
    assert held.inputs == {"value": 3}
    following = hand.succeed("one", 4)
    assert following is not None
    assert following.inputs == {"value": 7}
    assert [(v.name, v.scope, v.value) for v in Variable.objects.filter(run=run)] == [
        ("total", "", {"is": 7})
    ]


def test_a_run_gives_what_its_end_says(hand: Hand):
    run = a_run(
        flow(one=echo(next="end"), end={"kind": "succeed", "output": {"got": "${ steps.one.output }"}})
    )
    hand.claim()
    hand.succeed("one", 9)
    assert (fresh(run).status, fresh(run).output) == (RunStatus.SUCCEEDED, {"is": {"got": 9}})


def test_a_loop_goes_round_until_its_choice_says_stop(hand: Hand):
    run = a_run(
        flow(
            begin={"kind": "set", "assign": {"n": 0}, "next": "one"},
            one=echo("${ vars.n }", assign={"n": "${ vars.n + 1 }"}, next="again"),
            again={
                "kind": "choice",
                "choose": [{"when": "${ vars.n < 4 }", "next": "one"}],
                "otherwise": "end",
            },
            end={"kind": "succeed", "output": "${ vars.n }"},
        )
    )
    hand.claim()
    while hand.held:
        hand.succeed("one", 0)
    assert fresh(run).output == {"is": 4}
    assert run.step_runs.filter(key="one").count() == 4


# --- failing and falling back ------------------------------------------------------------------------------------


def test_a_fallback_takes_over_and_knows_the_error(hand: Hand):
    one = echo(catch=[{"on": ["Refused"], "next": "other"}], retry={"attempts": 1})
    run = a_run(flow(one=one, other=echo("${ error.name } in ${ error.step }")))
    hand.claim()
    following = hand.fail("one", "Refused")
    assert following is not None
    assert following.inputs == {"value": "Refused in one"}
    hand.succeed("other")
    assert fresh(run).status == RunStatus.SUCCEEDED
    assert run.step_runs.get(key="one").reason == "caught"


def test_another_error_is_not_caught(hand: Hand):
    run = a_run(
        flow(one=echo(catch=[{"on": ["Refused"], "next": "other"}], retry={"attempts": 1}), other=echo())
    )
    hand.claim()
    assert hand.fail("one", "Broken") is None
    assert fresh(run).status == RunStatus.FAILED


def test_a_step_that_may_be_missed_is_passed_over(hand: Hand):
    run = a_run(flow(one=echo(on_exhausted="continue", retry={"attempts": 1}, next="two"), two=echo()))
    hand.claim()
    following = hand.fail("one")
    assert following is not None
    assert following.key == "two"
    assert run.step_runs.get(key="one").reason == "continued"


def test_a_broken_contract_is_found_before_the_attempt_is_made(hand: Hand):
    run = a_run(
        flow(one={"kind": "action", "does": "acme.add", "with": {"a": 1, "b": "${ input.b }"}}), {"b": "two"}
    )
    assert hand.claim() == []
    fault = fresh(run).fault
    assert fault["name"] == "InputInvalid"
    assert "input.b" in fault["message"]


# --- branches ----------------------------------------------------------------------------------------------------


def test_all_branches_must_succeed(hand: Hand):
    run = a_run(flow(all=branches(next="after", a=echo("a"), b=undoable("b")), after=echo()))
    hand.claim()
    hand.claim()
    hand.succeed("b", {"key": "k", "note": "b"})
    undo = hand.fail("a", retryable=False)
    assert undo is not None
    assert (undo.key, undo.phase) == ("b", "undo")
    hand.succeed("b")
    assert fresh(run).reason == "rolled_back"
    assert statuses(run) == {"all": Status.FAILED, "a": Status.FAILED, "b": Status.UNDONE}


def test_the_first_branch_is_enough_and_the_others_are_let_go(hand: Hand):
    join = {"wait_for": "any"}
    run = a_run(
        flow(all=branches(next="after", join=join, a=echo("a"), b=undoable("b"), c=echo("c")), after=echo())
    )
    hand.claim(1)
    hand.claim(1)
    following = hand.succeed("a", 1)
    assert following is not None
    assert following.key == "after"
    assert statuses(run) == {
        "all": "succeeded",
        "a": "succeeded",
        "b": "abandoned",
        "c": "cancelled",
        "after": "running",
    }
    undo = hand.succeed("b", {"key": "k", "note": "b"}, go_on=False)
    assert undo is None
    assert run.step_runs.get(key="b").status == Status.UNDOING
    hand.claim()
    hand.succeed("b")
    hand.succeed("after")
    assert fresh(run).status == RunStatus.SUCCEEDED


# --- moments -----------------------------------------------------------------------------------------------------


def test_a_wait_ends_at_its_moment(hand: Hand):
    run = a_run(flow(pause={"kind": "wait", "for": "200ms", "next": "one"}, one=echo()))
    asked = timezone.now()
    hand.claim_soon()
    assert (timezone.now() - asked).total_seconds() >= 0.2
    assert statuses(run) == {"pause": Status.SUCCEEDED, "one": Status.RUNNING}


def test_a_wait_until_a_moment_that_has_passed_ends_at_once(hand: Hand):
    run = a_run(
        flow(pause={"kind": "wait", "until": "${ input.at }", "next": "one"}, one=echo()),
        {"at": "2020-01-01"},
    )
    assert [held.key for held in hand.claim_soon()] == ["one"]
    assert run.step_runs.get(key="pause").status == Status.SUCCEEDED


def test_a_wait_for_no_moment_fails_with_a_sentence(hand: Hand):
    run = a_run(flow(pause={"kind": "wait", "until": "${ input.at }"}), {"at": "tomorrow"})
    hand.claim()
    assert fresh(run).fault["name"] == "BadTime"
    assert "“tomorrow” is not a point in time" in fresh(run).fault["message"]


def test_a_deadline_ends_all_tries_and_the_attempt_that_is_out_is_let_go(hand: Hand):
    run = a_run(
        flow(one={**echo(deadline="200ms", retry={"attempts": 9, "wait": "1ms"}), "compensate": UNDO})
    )
    hand.claim()
    other = Hand()
    while fresh(run).step_runs.get().status == Status.RUNNING:
        other.claim()
    assert run.step_runs.get().reason == "deadline_passed"
    hand.succeed("one", {"key": "k", "note": "late"})
    hand.succeed("one")
    assert (fresh(run).status, fresh(run).reason) == (RunStatus.FAILED, "rolled_back")
    assert run.step_runs.get().status == Status.UNDONE


# --- undoing -----------------------------------------------------------------------------------------------------


def test_finished_steps_are_undone_backwards_one_at_a_time_with_what_they_gave(hand: Hand):
    run = a_run(SAGA)
    hand.claim()
    hand.succeed("one", {"key": "k", "note": "first"})
    hand.succeed("two", {"key": "k", "note": "second"})
    hand.fail("three", retryable=False)
    undone = []
    while hand.held:
        assert Hand().claim() == []
        (held,) = hand.held
        undone.append((held.key, held.inputs, held.phase))
        hand.succeed(held.key)
    assert undone == [("two", {"note": "second"}, "undo"), ("one", {"note": "first"}, "undo")]
    assert (fresh(run).status, fresh(run).reason) == (RunStatus.FAILED, "rolled_back")
    assert dict(run.step_runs.values_list("key", "undo_order")) == {"one": 2, "two": 1, "three": None}


def test_branches_are_undone_in_the_reverse_order_of_their_success(hand: Hand):
    inner = branches(next="after", a=undoable("a"), b=undoable("b"), c=undoable("c"))
    run = a_run(flow(all=inner, after=echo()))
    hand.claim()
    hand.claim()
    for key in "bca":
        hand.succeed(key, {"key": "k", "note": key})
    hand.fail("after", retryable=False)
    undone = []
    while hand.held:
        undone.append(hand.held[0].key)
        hand.succeed(hand.held[0].key)
    assert undone == ["a", "c", "b"]
    assert fresh(run).reason == "rolled_back"


def test_an_undo_has_tries_of_its_own(hand: Hand):
    retry = {"attempts": 2, "wait": "10ms"}
    run = a_run(flow(one=undoable("one", compensate={**UNDO, "retry": retry}, next="two"), two=echo()))
    hand.claim()
    hand.succeed("one", {"key": "k", "note": "one"})
    hand.fail("two", retryable=False)
    hand.fail("one")
    (again,) = hand.claim_soon()
    assert (again.phase, again.attempt, again.inputs) == ("undo", 3, {"note": "one"})
    hand.succeed("one")
    step = run.step_runs.get(key="one")
    assert (step.status, step.tries, step.undo_tries) == (Status.UNDONE, 1, 2)
    assert fresh(run).reason == "rolled_back"


@pytest.mark.parametrize(("compensate", "reason"), [(True, "rolled_back"), (False, None)])
def test_a_fail_step_says_whether_to_undo(hand: Hand, compensate: bool, reason: str | None):
    end = {"kind": "fail", "error": "Rejected", "message": "no", "compensate": compensate}
    run = a_run(flow(one=undoable("one", next="end"), end=end))
    hand.claim()
    hand.succeed("one", {"key": "k", "note": "one"})
    if compensate:
        hand.succeed("one")
    assert (fresh(run).status, fresh(run).reason) == (RunStatus.FAILED, reason)
    assert fresh(run).fault["name"] == "Rejected"


def test_a_workflow_may_say_that_nothing_is_undone(hand: Hand):
    run = a_run({**flow(one=undoable("one", next="two"), two=echo()), "on_failure": "keep"})
    hand.claim()
    hand.succeed("one", {"key": "k", "note": "one"})
    assert hand.fail("two", retryable=False) is None
    assert (fresh(run).status, fresh(run).reason) == (RunStatus.FAILED, None)
