"""Attempts as workers hold them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from designer.graph import Action, AnyStep, Contract, Places, secrets_in
from designer.versions import graph_of
from runs.engine import Phase
from runs.models import Run, idempotency_key


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
    # As the worker that holds the attempt last read or wrote it: where it has not changed since it is not read again.
    run: Run | None = field(default=None, repr=False, compare=False)

    @property
    def idempotency_key(self) -> str:
        return idempotency_key(self.run_id, self.key, self.no, self.phase)


def not_known(does: str) -> bool | None:
    return None


@dataclass(slots=True)
class Grip:
    """What a worker keeps of what follows at once, as long as it has room; the rest is for whoever is free.

    It keeps the first attempt of each run, unless that is known to be long and it has others, and of the further
    ones what is known to be short.
    """

    worker: UUID
    room: int = 1
    is_short: Callable[[str], bool | None] = not_known
    kept: int = 0

    def takes(self, does: str, *, first: bool) -> bool:
        short = self.is_short(does)
        if self.kept >= self.room or (self.kept and not short and not (first and short is None)):
            return False
        self.kept += 1
        return True


def assignment_of(run: Run, work: Mapping[str, Any], key: str, inputs: Any) -> Assignment:
    """What ``work``, a row by column that must be claimed, asks of its worker. ``key`` is the step's."""
    graph, phase = graph_of(run.version_id), Phase(work["phase"])
    return Assignment(
        work_id=work["id"],
        token=work["token"],
        worker=work["worker"],
        run_id=run.pk,
        no=work["no"],
        key=key,
        attempt=work["attempt"],
        phase=phase,
        does=work["does"],
        contract=graph.contracts[work["does"]],
        inputs=inputs,
        timeout=work.get("timeout"),
        started_at=work["claimed_at"],
        secrets=_secrets(graph.step(key), phase),
        run=run,
    )


def _secrets(step: AnyStep, phase: Phase) -> Places:
    assert isinstance(step, Action)
    called = step if phase is Phase.DO else step.compensate
    return secrets_in(dict(called.inputs)) if called is not None else {}
