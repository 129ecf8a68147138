"""The heart: the one function that changes a run."""

from collections import deque
from collections.abc import Iterable
from functools import partial
from uuid import UUID

from django.conf import settings
from django.db import transaction
from msgspec.structs import replace

from designer.versions import graph_of
from runs import bell
from runs.crash_points import crash_at
from runs.engine import Decision, Event, Needs, RunState, Values, decide, events, load_state, values_aside
from runs.models import Run, is_inline

from . import statements
from .assignments import Assignment, Grip
from .effects import carry_out
from .limits import free_place
from .lookup import look_up, run_facts
from .orders import Orders
from .record import Record


class Advance:
    """A run on its way through one commit: it is told facts, decides what follows, and gathers what is to be written.

    Usually the run is locked by then. But a worker may also look ahead: what does nothing in the world outside can be
    made again, so it is made before any of it is recorded. That counts only if the run is found as it was (ADR 0046).
    """

    def __init__(self, run: Run, grip: Grip | None = None):
        self.run = run
        self.graph, self.state = graph_of(run.version_id), _state_of(run)
        self.values = Values(
            run=run_facts(run),
            largest=settings.CHOREO_VALUE_LIMIT,
            most_events=settings.CHOREO_EVENT_LIMIT,
            most_at_once=settings.CHOREO_STEP_LIMIT,
        )
        self.record, self.orders = Record(run), Orders(run, grip)
        self.ignored: list[str | None] = []  # why facts were, in their order; None for those that counted
        self.left: list[Event] = []  # what could not be foreseen
        self.first: Decision | None = None  # what follows from the next fact, where that is known already

    def tell(self, facts: Iterable[Event]) -> None:
        """Decide what follows, and carry it out. The run is locked, in the transaction that is open."""
        pending, answers = deque(facts), deque[Event]()
        while pending or answers:
            answering = bool(answers)
            decision = self._decided((answers or pending).popleft())
            self._take(decision)
            carry_out(decision.commands, self.orders, self.record)
            pending.extend(self.orders.begin())
            answers.extend(self.orders.answered())
            if not answering:
                self.ignored.append(decision.ignored)

    def foresee(self, fact: Event) -> bool:
        """Look ahead to what follows, if none of it would be missed; otherwise the run must be locked to be told."""
        if self.left:
            return False
        decision = self._decided(fact)
        if not self._can_wait(decision):
            self.first = decision
            return False
        self._take(decision)
        self.orders.expect(decision.commands, self.record)
        return True

    def hear(self, fact: Event) -> None:
        """Foresee what follows from the fact, or leave it until the run is locked."""
        if not self.foresee(fact):
            self.left.append(fact)

    def take_up(self, worker: UUID) -> Assignment | None:
        """The next of the attempts that were foreseen, begun by the worker; None: there is none."""
        kept = None if self.left else self.orders.take_up(worker)
        if kept is None:
            return None
        self.hear(kept.started())
        return kept.assignment(self.run)

    def settle(self, grip: Grip | None) -> None:
        """The run is locked now, and is as it was when we looked ahead: tell what was left, and hand out the rest."""
        self.orders.grip = grip
        left, self.left = self.left, []
        self.tell(left)
        self.tell(self.orders.settle())

    def write(self, trip: statements.Trip) -> None:
        if self.state.seq == self.run.seq:
            return
        self.record.write(self.state, trip)
        if self.run.ended_at is not None:
            self.orders.tell_parent()
            transaction.on_commit(partial(free_place, self.run.workflow_id), robust=True)
        self.orders.write(trip)

    @property
    def expects_more(self) -> bool:
        """Whether there are attempts that were foreseen and have not been taken up."""
        return bool(self.orders.expected)

    @property
    def seq(self) -> int:
        """How far the run's journal goes."""
        return self.state.seq

    def kept(self) -> list[Assignment]:
        """What the worker goes on with. Known once the trip is made."""
        return self.orders.assignments()

    def _take(self, decision: Decision) -> None:
        self.record.add(self.state, decision)
        self.state, self.values = decision.state, decision.values

    def _can_wait(self, decision: Decision) -> bool:
        """Whether nothing follows but attempts without effect, and no value that has a row of its own."""
        if decision.ignored is not None or not self.orders.can_wait(decision.commands, self.graph):
            return False
        return all(is_inline(value) for event in decision.events for value in values_aside(event))

    def _decided(self, fact: Event) -> Decision:
        if self.first is not None:
            first, self.first = self.first, None
            return first
        if isinstance(fact, events.RunStarted):
            self.values = replace(self.values, run=run_facts(self.run, fact.at))
        answer = decide(self.graph, self.state, fact, self.values)
        while isinstance(answer, Needs):
            self.values = self.values.learning(look_up(self.run, answer.references))
            answer = decide(self.graph, self.state, fact, self.values)
        return answer


def locked_run(run_id: UUID) -> Run:
    """The run, locked until the transaction ends. Raises Run.DoesNotExist.

    Only against other deciders: whoever orders work for this run need not wait.
    """
    return Run.objects.select_for_update(no_key=True).get(pk=run_id)


def advance(run: Run, facts: Iterable[Event]) -> Advance:
    """Decide what follows from the facts, record it, carry it out, and ring when it is committed.

    ``run`` must be locked in the transaction that is open.
    """
    told, trip = Advance(run), statements.Trip()
    told.tell(facts)
    told.write(trip)
    make(trip, [told])
    return told


def make(trip: statements.Trip, told: Iterable[Advance]) -> None:
    """Make the trip; ring, once it is committed, for the runs that went on."""
    trip.make()
    crash_at("record.in_transaction")
    went_on = [one for one in told if one.orders.written]
    if went_on:
        rings = [bell.Ring(one.run.pk, one.seq) for one in went_on]
        soon = any(one.orders.ordered_soon for one in went_on)
        transaction.on_commit(partial(bell.ring_all, rings, work=soon), robust=True)


def _state_of(run: Run) -> RunState:
    """Read from its text, unless this very text is what this process has just written."""
    text, state = run.written
    return state if text is run.state else load_state(run.state)
