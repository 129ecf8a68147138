"""What a transaction orders about a run, before it is written."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from designer.graph import Effect, Graph
from runs.engine import AS_BEFORE, Command, Event, PerformStep, Phase, events
from runs.models import Run, Subscription, Work, is_inline
from runs.models.work import WorkKind

from . import statements
from .assignments import FORESEEN, Assignment, Grip, assignment_of
from .children import tell_parent
from .columns import blank
from .record import Record

BLANK = blank(Work)
SOON = timedelta(seconds=1)  # what is due sooner than a broker's next look needs the bell


class Orders:
    """Gathers the work that a transaction orders about one run."""

    def __init__(self, run: Run, grip: Grip | None):
        self.run = run
        self.blank = BLANK | {"run_id": run.pk, "lane": run.lane}
        self.grip = grip
        self.ordered: list[dict[str, Any]] = []
        self.subscriptions: list[Subscription] = []
        self.kept: list[Kept] = []
        self.begun: list[Kept] = []  # those of them that have not been told to the run
        self.expected: deque[Kept] = deque()  # foreseen, and neither made yet nor written
        self.ordered_soon = False
        self.written = False
        self.answers: list[Event] = []

    def begin(self) -> list[Event]:
        """The facts that follow at once: the attempts that the worker goes on with have started."""
        begun, self.begun = self.begun, []
        return [kept.started() for kept in begun]

    def attempt(self, command: PerformStep, record: Record) -> "Kept":
        """What is ordered, neither kept nor handed out yet."""
        if command.inputs is not AS_BEFORE:
            column = "input" if command.phase is Phase.DO else "undo_input"
            record.change(command.no, **{column: record.keeper.seal(command.inputs)})
        work = self.blank | {
            "kind": WorkKind.ATTEMPT,
            "no": command.no,
            "attempt": command.attempt,
            "phase": command.phase,
            "does": command.does,
            "timeout": command.timeout,
            "due_at": command.due,
        }
        return Kept(work, record.key_of(command.no), command.inputs)

    def can_wait(self, commands: Iterable[Command], graph: Graph) -> bool:
        """Whether they order nothing but attempts that the worker can make now, and that can be made again."""
        return all(
            isinstance(command, PerformStep) and self._is_light(command, graph) for command in commands
        )

    def _is_light(self, command: PerformStep, graph: Graph) -> bool:
        if self.grip is None or command.inputs is AS_BEFORE or command.due > timezone.now():
            return False
        harmless = graph.contracts[command.does].effect is Effect.NONE
        return harmless and self.grip.foresees(command.does) and is_inline(command.inputs)

    def expect(self, commands: Iterable[Command], record: Record) -> None:
        """Put by what is ordered: it may be made before any of it is written."""
        for command in commands:
            assert isinstance(command, PerformStep)
            self.expected.append(self.attempt(command, record))

    def take_up(self, worker: UUID) -> "Kept | None":
        """The next that was expected, begun by the worker. It has no work that could be claimed."""
        if not self.expected:
            return None
        kept = self.expected.popleft()
        kept.claim(worker)
        return kept

    def settle(self) -> list[Event]:
        """What was expected and not made: the worker keeps what its grip takes, and the rest is for whoever is free."""
        while self.expected:
            self.hand_out(self.expected.popleft())
        return self.begin()

    def hand_out(self, attempt: "Kept") -> None:
        grip = self.grip
        if grip is not None and grip.takes(attempt.row["does"], first=not self.kept):
            attempt.claim(grip.worker)
            self.kept.append(attempt)
            self.begun.append(attempt)
        else:
            self.order(attempt)

    def order(self, attempt: "Kept") -> None:
        self.ordered.append(attempt.row)
        self.ordered_soon |= attempt.row["due_at"] <= timezone.now() + SOON

    def answered(self) -> list[Event]:
        """What the orders have brought about already. It comes before any other fact."""
        answers, self.answers = self.answers, []
        return answers

    def tell_parent(self) -> None:
        """The run that started this one, if it waits, hears that it has ended."""
        self.order_now(tell_parent(self.run))

    def order_now(self, work: dict[str, Any] | None) -> None:
        if work is not None:
            self.ordered.append(self.blank | work)
            self.ordered_soon = True

    def let_go(self, no: int) -> None:
        """The worker does not go on with this step after all: what followed has overtaken it."""
        self.kept = [kept for kept in self.kept if kept.row["no"] != no]
        self.begun = [kept for kept in self.begun if kept.row["no"] != no]
        self.expected = deque(kept for kept in self.expected if kept.row["no"] != no)

    def write(self, trip: statements.Trip) -> None:
        self.written = True
        if self.subscriptions:
            Subscription.objects.bulk_create(self.subscriptions)
        trip.insert(Work, self.ordered)
        for kept in self.kept:
            kept.written = trip.insert_one(Work, kept.row)

    def assignments(self) -> list[Assignment]:
        """What the worker goes on with, once it is written."""
        return [kept.assignment(self.run) for kept in self.kept]


@dataclass(slots=True)
class Kept:
    """An attempt that a worker goes on with itself: its work is written as claimed already, if it is at all."""

    row: dict[str, Any]
    key: str
    inputs: Any
    written: statements.Answer | None = None

    def claim(self, worker: UUID) -> None:
        self.row |= {"worker": worker, "token": 1, "claimed_at": timezone.now()}

    def started(self) -> Event:
        at, no, attempt = self.row["claimed_at"], self.row["no"], self.row["attempt"]
        who = str(self.row["worker"])
        return events.AttemptStarted(at=at, no=no, attempt=attempt, phase=self.row["phase"], worker=who)

    def assignment(self, run: Run) -> Assignment:
        [[pk]] = [[FORESEEN]] if self.written is None else self.written.rows
        return assignment_of(run, self.row | {"id": pk}, self.key, self.inputs)
