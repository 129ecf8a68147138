"""States tried alone come out as the real service's TestState tells it, stage by stage.

What does not is listed in `failing_teststate.json`, each with the reason; the list can only shrink.
"""

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from designer.dataflow import Seen
from designer.interop.asl import Mock, Tried, Untestable, try_state

from .definitions import corpus, exceptions

CASES = corpus("asl_teststate_oracle")
FAILING = exceptions("failing_teststate")
PLACEHOLDER = re.compile(r"<[A-Za-z][^<>]*>|^date$")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_it_comes_out_as_it_was_recorded(case: dict[str, Any]) -> None:
    different = list(differences(case))
    if case["id"] in FAILING:
        assert different, f"{case['id']} is as it was recorded now: take it out of failing_teststate.json."
    else:
        assert not different


def test_nearly_all_hold_and_the_list_says_why() -> None:
    assert len(FAILING) <= len(CASES) * 5 // 100
    assert FAILING.keys() <= {case["id"] for case in CASES}
    assert all(reason.endswith(".") for reason in FAILING.values())


def differences(case: dict[str, Any]) -> list[str]:
    expected = case["expected"]
    try:
        tried = try_state(case["state_definition"], seen(case), name=case["state_name"], mock=mock(case))
    except Untestable as error:
        return [] if "validation_error" in expected else [f"refused: {error}"]
    if "validation_error" in expected:
        return ["was not refused"]
    return told_apart(expected, tried)


def told_apart(expected: dict[str, Any], tried: Tried) -> list[str]:
    pairs = {
        "status": (expected["status"], tried.status),
        "error": (expected.get("error"), tried.error),
        "nextState": (expected.get("nextState"), tried.next),
        "output": (parsed(expected.get("output")), tried.output),
    }
    for stage, value in expected.get("inspectionData", {}).items():
        pairs[stage] = (parsed(value), parsed(tried.stages.get(stage)))
    return [
        f"{name}: {came!r}, not {wanted!r}"
        for name, (wanted, came) in pairs.items()
        if not alike(wanted, came)
    ]


def parsed(output: Any) -> Any:
    """The recording leaves outputs that are lists as their text."""
    return json.loads(output) if isinstance(output, str) and output[:1] in ("[", "{") else output


def alike(wanted: Any, came: Any) -> bool:
    if isinstance(wanted, str) and PLACEHOLDER.search(wanted):
        return True
    if isinstance(wanted, dict) and isinstance(came, dict):
        known = {name for name in wanted if name not in ("RoleArn", "RetryCount", "EnteredTime")}
        return known <= came.keys() and all(alike(wanted[name], came[name]) for name in known)
    if isinstance(wanted, list) and isinstance(came, list):
        return len(wanted) == len(came) and all(map(alike, wanted, came))
    return isinstance(wanted, bool) == isinstance(came, bool) and wanted == came


def seen(case: dict[str, Any]) -> Seen:
    context = case["context"] or {
        "Execution": {"Id": "x", "Input": case["input"], "Name": "x", "StartTime": "date"},
        "StateMachine": {"Id": "x", "Name": "x"},
        "State": {"Name": "StateName", "EnteredTime": "date"},
    }
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return Seen(input=case["input"], now=now, variables=case["variables"] or {}, context=context)


def mock(case: dict[str, Any]) -> Mock | None:
    given, counts = case["mock"], case["stateConfiguration"] or {}
    if given is None:
        return None
    told: dict[str, Any] = {"tries": counts.get("retrierRetryCount", 0)}
    if "result" in given:
        told["result"] = json.loads(given["result"])
    if "errorOutput" in given:
        told |= {
            "error": given["errorOutput"].get("error", ""),
            "cause": given["errorOutput"].get("cause", ""),
        }
    return Mock(**told)
