"""Dead letters: what gave up waits for a person, who has it tried again, passed over, or says it is done."""

import pytest

from runs.actions import cancel_run, check_resolve, resolve_dead_letter, retire_worker
from runs.engine import Resolution, RunStatus, Status
from runs.models import DeadLetter, Run
from runs.models.people import DeadLetterStatus
from runs.refusals import OutputRefused, Refused
from tests.actions.flows import echo, flow, undoable
from tests.factories import Hand, a_run, a_user, action
from tests.servers import wait_until

pytestmark = pytest.mark.django_db

PARKS = flow(
    one=undoable("one", next="two"), two=echo(on_exhausted="dead_letter", next="three"), three=echo()
)
ROLLS_BACK = flow(one=undoable("one", next="two"), two=undoable("two", next="three"), three=echo())


@pytest.fixture
def ada(db: None):
    return a_user("ada")


@pytest.fixture
def parked(hand: Hand) -> DeadLetter:
    """A step that gave up while going forward."""
    run = a_run(PARKS)
    hand.claim()
    hand.succeed("one", {"key": "k", "note": "one"})
    hand.fail("two", retryable=False)
    return DeadLetter.objects.get(run=run.pk)


@pytest.fixture
def stuck(hand: Hand) -> DeadLetter:
    """An undo that gave up, with another still to come."""
    run = a_run(ROLLS_BACK)
    hand.claim()
    for key in ("one", "two"):
        hand.succeed(key, {"key": "k", "note": key})
    hand.fail("three", retryable=False)
    hand.fail("two", retryable=False)
    return DeadLetter.objects.get(run=run.pk)


def resolve(letter: DeadLetter, how: Resolution, by, **more) -> Run:
    resolve_dead_letter(letter_id=letter.pk, how=how, by=by, **more)
    return Run.objects.get(pk=letter.run_id)


# --- forward -----------------------------------------------------------------------------------------------------


def test_a_step_that_gave_up_holds_its_run(parked: DeadLetter):
    assert (parked.key, parked.phase, parked.fault["name"]) == ("two", "do", "Broken")
    assert (parked.run.status, parked.run.reason) == (RunStatus.RUNNING, "dead_lettered")


def test_it_is_tried_again_with_all_its_tries(parked: DeadLetter, hand: Hand, ada):
    run = resolve(parked, Resolution.RETRY, ada, reason="it works again")
    assert run.reason is None
    (held,) = hand.claim()
    assert (held.key, held.attempt) == ("two", 2)
    hand.succeed("two", 1)
    hand.succeed("three", 1)
    run.refresh_from_db()
    assert run.status == RunStatus.SUCCEEDED
    parked.refresh_from_db()
    assert (parked.status, parked.resolution, parked.resolved_by) == ("resolved", "retry", ada)
    assert parked.reason == "it works again"


def test_a_retry_that_fails_opens_a_new_one(parked: DeadLetter, hand: Hand, ada):
    run = resolve(parked, Resolution.RETRY, ada)
    hand.claim()
    hand.fail("two", retryable=False)
    assert sorted(run.dead_letters.values_list("status", flat=True)) == ["open", "resolved"]


def test_it_is_passed_over(parked: DeadLetter, hand: Hand, ada):
    run = resolve(parked, Resolution.SKIP, ada)
    assert run.step_runs.get(key="two").status == Status.SKIPPED
    assert [held.key for held in hand.claim()] == ["three"]


def test_it_is_marked_as_done_with_what_it_would_have_given(parked: DeadLetter, hand: Hand, ada):
    run = resolve(parked, Resolution.DONE, ada, output={"by": "hand"})
    step = run.step_runs.get(key="two")
    assert (step.status, step.output) == (Status.SUCCEEDED, {"is": {"by": "hand"}})
    assert [held.key for held in hand.claim()] == ["three"]


@pytest.mark.parametrize("how", Resolution)
def test_a_closed_one_is_refused(parked: DeadLetter, how: Resolution, ada):
    resolve(parked, Resolution.SKIP, ada)
    parked.refresh_from_db()
    with pytest.raises(Refused, match="is closed"):
        check_resolve(parked)
    before = Run.objects.get().seq
    with pytest.raises(Refused, match="is closed"):
        resolve(parked, how, ada)
    assert Run.objects.get().seq == before


def test_cancelling_closes_it(parked: DeadLetter, hand: Hand, ada):
    cancel_run(run_id=parked.run_id, by=ada)
    parked.refresh_from_db()
    assert parked.status == "closed"
    with pytest.raises(Refused, match="is closed"):
        resolve(parked, Resolution.RETRY, ada)
    hand.claim()
    hand.succeed("one")
    assert Run.objects.get().reason == "rolled_back"


def test_an_unknown_outcome_is_for_a_person_to_tell(hand: Hand, ada):
    run = a_run(flow(one=action("acme.record_once", **{"with": {"note": "x"}, "next": "two"}), two=echo()))
    hand.claim()
    retire_worker(hand.id)
    Hand().claim()
    run = resolve(
        run.dead_letters.get(), Resolution.DONE, ada, reason="I looked", output={"key": "k", "note": "x"}
    )
    other = Hand()
    assert [held.key for held in other.claim()] == ["two"]
    other.succeed("two", 1)
    run.refresh_from_db()
    assert run.status == RunStatus.SUCCEEDED


def test_an_output_that_breaks_the_contract_is_refused(hand: Hand, ada):
    run = a_run(flow(one=undoable("one", on_exhausted="dead_letter")))
    hand.claim()
    hand.fail("one", retryable=False)
    letter = run.dead_letters.get()
    for output in (None, {}, {"key": "k"}, {"key": "k", "note": 3}, [], {"key": "k", "note": "\ud800"}):
        with pytest.raises(OutputRefused, match="does not fit the contract of acme.record@1.0.0"):
            resolve(letter, Resolution.DONE, ada, output=output)
    letter.refresh_from_db()
    assert letter.status == "open"
    run = resolve(letter, Resolution.DONE, ada, output={"key": "k", "note": "n"})
    assert run.output == {"is": {"key": "k", "note": "n"}}


def test_an_output_is_told_of_nothing_but_what_was_done(parked: DeadLetter, stuck: DeadLetter, ada):
    for letter, how in ((parked, Resolution.SKIP), (parked, Resolution.RETRY), (stuck, Resolution.DONE)):
        with pytest.raises(Refused, match="of a step that was done by hand"):
            resolve(letter, how, ada, output={"key": "k", "note": "n"})


# --- undo --------------------------------------------------------------------------------------------------------


def test_an_undo_that_gave_up_stops_the_rollback(stuck: DeadLetter):
    assert (stuck.key, stuck.phase) == ("two", "undo")
    assert (stuck.run.status, stuck.run.reason) == (RunStatus.FAILED, "rollback_incomplete")
    assert dict(stuck.run.step_runs.values_list("key", "status"))["one"] == Status.SUCCEEDED


def test_its_retry_reopens_the_run_and_the_rollback_goes_on(stuck: DeadLetter, hand: Hand, ada):
    run = resolve(stuck, Resolution.RETRY, ada)
    assert (run.status, run.ended_at) == (RunStatus.UNDOING, None)
    (held,) = hand.claim()
    assert (held.key, held.phase) == ("two", "undo")
    hand.succeed("two")
    hand.succeed("one")
    run.refresh_from_db()
    assert (run.status, run.reason) == (RunStatus.FAILED, "rolled_back")
    assert run.ended_at is not None
    assert set(run.step_runs.values_list("key", "status")) == {
        ("one", "undone"),
        ("two", "undone"),
        ("three", "failed"),
    }


def test_its_retry_may_fail_again(stuck: DeadLetter, hand: Hand, ada):
    run = resolve(stuck, Resolution.RETRY, ada)
    hand.claim()
    hand.fail("two", retryable=False)
    run.refresh_from_db()
    assert run.reason == "rollback_incomplete"
    assert sorted(run.dead_letters.values_list("status", flat=True)) == ["open", "resolved"]


def test_done_by_hand_counts_as_undone_and_the_rollback_goes_on(stuck: DeadLetter, hand: Hand, ada):
    run = resolve(stuck, Resolution.DONE, ada)
    step = run.step_runs.get(key="two")
    assert (step.status, step.reason) == (Status.UNDONE, "decided_by_person")
    (held,) = hand.claim()
    assert held.key == "one"
    hand.succeed("one")
    run.refresh_from_db()
    assert (run.status, run.reason) == (RunStatus.FAILED, "rolled_back")


def test_a_skipped_one_leaves_the_rollback_incomplete(stuck: DeadLetter, hand: Hand, ada):
    run = resolve(stuck, Resolution.SKIP, ada)
    (held,) = hand.claim()
    assert held.key == "one"
    hand.succeed("one")
    run.refresh_from_db()
    assert (run.status, run.reason) == (RunStatus.FAILED, "rollback_incomplete")
    stuck.refresh_from_db()
    assert stuck.status == "resolved"
    with pytest.raises(Refused, match="is closed"):
        resolve(stuck, Resolution.RETRY, ada)


# --- what comes in after all -----------------------------------------------------------------------------------


@pytest.fixture
def overdue(hand: Hand) -> DeadLetter:
    """A step that its deadline parked while its attempt is out."""
    first = undoable("one", deadline="50ms", on_exhausted="dead_letter", next="two")
    run = a_run(flow(one=first, two=echo("${ steps.one.output.note }")))
    hand.claim()
    return wait_until(
        lambda: hand.claim() or DeadLetter.objects.filter(run=run.pk).first(), seconds=5, what="a dead letter"
    )


def test_a_late_success_closes_it_and_the_run_goes_on(overdue: DeadLetter, hand: Hand):
    hand.succeed("one", {"key": "k", "note": "late"})
    hand.succeed("two", "late")
    overdue.refresh_from_db()
    assert overdue.status == DeadLetterStatus.CLOSED
    run = Run.objects.get()
    assert (run.status, run.step_runs.get(key="one").status) == (RunStatus.SUCCEEDED, Status.SUCCEEDED)


def test_until_then_it_can_only_be_skipped(overdue: DeadLetter, hand: Hand, ada):
    for how, output in ((Resolution.RETRY, None), (Resolution.DONE, {"key": "k", "note": "by hand"})):
        with pytest.raises(Refused, match="attempt 1 is still being made"):
            resolve(overdue, how, ada, output=output)
    run = resolve(overdue, Resolution.SKIP, ada)
    assert run.step_runs.get(key="one").status == Status.ABANDONED
    hand.succeed("one", {"key": "k", "note": "late"}, go_on=False)
    undoing = hand.claim()
    assert [(held.key, held.phase, held.inputs) for held in undoing if held.key == "one"] == [
        ("one", "undo", {"note": "late"})
    ]


def test_what_was_done_and_could_not_be_noted_is_undone(hand: Hand):
    first = undoable("one", next="two", assign={"n": "${ output.missing }"}, catch=[{"next": "two"}])
    a_run(flow(one=first, two=echo("${ steps.one.output }")))
    hand.claim()
    hand.succeed("one", {"key": "k", "note": "one"}, go_on=False)
    held = {each.key: each for each in hand.claim()}
    assert (held["one"].phase, held["one"].inputs) == ("undo", {"note": "one"})
    assert held["two"].inputs == {"value": None}
