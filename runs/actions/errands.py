"""Errands: claimed work that decides about no run, each done in a transaction of its own."""

import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta

from django.db import DatabaseError, transaction
from django.utils import timezone

from runs.models import Work
from runs.models.work import WorkKind

from .locks import let_in
from .signals import hand_out, look_for_kept, start_by_signal
from .uploads import start_rows

logger = logging.getLogger(__name__)

SET_ASIDE = timedelta(minutes=1)
ERRANDS: Mapping[WorkKind, Callable[[Work], None]] = {
    WorkKind.PUBLISH: hand_out,
    WorkKind.LISTEN: look_for_kept,
    WorkKind.SIGNAL: start_by_signal,
    WorkKind.LOCK: let_in,
    WorkKind.ROWS: start_rows,
}


def is_errand(work: Work) -> bool:
    """A signal that a run waits for is told to that run; any other starts one."""
    return work.kind in ERRANDS and (work.kind != WorkKind.SIGNAL or work.run_id is None)


def do_errands(errands: Iterable[Work]) -> None:
    """What the database could not do now is anybody's again; what is a defect of ours is set aside for a while."""
    for work in errands:
        try:
            _do(work)
        except DatabaseError as problem:
            logger.info("An errand is put back.", extra={"work": work.pk, "problem": str(problem)})
            _put_back(work, timedelta())
        except Exception:
            logger.exception(
                "An errand cannot be done. It is set aside for a while.", extra={"work": work.pk}
            )
            _put_back(work, SET_ASIDE)


@transaction.atomic(durable=True)
def _do(work: Work) -> None:
    """Unless it is another's by now."""
    if Work.objects.filter(pk=work.pk, worker=work.worker, token=work.token).delete()[0]:
        ERRANDS[WorkKind(work.kind)](work)


def _put_back(work: Work, pause: timedelta) -> None:
    held = Work.objects.filter(pk=work.pk, worker=work.worker, token=work.token)
    held.update(worker=None, due_at=timezone.now() + pause)
