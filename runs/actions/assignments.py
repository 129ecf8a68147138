"""Attempts as workers hold them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from designer.graph import Action, AnyStep, Contract, Places, secrets_in
from designer.versions import graph_of
from runs.engine import Phase
from runs.models import Run, Work, idempotency_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """An attempt that a worker holds."""

    work_id: int
    token: int
    worker: UUID
    run_id: UUID
    no: int
    key: str
    attempt: int
    phase: Phase
    does: str
    contract: Contract
    inputs: Any  # an object, unless a flow says otherwise
    timeout: timedelta | None
    started_at: datetime
    secrets: Places = field(default_factory=dict)  # where in the inputs the definition wrote which ones

    @property
    def idempotency_key(self) -> str:
        return idempotency_key(self.run_id, self.key, self.no, self.phase)


def assignment_of(run: Run, work: Work, key: str, inputs: Any) -> Assignment:
    """What ``work``, which must be claimed, asks of its worker. ``key`` is the step's."""
    assert work.worker is not None and work.claimed_at is not None
    graph = graph_of(run.version_id)
    return Assignment(
        work_id=work.pk,
        token=work.token,
        worker=work.worker,
        run_id=run.pk,
        no=work.no,
        key=key,
        attempt=work.attempt,
        phase=Phase(work.phase),
        does=work.does,
        contract=graph.contracts[work.does],
        inputs=inputs,
        timeout=work.timeout,
        started_at=work.claimed_at,
        secrets=_secrets(graph.step(key), Phase(work.phase)),
    )


def _secrets(step: AnyStep, phase: Phase) -> Places:
    assert isinstance(step, Action)
    called = step if phase is Phase.DO else step.compensate
    return secrets_in(dict(called.inputs)) if called is not None else {}
