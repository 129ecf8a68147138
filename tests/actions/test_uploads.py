"""Many runs from one file, started part by part by workers who may die at any point: each row once."""

from typing import Any

import pytest

from runs.actions import (
    Grip,
    add_upload,
    begin_upload,
    claims,
    retire_worker,
    set_limits,
    stop_upload,
    uploads,
)
from runs.engine import RunStatus
from runs.models import Run, Upload, Work
from runs.models.lanes import PARKED
from runs.sheet import read_sheet
from tests.actions.flows import echo, flow
from tests.actions.mortal import Mortals
from tests.factories import Hand, a_user, a_version

pytestmark = pytest.mark.django_db
SCHEMA = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}
DOCUMENT = {**flow(one=echo("x")), "input": SCHEMA, "business_key": "${ 100 / input.n }"}
ROWS = [1, 2, 3, 0, 4, 5, "x", 6, 7, 8, 9, 10]  # of 0 there is no business key, and x is no number


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "ROWS_AT_ONCE", 3)


def begun(rows: list[Any] = ROWS) -> Upload:
    version, person = a_version(DOCUMENT), a_user()
    text = "n\n" + "\n".join(map(str, rows))
    upload = add_upload(version=version, name="rows.csv", text=text, by=person)
    for _ in range(2):  # pressed twice
        begin_upload(upload=upload, sheet=read_sheet(text, SCHEMA), by=person)
    upload.refresh_from_db()
    return upload


def check_all_started_once(upload: Upload) -> None:
    upload.refresh_from_db()
    assert (upload.good, upload.bad, upload.taken, upload.begun) == (11, 1, 12, 10)
    assert not upload.is_under_way and list(upload.refused) == ["5"]
    assert sorted(Run.objects.values_list("key", flat=True)) == sorted(str(100 // n) for n in range(1, 11))


def test_workers_start_them_part_by_part(hand: Hand):
    upload = begun()
    assert Work.objects.count() == 1
    claims.claim_once(Grip(hand.id))
    claimed = claims.claim_once(Grip(hand.id))
    assert not claimed.errands and not Run.objects.exists(), "it is in the first worker's hands"
    retire_worker(hand.id)
    Mortals().finish()
    check_all_started_once(upload)
    assert set(Run.objects.values_list("status", flat=True)) == {RunStatus.SUCCEEDED}


@pytest.mark.parametrize("row", [1, 2, 3, 4, 8, 11])
def test_a_worker_who_dies_in_the_middle_of_a_part_has_done_nothing_of_it(
    row: int, monkeypatch: pytest.MonkeyPatch
):
    upload, accept, seen = begun(), uploads.accept_run, []

    def die_once(*args: Any) -> Any:
        seen.append(args)
        if len(seen) == row:
            raise SystemExit
        return accept(*args)

    monkeypatch.setattr(uploads, "accept_run", die_once)
    hand = Hand()
    with pytest.raises(SystemExit):
        while True:
            hand.claim(1)
    upload.refresh_from_db()
    assert upload.taken % 3 == 0 and upload.begun == Run.objects.count()
    retire_worker(hand.id)
    Mortals().finish()
    check_all_started_once(upload)


def test_nothing_more_is_started_from_one_that_is_stopped(hand: Hand):
    upload, person = begun(), a_user("eve")
    Mortals().step()
    there = Run.objects.count()
    for _ in range(2):
        stop_upload(upload=upload, by=person)
    Mortals().finish()
    upload.refresh_from_db()
    assert Run.objects.count() == there == upload.begun < 10
    assert upload.stopped_by == person and not upload.is_under_way


def test_what_has_ended_is_not_stopped():
    upload = begun([1])
    Mortals().finish()
    stop_upload(upload=upload, by=a_user("eve"))
    upload.refresh_from_db()
    assert upload.stopped_by is None


def test_its_runs_wait_at_the_gate_of_their_workflow(hand: Hand):
    upload = begun([1, 2, 3, 4])
    set_limits(workflow=upload.workflow, by=None, max_running=1)
    while Work.objects.filter(kind="rows").exists():
        hand.claim()
    assert Run.objects.count() == 4
    assert Work.objects.filter(lane=PARKED).count() >= 3
