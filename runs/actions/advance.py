"""The heart: the one function that changes a run."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from django.conf import settings
from django.db import transaction

from designer.graph import Graph
from designer.versions import graph_of
from runs import bell
from runs.crash_points import crash_at
from runs.engine import Decision, Event, Needs, RunState, Values, decide, load_state
from runs.models import Run

from . import statements
from .assignments import Assignment, Grip
from .effects import Effects
from .limits import free_place
from .lookup import look_up, run_facts
from .record import Record


@dataclass(frozen=True, slots=True)
class Advance:
    """What came of it: how far the run's journal goes, and why facts were ignored (None for those that counted)."""

    run_id: UUID
    seq: int
    ignored: tuple[str | None, ...]
    effects: Effects

    def kept(self) -> list[Assignment]:
        """What the worker goes on with. Known once the trip is made."""
        return self.effects.assignments()


def locked_run(run_id: UUID) -> Run:
    """The run, locked until the transaction ends. Raises Run.DoesNotExist.

    Only against other deciders: whoever orders work for this run need not wait.
    """
    return Run.objects.select_for_update(no_key=True).get(pk=run_id)


def advance(run: Run, facts: Iterable[Event], *, grip: Grip | None = None) -> Advance:
    """Decide what follows from the facts, record it, carry it out, and ring when it is committed.

    ``run`` must be locked in the transaction that is open. A worker keeps what its ``grip`` takes: the commit that
    ends one step starts the next, and no queue is crossed.
    """
    trip = statements.Trip()
    told = advance_on(trip, run, facts, grip=grip)
    make(trip, [told])
    return told


def advance_on(
    trip: statements.Trip, run: Run, facts: Iterable[Event], *, grip: Grip | None = None
) -> Advance:
    """As `advance`, for several runs that share a trip, which is to be made once all are told (`make`)."""
    graph, state = graph_of(run.version_id), _state_of(run)
    values = Values(
        run=run_facts(run),
        largest=settings.CHOREO_VALUE_LIMIT,
        most_events=settings.CHOREO_EVENT_LIMIT,
        most_at_once=settings.CHOREO_STEP_LIMIT,
    )
    record, effects = Record(run), Effects(run, grip)
    pending, answers, ignored = deque(facts), deque[Event](), list[str | None]()
    while pending or answers:
        answering = bool(answers)
        decision = _decided(run, graph, state, (answers or pending).popleft(), values)
        record.add(state, decision)
        pending.extend(effects.carry_out(decision.commands, record))
        answers.extend(effects.answered())
        state, values = decision.state, decision.values
        if not answering:
            ignored.append(decision.ignored)
    if state.seq > run.seq:
        record.write(state, trip)
        if run.ended_at is not None:
            effects.tell_parent()
            transaction.on_commit(partial(free_place, run.workflow_id), robust=True)
        effects.write(trip)
    return Advance(run.pk, state.seq, tuple(ignored), effects)


def make(trip: statements.Trip, told: Iterable[Advance]) -> None:
    """Make the trip; ring, once it is committed, for the runs that went on."""
    trip.make()
    crash_at("record.in_transaction")
    went_on = [one for one in told if one.effects.written]
    if went_on:
        rings = [bell.Ring(one.run_id, one.seq) for one in went_on]
        soon = any(one.effects.ordered_soon for one in went_on)
        transaction.on_commit(partial(bell.ring_all, rings, work=soon), robust=True)


def _state_of(run: Run) -> RunState:
    """Read from its text, unless this very text is what this process has just written."""
    text, state = run.written
    return state if text is run.state else load_state(run.state)


def _decided(run: Run, graph: Graph, state: RunState, fact: Event, values: Values) -> Decision:
    answer = decide(graph, state, fact, values)
    while isinstance(answer, Needs):
        values = values.learning(look_up(run, answer.references))
        answer = decide(graph, state, fact, values)
    return answer
