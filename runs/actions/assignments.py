"""Attempts as workers hold them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from designer.graph import Action, Contract, Places, secrets_in
from designer.versions import graph_of
from runs.engine import Phase
from runs.models import Run, idempotency_key

FORESEEN = 0  # the work of an attempt that is made before it is written: it has none


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """The start of a run, which a worker holds."""

    work_id: int
    token: int
    worker: UUID
    run_id: UUID
    run: Run


def first_of_run(does: str, first: bool, kept: int) -> bool:
    return first


def nothing(does: str) -> bool:
    return False


@dataclass(slots=True)
class Grip:
    """What a worker keeps of what follows at once, as long as it has room; the rest is for whoever is free.

    ``wants`` is asked for each attempt: what it does, whether it is the first of its run, how many are kept already.
    ``foresees`` says of what does nothing outside whether it is so short that others follow before it is recorded.
    """

    worker: UUID
    room: int = 1
    wants: Callable[[str, bool, int], bool] = first_of_run
    foresees: Callable[[str], bool] = nothing
    kept: int = 0

    def anew(self) -> "Grip":
        """The same, empty-handed: for a transaction that is tried again."""
        return replace(self, kept=0)

    def takes(self, does: str, *, first: bool) -> bool:
        if self.kept >= self.room or not self.wants(does, first, self.kept):
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
        secrets=_secrets(run.version_id, key, phase),
        run=run,
    )


@lru_cache(maxsize=4_096)
def _secrets(version_id: UUID, key: str, phase: Phase) -> Places:
    """A version never changes, so a process looks through each of its steps once."""
    step = graph_of(version_id).step(key)
    assert isinstance(step, Action)
    called = step if phase is Phase.DO else step.compensate
    return secrets_in(dict(called.inputs)) if called is not None else {}
