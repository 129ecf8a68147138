"""Many runs from one file: each good row starts one, once.

Pressing the button only orders the first part. A worker starts the runs of some rows, notes how far it is and orders
the next part, in one transaction: when it dies nothing of the part has happened, and another worker goes on there.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from designer.actions import note_deed
from designer.models import Version
from runs import bell
from runs.models import Limits, Upload, Work
from runs.models.lanes import DEFAULT_LANE
from runs.models.work import WorkKind
from runs.refusals import InputRefused
from runs.sheet import Row, Sheet, read_part

from .start import Origin, accept_run

ROWS_AT_ONCE = 40  # in one transaction: nobody waits long for the database
KEPT = timedelta(days=7)  # a file from which nothing was started
LONGEST_REFUSAL = 300


@transaction.atomic(durable=True)
def add_upload(*, version: Version, name: str, text: str, by: Any) -> Upload:
    now = timezone.now()
    Upload.objects.filter(started_at=None, made_at__lt=now - KEPT).delete()
    return Upload.objects.create(
        workflow_id=version.workflow_id, version=version, name=name[:200], text=text, made_by=by, made_at=now
    )


@transaction.atomic(durable=True)
def begin_upload(*, upload: Upload, sheet: Sheet, by: Any) -> None:
    """Have the runs of its rows started. Asked for again it changes nothing."""
    counted = {"good": len(sheet.good), "bad": len(sheet.bad)}
    fresh = Upload.objects.filter(pk=upload.pk, started_at=None)
    if fresh.update(started_at=timezone.now(), started_by=by, **counted):
        _order_part(upload)
        note_deed("started", "file", upload.name, by=by, about=upload.pk, rows=len(sheet.good))


@transaction.atomic(durable=True)
def stop_upload(*, upload: Upload, by: Any) -> None:
    """Start no more runs from it; those that are under way go on. What has ended stays as it is."""
    under_way = Upload.objects.filter(pk=upload.pk, started_at__isnull=False, ended_at=None)
    if under_way.update(ended_at=timezone.now(), stopped_by=by):
        note_deed("stopped", "file", upload.name, by=by, about=upload.pk)


def start_rows(work: Work) -> None:
    """Start the runs of the next rows, and order the part after them. A part of the transaction that is open."""
    upload = Upload.objects.select_for_update().filter(pk=UUID(hex=work.does)).first()
    if upload is None or not upload.is_under_way:
        return
    schema = upload.version.document.get("input", {})
    rows = read_part(upload.text, schema, upload.taken, ROWS_AT_ONCE).rows
    upload.taken += len(rows)
    upload.begun += sum(_start(upload, row) for row in rows if not row.problems)
    if upload.taken < upload.rows:
        _order_part(upload)
    else:
        upload.ended_at = timezone.now()
    upload.save(update_fields=["taken", "begun", "refused", "ended_at"])


def row_key(upload: Upload, number: int) -> str:
    return f"upload:{upload.pk}:{number}"


def _start(upload: Upload, row: Row) -> bool:
    """Whether there is a run of it now. Why there is none is noted."""
    try:
        accept_run(upload.version, row.value, Origin(upload.started_by, row_key(upload, row.number)))
    except InputRefused as refusal:
        upload.refused[str(row.number)] = str(refusal)[:LONGEST_REFUSAL].replace("\0", "␀")
        return False
    return True


def _order_part(upload: Upload) -> None:
    """Beside the runs of its workflow: whoever works on those starts them too, and they are not kept waiting."""
    limits = Limits.objects.filter(pk=upload.workflow_id).first()
    lane = limits.lane if limits else DEFAULT_LANE
    Work.objects.create(kind=WorkKind.ROWS, does=upload.pk.hex, lane=lane, due_at=timezone.now())
    transaction.on_commit(bell.wake, robust=True)
