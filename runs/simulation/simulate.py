"""`simulate`: what would come of a run."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from designer.graph import EvaluationError, Graph, fill, violations
from runs.engine import RunStatus, storage_flaw
from runs.engine import events as e

from .limits import Limits, Metered
from .mocks import Mock
from .shell import NOON
from .simulated import Simulated, Stop
from .simulation import Simulation, called
from .world import UNBOUND, World

LIMITS = Limits()


class BadInput(ValueError):
    """The input does not fit the workflow: each place, and a sentence about it."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{path}: {message}" if path else message for path, message in problems))
        self.problems = problems


def simulate(
    graph: Graph,
    input: Any,
    mocks: Mapping[str, Mock] | None = None,
    *,
    start: datetime = NOON,
    limits: Limits = LIMITS,
    is_time_up: Callable[[], bool] = lambda: False,
    made_by: Callable[..., Simulation] = Simulation,
) -> Simulated:
    """What would come of a run of ``graph``, in memory, with the mocks in place of the world. Raises BadInput.

    ``is_time_up`` is asked again and again, and the simulation ends when it says so: here is no clock but the run's.
    """
    steps = Metered(graph.steps, is_time_up)
    run = made_by(
        graph=replace(graph, steps=steps, contracts=_bound(graph)),
        input=input,
        facts_of_run=_facts(graph, input, start, limits),
        now=start,
        largest=limits.largest,
        limits=limits,
        meter=steps,
        world=World(graph, mocks or {}),
    )
    stop, why = run.play()
    return told(run, start, stop, why)


def told(run: Simulation, start: datetime, stop: Stop, why: str) -> Simulated:
    ending = next((event for event in reversed(run.journal) if isinstance(event, e.RunEnded)), None)
    fault = ending.fault if ending is not None else None
    reason = run.state.condition()
    return Simulated(
        status=run.state.status,
        stopped=stop,
        why=why,
        reason=reason.value if reason else "",
        output=run.output_value(ending.output_of)
        if ending and ending.status is RunStatus.SUCCEEDED
        else None,
        error=fault.name if fault else None,
        cause=fault.message if fault else "",
        visits=tuple(run.visits),
        calls=tuple(run.calls),
        journal=tuple(run.journal),
        started_at=start,
        ended_at=run.now,
    )


def _bound(graph: Graph) -> dict[str, Any]:
    """The contracts, and for what is bound to nothing one that takes anything: mocks answer it."""
    return {**dict.fromkeys(called(graph), UNBOUND), **graph.contracts}


def _facts(graph: Graph, input: Any, start: datetime, limits: Limits) -> Mapping[str, Any]:
    """What expressions see as ``run``. Raises BadInput."""
    if problems := violations(graph.input, input):
        raise BadInput([(problem.path, problem.message) for problem in problems])
    if flaw := storage_flaw(input, largest=limits.largest):
        raise BadInput([("", f"It {flaw}.")])
    try:
        key = str(fill(graph.business_key, {"input": input}))[:200]
    except EvaluationError as error:
        raise BadInput([("business key", str(error))]) from error
    return {"id": "simulation", "key": key, "version": "", "started_at": start.isoformat()}
