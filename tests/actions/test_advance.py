"""The one function that changes a run: what it writes, and that it writes all of it or nothing."""

import pytest

from runs import bell
from runs.actions import Report, report_attempt
from runs.bell import Ring
from runs.engine import RunStatus
from runs.models import JournalEntry, Run, Work
from tests.actions.flows import echo, flow
from tests.factories import Hand, a_run
from tests.promises import find_violations

pytestmark = pytest.mark.django_db

TWO = flow(one=echo("${ input.n }", next="two"), two=echo("${ steps.one.output }"))


def test_a_run_goes_from_step_to_step_to_its_end(hand: Hand):
    run = a_run(TWO, {"n": 3})
    hand.claim()
    hand.succeed("one", 4)
    hand.succeed("two", 5)
    run.refresh_from_db()
    assert (run.status, run.output) == (RunStatus.SUCCEEDED, {"is": 5})
    assert not Work.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_fails_leaves_no_trace(hand: Hand, monkeypatch: pytest.MonkeyPatch):
    run = a_run(TWO, {"n": 3})
    (held,) = hand.claim()
    before = (Run.objects.get().state, JournalEntry.objects.count(), list(Work.objects.values()))

    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError("the database went away")

    with monkeypatch.context() as patch, pytest.raises(RuntimeError):
        patch.setattr("runs.actions.orders.Orders.write", fail)
        report_attempt(held, Report(output=4), go_on=True)
    assert (Run.objects.get().state, JournalEntry.objects.count(), list(Work.objects.values())) == before
    assert report_attempt(held, Report(output=4), go_on=True) is not None
    assert run.step_runs.count() == 2


@pytest.mark.django_db(transaction=True)
def test_the_bell_rings_after_the_commit_and_names_work_only_where_there_is_some(
    monkeypatch: pytest.MonkeyPatch,
):
    rings = []

    def rung(*told: Ring, work: bool) -> None:
        rings.extend((one.seq, work, Run.objects.get().seq) for one in told)

    monkeypatch.setattr(bell, "ring", lambda run, seq, *, work: rung(Ring(run, seq), work=work))
    monkeypatch.setattr(bell, "ring_all", lambda told, *, work: rung(*told, work=work))
    a_run(TWO, {"n": 3})
    hand = Hand()
    hand.claim()
    hand.succeed("one", 4, go_on=False)
    hand.claim()
    hand.succeed("two", 5)
    seqs = [seq for seq, _, _ in rings]
    assert seqs == sorted(seqs)
    assert [work for _, work, _ in rings] == [True, False, True, False, False]
    assert all(seq == stored for seq, _, stored in rings)


def test_the_promises_bite(hand: Hand):
    """Each kind of damage is seen."""
    run = a_run(TWO, {"n": 3})
    hand.claim()
    assert find_violations(run) == []

    def damage_shows(said: str) -> bool:
        return any(said in violation for violation in find_violations(run))

    Work.objects.update(attempt=2)
    assert damage_shows("attempts_and_timers_are_ordered")
    Work.objects.update(attempt=1)
    run.step_runs.update(status="succeeded")
    assert damage_shows("rows_say_what_the_state_says")
    run.step_runs.update(status="running")
    started = run.journal.get(kind="AttemptStarted")
    started.delete()
    assert damage_shows("the_journal_has_no_gap")
    assert damage_shows("the_journal_explains_the_state")
    started.save(force_insert=True)
    Work.objects.all().delete()
    assert damage_shows("a_living_run_awaits_something")
    Work.objects.create(
        run=run,
        kind="attempt",
        no=1,
        attempt=1,
        does="acme.echo",
        due_at=run.created_at,
        worker=hand.id,
        token=1,
    )
