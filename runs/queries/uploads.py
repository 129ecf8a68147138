from collections.abc import Mapping, Sequence

from runs.actions import row_key
from runs.models import Run, Upload


def runs_of_rows(upload: Upload, numbers: Sequence[int]) -> Mapping[int, Run]:
    """The runs that these rows of the file have started."""
    keys = {row_key(upload, number): number for number in numbers}
    runs = Run.objects.filter(workflow=upload.workflow_id, idempotency_key__in=keys)
    return {keys[run.idempotency_key or ""]: run for run in runs.defer("state", "input", "output", "fault")}
