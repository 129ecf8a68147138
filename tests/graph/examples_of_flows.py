"""For the checks of flows a graph that has the problem and one that has not."""

from collections.abc import Mapping
from typing import Any

from designer.dataflow import DataFlow, Language
from designer.graph import SetVariables

from .examples import Example, action, graph

RESOURCE = "arn:aws:states:::lambda:invoke"


def passing(key: str, language: Language = Language.JSONPATH, **fields: Any) -> SetVariables:
    """A step that passes on what its flow makes of the value it is given."""
    next = fields.pop("next", None)
    return SetVariables(key=key, next=next, flow=DataFlow(language=language, fields=fields))


OF_FLOWS: Mapping[str, tuple[Example, ...]] = {
    "bad_flow": (
        Example(graph(passing("s", InputPath="$.a[")), graph(passing("s", InputPath="$.a")), "s",
                "flow.InputPath", "cannot be worked out", mends=False),
        Example(graph(passing("s", Language.JSONATA, Output="{% $states.input. %}")),
                graph(passing("s", Language.JSONATA, Output="{% $states.input.a %}")), "s", "flow.Output",
                "cannot be worked out", mends=False),
    ),
    "unbound_step": (
        Example(graph(action("look", "", resource=RESOURCE)), graph(action("look", resource=RESOURCE)), "look", "does",
                "is not bound to anything yet", mends=False),
    ),
    "flow_reads_unknown_variable": (
        Example(graph(passing("s", Parameters={"a.$": "$total"})),
                graph(passing("b", Assign={"total.$": "$.n"}, next="s"), passing("s", Parameters={"a.$": "$total"})),
                "s", "flow", "reads the variable total", mends=False),
        Example(graph(passing("b", Assign={"total.$": "$.n"}, next="s"), passing("s", Parameters={"a.$": "$totla"})),
                graph(passing("b", Assign={"total.$": "$.n"}, next="s"), passing("s", Parameters={"a.$": "$total"})),
                "s", "flow", "Did you mean “total”?", mends=False),
    ),
}  # fmt: skip
