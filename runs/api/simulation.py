"""Simulations: what would come of a run."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from designer.api.bodies import JsonBody
from designer.api.operations import operation
from designer.api.problems import Problem
from designer.api.view import ApiView
from designer.graph import Graph
from designer.reading import pointer
from designer.versions import graph_of
from runs.rehearsal import Flawed, graph_to_rehearse, rehearse

from .runs import chosen_version
from .simulation_shapes import SimulateBody, SimulatedShape

EXAMPLE = {
    "definition": {
        "StartAt": "Charge",
        "States": {"Charge": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True}},
    },
    "input": {"amount": 12},
    "mocks": {"Charge": [{"output": {"charge": "ch-1"}}]},
}


class Simulations(ApiView):
    needs = {"POST": "designer.view_workflow"}
    parser_classes = [JsonBody]

    @operation(
        "simulate", "Simulate a run", tag="Runs", answer=SimulatedShape,
        said="What would come of it. Nothing is kept, nothing outside is called: mocks answer in place of steps,"
        " people, signals and other runs, and waits are over at once.",
        also={422: "The definition, the input or the mocks are not right; each place is named."},
        takes=SimulateBody, example=EXAMPLE,
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        sent = self.sent(SimulateBody)
        came = rehearse(chosen_graph(request.user, sent), sent["input"], sent["mocks"])
        return Response(SimulatedShape(came.told()).data)


def chosen_graph(user: Any, sent: dict[str, Any]) -> Graph:
    """Raises Problem, DocumentError, BadAsl."""
    if ("definition" in sent) == ("workflow" in sent):
        raise Problem("invalid", "Send either a `definition`, or the key of a `workflow` that is published.")
    if "workflow" in sent:
        return graph_of(chosen_version(user, sent["workflow"], sent.get("version")).pk)
    try:
        return graph_to_rehearse(sent["definition"])
    except Flawed as flawed:
        places = [("definition", "steps", one.step, *one.field.split(".")) for one in flawed.problems]
        told = [
            {"pointer": pointer(*(part for part in place if part)), "detail": problem.message}
            for place, problem in zip(places, flawed.problems, strict=True)
        ]
        raise Problem("document-refused", str(flawed), told) from flawed
