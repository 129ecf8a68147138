"""Sagas do what their own engines' tests say: what is done, what is undone, in which order, and how it ends."""

from typing import Any

import pytest

from runs.engine import Phase
from runs.engine import events as e
from runs.simulation import Simulated, Stop, simulate

from .definitions import corpus
from .sagas import graph_of, mocks_of

CASES = corpus("saga_oracle")


@pytest.mark.parametrize("saga", CASES, ids=lambda saga: saga["id"])
def test_a_saga_goes_forward_and_back(saga: dict[str, Any]) -> None:
    expected, came = saga["expected"], played(saga)
    undoing = compensations(saga)
    assert done(came, undoing) == expected["forward"]
    assert undone(came, undoing) == expected["compensations"]
    assert expected["status"] in ends(came)


def comes_out(saga: dict[str, Any]) -> bool:
    expected, came, undoing = saga["expected"], played(saga), compensations(saga)
    went = [done(came, undoing), undone(came, undoing)]
    return went == [expected["forward"], expected["compensations"]] and expected["status"] in ends(came)


def played(saga: dict[str, Any]) -> Simulated:
    return simulate(graph_of(saga), {"invoke1": "invoke1=true" in saga["note"]}, mocks_of(saga))


def compensations(saga: dict[str, Any]) -> dict[str, Any]:
    return {one["name"]: one["compensation"] for one in saga["steps"]}


def undone(came: Simulated, names: dict[str, Any]) -> list[str]:
    return [names[call.title] for call in came.calls if call.phase is Phase.UNDO]


def done(came: Simulated, names: dict[str, Any]) -> list[str]:
    """The steps that were tried, in the order in which they were begun."""
    return [call.title for call in came.calls if call.phase is Phase.DO and call.title in names]


def ends(came: Simulated) -> set[str]:
    """What other engines call this end. What has failed and leaves nothing undone has many names."""
    parked = any(isinstance(event, e.StepParked) and event.fault for event in came.journal)
    if came.reason == "rollback_incomplete" or (parked and came.stopped is Stop.WAITING):
        return {"SUSPENDED"}
    if came.status == "succeeded":
        return {"COMPLETED"}
    assert came.status == "failed"
    return {"COMPENSATED"} if came.reason == "rolled_back" else {"ABORTED", "FAILED", "COMPENSATED"}
