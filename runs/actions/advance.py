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
from .assignments import Assignment
from .effects import Effects
from .limits import free_place
from .lookup import look_up, run_facts
from .record import Record


@dataclass(frozen=True, slots=True)
class Advance:
    """What came of it: what the worker goes on with, and why facts were ignored (None for those that counted)."""

    seq: int
    kept: Assignment | None
    ignored: tuple[str | None, ...]


def locked_run(run_id: UUID) -> Run:
    """The run, locked until the transaction ends. Raises Run.DoesNotExist.

    Only against other deciders: whoever orders work for this run need not wait.
    """
    return Run.objects.select_for_update(no_key=True).get(pk=run_id)


def advance(run: Run, facts: Iterable[Event], *, worker: UUID | None = None) -> Advance:
    """Decide what follows from the facts, record it, carry it out, and ring when it is committed.

    ``run`` must be locked in the transaction that is open. A ``worker`` keeps the first attempt that is due at
    once: the commit that ends one step starts the next, and no queue is crossed.
    """
    graph, state = graph_of(run.version_id), load_state(run.state)
    values = Values(
        run=run_facts(run),
        largest=settings.CHOREO_VALUE_LIMIT,
        most_events=settings.CHOREO_EVENT_LIMIT,
        most_at_once=settings.CHOREO_STEP_LIMIT,
    )
    record, effects = Record(run), Effects(run, worker)
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
        trip = statements.Trip()
        record.write(state, trip)
        if run.ended_at is not None:
            effects.tell_parent()
        effects.write(trip)
        trip.make()
        crash_at("record.in_transaction")
        transaction.on_commit(partial(bell.ring, run.pk, state.seq, work=effects.ordered_soon), robust=True)
        if run.ended_at is not None:
            transaction.on_commit(partial(free_place, run.workflow_id), robust=True)
    return Advance(state.seq, effects.assignment(), tuple(ignored))


def _decided(run: Run, graph: Graph, state: RunState, fact: Event, values: Values) -> Decision:
    answer = decide(graph, state, fact, values)
    while isinstance(answer, Needs):
        values = values.learning(look_up(run, answer.references))
        answer = decide(graph, state, fact, values)
    return answer
