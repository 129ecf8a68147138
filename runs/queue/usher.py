"""The usher: in the pusher's process, it decides when a worker gets a ticket.

A ticket costs little and a late one costs time, so it errs on the side of one too many; but never more than there
are idle workers, because a full queue would stop it from listening.
"""

import logging
from datetime import timedelta

from django.db.models import DurationField, ExpressionWrapper, F
from django.db.models.functions import Now

from designer.actions import seal_trail, settle_grants
from runs import bell
from runs.actions import (
    admit_waiting,
    catch_up,
    forget_signals,
    lanes_in_use,
    release_silent_workers,
    remove_old_runs,
    retire_worker,
    unclaimed,
)
from runs.models import Worker

from .board import Board, now
from .leaps import Leaps

logger = logging.getLogger(__name__)

POLL = 1.0  # the net under the bell
SETTLE = 0.05  # a ticket is given so long to claim before the same work asks for another
RETRY = 0.02  # how soon to look again for a worker when the bell found all of them busy; later and later
CANARY = 2.0  # the longest time without a ticket: one that comes through shows that the cluster lives
TIDIED = 5_000  # entries of the audit trail that are chained then: nobody gets a ticket meanwhile
TIDY = 60.0  # how often to look for what nobody needs any more
LOST = 3.0  # a ticket that an idle worker has not begun by then is lost


class Usher:
    def __init__(self, board: Board, workers: int, cluster: str) -> None:
        self.board = board
        self.workers = workers
        self.cluster = cluster
        self.listener: bell.Listener | None = None
        self.owed_since: float | None = None
        self.issued_at = 0.0
        self.swept_at = 0.0
        self.tidied_at = 0.0
        self.removed_at = 0.0
        self.leaps = Leaps()
        self.answered_due: object = None
        board.forget_issued()

    def wait_for_ticket(self) -> bool:
        """True when a worker shall get a ticket; waits up to a poll for a reason. Raises Error and BellLost."""
        self.listener = self.listener or bell.listen("work")
        self.sweep()
        called = self.is_called()
        if not self.has_room():
            self.owed_since = (self.owed_since or now()) if called else None
            return False
        self.owed_since = None
        return called or self.is_canary_due()

    def issue(self) -> None:
        self.board.issue()
        self.issued_at = now()

    def close(self) -> None:
        if self.listener is not None:
            self.listener.close()
            self.listener = None

    # --- reasons ---------------------------------------------------------------------------------------------

    def is_called(self) -> bool:
        """Waits. True when the bell has been rung, or when something is due."""
        assert self.listener is not None
        wait = self.time_to_wait()
        return wait <= 0 or bool(self.listener.wait(wait)) or self.owed_since is not None

    def time_to_wait(self) -> float:
        if not self.has_room():
            return POLL if self.owed_since is None else min(max(RETRY, now() - self.owed_since), POLL)
        if self.owed_since is not None:
            return 0.0
        if (settling := self.issued_at + SETTLE - now()) > 0:
            return settling
        return min(self.time_to_next_due(), self.time_to_canary(), POLL)

    def time_to_next_due(self) -> float:
        left = ExpressionWrapper(F("due_at") - Now(), output_field=DurationField())
        firsts = (unclaimed(lane).values_list("due_at", left).first() for lane in lanes_in_use())
        due_at, rest = min(filter(None, firsts), default=(None, timedelta(seconds=POLL)))
        if rest > timedelta(0):
            return rest.total_seconds()
        # A ticket for this very work has been given and did not take it: no hurry with the next one.
        answered, self.answered_due = self.answered_due == due_at, due_at
        return POLL if answered else 0.0

    def is_canary_due(self) -> bool:
        return self.time_to_canary() <= 0

    def time_to_canary(self) -> float:
        return self.issued_at + CANARY - now()

    # --- room ------------------------------------------------------------------------------------------------

    def has_room(self) -> bool:
        waiting = self.board.waiting()
        if waiting and now() - self.issued_at > LOST and self.board.busy() < self.workers:
            self.board.forget_issued()
            waiting = 0
        return self.board.busy() + waiting < self.workers

    # --- what fell silent --------------------------------------------------------------------------------------

    def sweep(self) -> None:
        if now() - self.swept_at < POLL:
            return
        self.swept_at = now()
        dead = self.board.bury()
        if dead and self.cluster:
            for worker in Worker.objects.filter(cluster=self.cluster, pid__in=dead).values_list(
                "pk", flat=True
            ):
                logger.warning("A worker process died; its work is given back.", extra={"worker": worker})
                retire_worker(worker)
        if (leap := self.leaps.look()) < 0:
            logger.warning("The database's clock was set back.", extra={"seconds": -leap})
            catch_up(timedelta(seconds=-leap))
        if self.leaps.silence_counts():
            release_silent_workers()
        admit_waiting()
        if now() - self.tidied_at >= TIDY:
            self.tidied_at = now()
            forget_signals()
            seal_trail(most=TIDIED)
            settle_grants()
        if now() - self.removed_at >= TIDY and not remove_old_runs():
            self.removed_at = now()  # while there are more, some go with each sweep
