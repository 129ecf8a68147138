"""Errands: claimed work that decides about no run, each done in a transaction of its own."""

import logging
from collections.abc import Iterable
from datetime import timedelta

from django.db import DatabaseError
from django.utils import timezone

from runs.models import Work
from runs.models.work import WorkKind

from .locks import let_in
from .signals import do_errand

logger = logging.getLogger(__name__)

SET_ASIDE = timedelta(minutes=1)


def is_errand(work: Work) -> bool:
    if work.kind == WorkKind.SIGNAL:
        return work.run_id is None
    return work.kind in (WorkKind.PUBLISH, WorkKind.LISTEN, WorkKind.LOCK)


def do_errands(errands: Iterable[Work]) -> None:
    """What the database could not do now is anybody's again; what is a defect of ours is set aside for a while."""
    for work in errands:
        try:
            (let_in if work.kind == WorkKind.LOCK else do_errand)(work)
        except DatabaseError as problem:
            logger.info("An errand is put back.", extra={"work": work.pk, "problem": str(problem)})
            _put_back(work, timedelta())
        except Exception:
            logger.exception(
                "An errand cannot be done. It is set aside for a while.", extra={"work": work.pk}
            )
            _put_back(work, SET_ASIDE)


def _put_back(work: Work, pause: timedelta) -> None:
    held = Work.objects.filter(pk=work.pk, worker=work.worker, token=work.token)
    held.update(worker=None, due_at=timezone.now() + pause)
