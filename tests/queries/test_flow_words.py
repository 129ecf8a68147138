"""Steps with a flow say in a few words what they do."""

from typing import Any

import pytest

from designer.interop.asl import read_asl
from designer.queries.flow_words import said_of_flow


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ({"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:getObject"}, "s3:getObject"),
        ({"Type": "Pass"}, "passes values on"),
        ({"Type": "Pass", "Assign": {"total.$": "$.n", "kind": 1}}, "sets total, kind"),
        ({"Type": "Wait", "SecondsPath": "$.s"}, "for $.s seconds"),
        ({"Type": "Wait", "TimestampPath": "$.at"}, "until $.at"),
        ({"Type": "Wait", "Seconds": 5}, ""),
    ],
)
def test_a_step_says_what_it_does(state: dict[str, Any], said: str) -> None:
    graph = read_asl({"StartAt": "A", "States": {"A": {**state, "End": True}}}, key="said").graph
    assert said_of_flow(graph.steps["a"]) == said


def test_a_map_says_what_it_walks_and_a_failure_how_it_is_called() -> None:
    body = {"StartAt": "B", "States": {"B": {"Type": "Fail", "ErrorPath": "$.why"}}}
    states = {
        "A": {"Type": "Map", "ItemsPath": "$.all", "MaxConcurrency": 3, "ItemProcessor": body, "End": True}
    }
    steps = read_asl({"StartAt": "A", "States": states}, key="said").graph.steps
    assert (said_of_flow(steps["a"]), said_of_flow(steps["b"])) == ("$.all, 3 at once", "ends with $.why")
