"""The journal in words."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import fields

from designer.graph import decode
from designer.versions import graph_of
from runs.engine import Ending, Event, Fault, Phase, Reason, RunStatus, dump_event, events
from runs.models import JournalEntry, Run
from runs.queries import journal_lines
from runs.queries.journal import LOUD, QUIET, TELL, TROUBLE, Teller, tell
from tests.actions.flows import SAGA, flow
from tests.factories import Hand, a_run, action, pinned

AT = datetime(2026, 11, 22, 14, tzinfo=UTC)
FAULT = Fault(name="Broken", message="it broke.")
GIVEN: dict[str, Any] = {
    "no": 1,
    "attempt": 1,
    "phase": Phase.DO,
    "worker": "",
    "fault": FAULT,
    "timer": "deadline",
    "due": AT + timedelta(seconds=30),
    "until": None,
    "outcome": "approve",
    "by": "rosa",
    "reason": "",
    "undo": True,
    "how": "retry",
    "key": "one",
    "scope": "both/a",
    "tries": 2,
    "response": "remind",
    "label": "otherwise",
    "next": "two",
    "name": "total",
    "compensable": True,
    "goes_on": False,
    "fatal": False,
    "abandoned": False,
    "branch": "a",
    "last": None,
    "passed": True,
    "ending": Ending(status=RunStatus.FAILED, rollback=True),
    "completed": 3,
    "status": RunStatus.FAILED,
    "output_of": None,
    "out": False,
    "arrival": "",
    "signal": "s1",
    "source": "/workflows/bank",
    "sent_at": AT,
    "count": 3,
    "closed": True,
    "skipped": False,
    "absorbed": False,
    "why": "b has failed",
    "ends_run": False,
    "child": "0190b8d6-0000-7000-8000-000000000000",
    "version": "1.0.0",
    "runs": "flow@^1",
    "awaited": True,
    "incomplete": False,
    "rule": 1,
    "hands_on": True,
    "at_once": 4,
    "tolerate": 1,
    "afresh": False,
}
REASONS = {
    "StepParked": Reason.DEAD_LETTERED,
    "StepFailed": Reason.GAVE_UP,
    "StepCancelled": Reason.OVERTAKEN,
}


def made(kind: type[Event]) -> JournalEntry:
    given = GIVEN | {"reason": REASONS.get(kind.__name__, "")}
    names = [f.name for f in fields(kind) if f.name != "at" and f.type != events.KeptAside]
    name, data = dump_event(kind(at=AT, **{name: given[name] for name in names}))
    no = data.pop("no", None)
    return JournalEntry(seq=7, kind=name, no=no, at=AT, data=data)


@pytest.fixture
def teller() -> Iterator[Teller]:
    graph = pinned(decode({"choreo": 1, "key": "flow", "title": "Flow", "owner": "acme", **SAGA}))
    return Teller(graph, {1: ("one", "")}, {(1, 1): 2})


def test_every_kind_of_event_has_words():
    assert set(TELL) == set(events.EVENTS)
    assert set(LOUD) | QUIET == set(events.EVENTS)
    assert set(TROUBLE) <= set(events.EVENTS)


@pytest.mark.parametrize("kind", events.EVENTS.values(), ids=lambda kind: kind.__name__)
def test_its_words_are_plain(kind: type[Event], teller: Teller):
    line = tell(made(kind), teller)
    assert line.text
    assert not any(sign in line.text for sign in ("{", "None", "_", "  "))
    assert line.name or line.text[0].isupper()


def test_a_first_attempt_that_is_ordered_is_told_by_its_start(teller: Teller):
    ordered = events.AttemptOrdered(at=AT, no=1, attempt=1, due=AT, tries=1)
    data = dump_event(ordered)[1]
    assert tell(JournalEntry(seq=1, kind="AttemptOrdered", no=1, at=AT, data=data), teller).text


@pytest.mark.django_db
def test_a_page_and_what_follows_it_tell_each_entry_once():
    run, hand = a_run({"start": "one", "steps": {"one": action()}}), Hand()
    hand.claim()
    seen = Run.objects.get(pk=run.pk)
    hand.succeed("one")
    page = journal_lines(seen, graph_of(run.version_id))
    run.refresh_from_db()
    following = journal_lines(run, graph_of(run.version_id), after=seen.seq)
    assert [line.seq for line in (*following, *page)] == [
        line.seq for line in journal_lines(run, graph_of(run.version_id))
    ]


@pytest.mark.django_db
def test_a_fail_step_ends_the_run_rather_than_giving_up():
    run = a_run(flow(no={"kind": "fail", "error": "Rejected", "message": "Too risky"}))
    Hand().claim()
    run.refresh_from_db()
    told = [line.text for line in journal_lines(run, graph_of(run.version_id))]
    assert "ended the run: Rejected: Too risky" in told


@pytest.mark.django_db
def test_errors_only_and_every_entry():
    run, hand = a_run(flow(one=action(retry={"attempts": 2, "wait": "1m"}))), Hand()
    hand.claim()
    hand.fail("one")
    run.refresh_from_db()
    graph = graph_of(run.version_id)
    assert [line.text[:16] for line in journal_lines(run, graph, which="errors")] == ["try 1 of 2 faile"]
    every = journal_lines(run, graph, which="every")
    assert [line.seq for line in every] == list(range(run.seq, 0, -1))
    assert [line.seq for line in journal_lines(run, graph, which="every", before=3)] == [2, 1]
