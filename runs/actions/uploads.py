"""Many runs from one file: each good row starts one, once."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone

from designer.models import Version
from runs.models import Upload
from runs.refusals import InputRefused

from .start import Origin, accept_run

ROWS_AT_ONCE = 100  # in one transaction: nobody waits long for the database
KEPT = timedelta(days=7)  # a file from which nothing was started


class RowRefused(NamedTuple):
    number: int
    sentence: str


@transaction.atomic(durable=True)
def add_upload(*, version: Version, name: str, text: str, by: Any) -> Upload:
    now = timezone.now()
    Upload.objects.filter(started_at=None, made_at__lt=now - KEPT).delete()
    return Upload.objects.create(
        workflow_id=version.workflow_id, version=version, name=name[:200], text=text, made_by=by, made_at=now
    )


def start_rows(*, upload: Upload, rows: Iterable[tuple[int, Any]], by: Any) -> list[RowRefused]:
    """A run for each row, of which there is one already where this was asked for before; and what was refused."""
    waiting, refused = list(rows), []
    for begin in range(0, len(waiting), ROWS_AT_ONCE):
        refused += _start_some(upload, waiting[begin : begin + ROWS_AT_ONCE], by)
    return refused


@transaction.atomic(durable=True)
def _start_some(upload: Upload, rows: list[tuple[int, Any]], by: Any) -> list[RowRefused]:
    refused = []
    for number, inputs in rows:
        try:
            accept_run(upload.version, inputs, Origin(by, row_key(upload, number)))
        except InputRefused as refusal:
            refused.append(RowRefused(number, str(refusal)))
    Upload.objects.filter(pk=upload.pk).update(started_at=timezone.now())
    return refused


def row_key(upload: Upload, number: int) -> str:
    return f"upload:{upload.pk}:{number}"
