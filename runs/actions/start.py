"""Starting a run."""

from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from designer.graph import EvaluationError, fill, violations
from designer.models import Version
from designer.versions import graph_of
from runs import bell
from runs.engine import storage_flaw
from runs.models import Keeper, Run, Work
from runs.models.work import WorkKind
from runs.refusals import InputRefused


def start_run(*, version: Version, inputs: Any, by: Any = None, idempotency_key: str | None = None) -> Run:
    """Accept a run: once this returns, it is never lost.

    The same ``idempotency_key`` of the same workflow gives the same run. Raises InputRefused.
    """
    graph = graph_of(version.pk)
    if problems := violations(graph.input, inputs):
        raise InputRefused([(problem.path, problem.message) for problem in problems])
    if flaw := storage_flaw(inputs, largest=settings.CHOREO_VALUE_LIMIT):
        raise InputRefused([("", f"It {flaw}.")])
    key = _business_key(graph.business_key, inputs)
    try:
        return _accept(version, inputs, key, by, idempotency_key)
    except IntegrityError:
        if idempotency_key is None:
            raise
        # The key was taken a moment ago: the same request, sent twice.
        return Run.objects.get(workflow=version.workflow_id, idempotency_key=idempotency_key)


@transaction.atomic(durable=True)
def _accept(version: Version, inputs: Any, key: str, by: Any, idempotency_key: str | None) -> Run:
    if idempotency_key is not None:
        known = Run.objects.filter(workflow=version.workflow_id, idempotency_key=idempotency_key).first()
        if known is not None:
            return known
    now = timezone.now()
    run = Run(
        workflow_id=version.workflow_id,
        version=version,
        key=key,
        idempotency_key=idempotency_key,
        started_by=by,
        created_at=now,
    )
    # What is too large for the row refers to it and comes first: references are checked at the commit.
    run.input = Keeper(run).seal(inputs)
    run.save(force_insert=True)
    Work.objects.create(run=run, kind=WorkKind.START, due_at=now)
    transaction.on_commit(lambda: bell.ring(run.pk, 0, work=True), robust=True)
    return run


def _business_key(template: str, inputs: Any) -> str:
    try:
        return str(fill(template, {"input": inputs}))[:200]
    except EvaluationError as error:
        raise InputRefused([("business key", str(error))]) from error
