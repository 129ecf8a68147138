"""Starting a run."""

from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from designer.actions import note_deed
from designer.graph import EvaluationError, fill, violations
from designer.models import Version
from designer.versions import graph_of
from runs import bell
from runs.engine import storage_flaw
from runs.models import Keeper, Limits, Run, Trigger, Work
from runs.models.lanes import DEFAULT_LANE, PARKED
from runs.models.work import WorkKind
from runs.refusals import InputRefused, KeyReused

from . import statements
from .columns import row_to_insert
from .limits import admit_starts


class Started(NamedTuple):
    run: Run
    replayed: bool  # whether an earlier request with the same key has started it


class Parent(NamedTuple):
    """The run that starts another, and the step by which it does."""

    run: Run
    no: int
    attempt: int
    awaited: bool


class Origin(NamedTuple):
    """Who or what asks for a run, and by which name of its own."""

    by: Any = None
    idempotency_key: str | None = None
    trigger: Trigger | None = None
    parent: Parent | None = None


def start_run(*, version: Version, inputs: Any, by: Any = None, idempotency_key: str | None = None) -> Run:
    """Accept a run: once this returns, it is never lost.

    The same ``idempotency_key`` of the same workflow gives the same run. Raises InputRefused.
    """
    return accept_run(version, inputs, Origin(by, idempotency_key), durable=True).run


def start_once(*, version: Version, inputs: Any, by: Any, idempotency_key: str | None) -> Started:
    """As `start_run`, and says whether the run was there already. Raises InputRefused, KeyReused."""
    started = accept_run(version, inputs, Origin(by, idempotency_key), durable=True)
    if started.replayed and not _same(Keeper(started.run).open(started.run.input), inputs):
        raise KeyReused("This key has started a run with another input. Use a new key for a new run.")
    return started


def accept_run(version: Version, inputs: Any, origin: Origin, *, durable: bool = False) -> Started:
    """As `start_run`, unless ``durable`` as a part of the transaction that is open. Raises InputRefused."""
    if known := _started_before(version, origin.idempotency_key):
        return Started(known, replayed=True)
    key = key_of_accepted(version, inputs)
    try:
        with transaction.atomic(durable=durable):
            return Started(_insert(version, inputs, key, origin), replayed=False)
    except IntegrityError:
        # The key was taken a moment ago: the same request, sent twice.
        known = _started_before(version, origin.idempotency_key)
        if known is None:
            raise
        return Started(known, replayed=True)


def key_of_accepted(version: Version, inputs: Any) -> str:
    """The business key that a run with this input has. Raises InputRefused where there can be none."""
    graph = graph_of(version.pk)
    if problems := violations(graph.input, inputs):
        raise InputRefused([(problem.path, problem.message) for problem in problems])
    if flaw := storage_flaw(inputs, largest=settings.CHOREO_VALUE_LIMIT):
        raise InputRefused([("", f"It {flaw}.")])
    return _business_key(graph.business_key, inputs)


def _started_before(version: Version, idempotency_key: str | None) -> Run | None:
    if idempotency_key is None:
        return None
    return Run.objects.filter(workflow=version.workflow_id, idempotency_key=idempotency_key).first()


def _insert(version: Version, inputs: Any, key: str, origin: Origin) -> Run:
    now, limits = timezone.now(), Limits.objects.filter(pk=version.workflow_id).first()
    run = Run(
        workflow_id=version.workflow_id,
        version=version,
        key=key,
        idempotency_key=origin.idempotency_key,
        started_by=origin.by,
        trigger=origin.trigger,
        lane=limits.lane if limits else DEFAULT_LANE,
        created_at=now,
    )
    # What is too large for the row refers to it and comes first: references are checked at the commit.
    if (parent := origin.parent) is not None:
        run.parent, run.parent_no, run.parent_attempt = parent.run, parent.no, parent.attempt
        run.awaited, run.depth = parent.awaited, parent.run.depth + 1
    run.input = Keeper(run).seal(inputs)
    # What a run that is under way starts is a part of it, and waits at no gate: it might wait for itself.
    gate = limits if limits and limits.gated and parent is None else None
    work = Work(run=run, kind=WorkKind.START, due_at=now, lane=PARKED if gate else run.lane, gate=gate)
    trip = statements.Trip()
    trip.insert(Run, [row_to_insert(run)])
    trip.insert(Work, [row_to_insert(work)])
    trip.make()
    if origin.by is not None:
        note_deed("started", "run", run.name, by=origin.by, about=run.pk, workflow=version.workflow.key)
    if gate:
        transaction.on_commit(partial(admit_starts, version.workflow_id), robust=True)
    transaction.on_commit(partial(bell.ring, run.pk, 0, work=True), robust=True)
    return run


def _business_key(template: str, inputs: Any) -> str:
    try:
        return str(fill(template, {"input": inputs}))[:200]
    except EvaluationError as error:
        raise InputRefused([("business key", str(error))]) from error


def _same(one: Any, other: Any) -> bool:
    """Whether two values are the same JSON: 1 is 1.0, as databases have it, and neither is true."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_same(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return one == other and isinstance(one, bool) == isinstance(other, bool)
