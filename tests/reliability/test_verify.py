"""`choreo_verify` says nothing of a sound database, and of a damaged one what is wrong, where, and what to do."""

from collections.abc import Callable
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from runs.actions import start_run
from runs.models import JournalEntry, Run, StoredValue, Work, Worker
from runs.verification import PROMISES, looking
from tests.actions.flows import echo, flow
from tests.factories import Hand, a_run, a_version

pytestmark = pytest.mark.django_db

TWO = flow(one=echo("${ input.text }", next="two"), two=echo("${ steps.one.output }"))


def asked(*arguments: str) -> tuple[int, str]:
    """The exit code, and what was said."""
    said = StringIO()
    try:
        call_command("choreo_verify", *arguments, stdout=said)
    except SystemExit as exit:
        return int(exit.code or 0), said.getvalue()
    return 0, said.getvalue()


@pytest.fixture
def run(db: None) -> Run:
    """A run that has ended, with a value that is stored beside its rows."""
    run, hand = a_run(TWO, {"text": "x" * 300_000}), Hand()
    hand.claim()
    hand.succeed("one", "x" * 300_000)
    hand.succeed("two", "x" * 300_000)
    run.refresh_from_db()
    assert run.ended_at
    return run


def test_a_sound_database_is_sound(run: Run):
    code, said = asked()
    assert (code, said.split(" were")[0]) == (0, f"1 runs and {run.seq} journal entries")


DAMAGE: dict[str, Callable[[Run], object]] = {
    "the_journal_has_no_gap": lambda run: run.journal.filter(seq=3).delete(),
    "the_journal_explains_the_state": lambda run: run.journal.filter(kind="StepEntered").update(
        kind="StepParked"
    ),
    "rows_say_what_the_state_says": lambda run: Run.objects.update(status="failed"),
    "the_end_is_final": lambda run: Run.objects.update(ended_at=None),
    "a_living_run_awaits_something": lambda run: Work.objects.create(
        run=run, kind="timer", no=1, timer="due", due_at=run.created_at
    ),
    "attempts_are_counted_and_closed_once": lambda run: repeat(run, "AttemptSucceeded"),
    "stored_values_are_whole": lambda run: StoredValue.objects.update(data="{}"),
    "what_is_referred_to_is_stored": lambda run: StoredValue.objects.all().delete(),
    "who_holds_work_is_there": lambda run: Work.objects.create(
        kind="lock", due_at=run.created_at, worker=uuid4()
    ),
    "versions_are_what_was_published": lambda run: type(run.version).objects.update(digest="0" * 64),
    "runs_are_of_their_workflow": lambda run: Run.objects.update(
        workflow=a_version({"key": "other", "title": "Other", **TWO}).workflow
    ),
}


def repeat(run: Run, kind: str) -> None:
    entry = run.journal.filter(kind=kind).order_by("seq")[0]
    entry.pk, entry.seq = 0, run.seq + 1
    entry.save(force_insert=True)


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_named_with_its_place_and_what_to_do(name: str, run: Run):
    DAMAGE[name](run)
    code, said = asked()
    assert code == 1
    [line] = [line for line in said.splitlines() if f"\t{name}: " in line][:1]
    assert line.startswith((f"run {run.pk}\tI", "the database\tI"))
    assert "\tWhat to do: " in said
    assert said.splitlines()[-1].endswith("broken promises.")


def test_one_run_one_workflow_or_a_time_may_be_asked_for(run: Run):
    other = start_run(version=a_version({"key": "other", "title": "Other", **TWO}), inputs={"text": "a"})
    JournalEntry.objects.filter(run=run).delete()
    for narrowing in (("--run", str(other.pk)), ("--workflow", "other"), ("--unfinished",)):
        code, said = asked(*narrowing)
        assert (code, said[:6]) == (0, "1 runs"), narrowing
    assert asked("--since", "1d")[0] == 1
    assert asked("--since", "2199-01-01")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--workflow", "nobody"), "There is no workflow nobody."),
        (
            ("--run", "01a20885-0704-717c-b34f-068675735c87"),
            "There is no run 01a20885-0704-717c-b34f-068675735c87.",
        ),
        (("--since", "soon"), "soon is no moment"),
    ],
)
def test_what_is_asked_wrongly_is_refused(arguments: tuple[str, str], sentence: str):
    with pytest.raises(CommandError, match=sentence):
        asked(*arguments)


def test_what_is_read_while_somebody_writes_is_looked_at_again(run: Run, monkeypatch: pytest.MonkeyPatch):
    """The first look may see rows of different moments; what a second look at one moment does not see is not said."""
    first = looking.read_accounts

    def torn(runs):
        found = first(runs)
        found[0].beside.entries.pop()
        return found

    monkeypatch.setattr(looking, "read_accounts", torn)
    assert asked()[0] == 0


def test_it_looks_at_many_runs_in_pieces(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(looking, "RUNS_AT_ONCE", 3)
    monkeypatch.setattr(looking, "ENTRIES_AT_ONCE", 1)
    version = a_version(TWO)
    for _ in range(7):
        start_run(version=version, inputs={"text": "a"})
    code, said = asked()
    assert (code, said[:6]) == (0, "7 runs")


def test_every_promise_has_a_number_and_says_what_to_do():
    for promise in PROMISES:
        assert promise.number[0] == "I" and promise.advice.endswith(".")


def test_a_worker_is_known_as_long_as_its_row_stands(run: Run):
    worker = Worker.objects.create(host="h", pid=1, started_at=run.created_at, beat_at=run.created_at)
    Work.objects.create(kind="lock", does="x", due_at=run.created_at, worker=worker.pk)
    assert asked()[0] == 0
