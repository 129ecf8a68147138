"""How many runs of a workflow may be in flight, and whose turn they are."""

from rest_framework.request import Request
from rest_framework.response import Response

from designer.api.bodies import JsonBody
from designer.api.operations import operation
from designer.api.view import ApiView
from designer.models import Workflow
from runs.actions import set_limits
from runs.queries.gates import gate_figures
from runs.views.loading import get_workflow

from .answers import Row
from .trigger_shapes import LimitsBody, LimitsShape

LOOK, CHANGE = "designer.view_workflow", "designer.change_workflow"


class WorkflowLimits(ApiView):
    needs = {"GET": LOOK, "PUT": CHANGE}
    parser_classes = [JsonBody]

    @operation("getLimits", "Read a workflow's limits", tag="Workflows", answer=LimitsShape)
    def get(self, request: Request, key: str) -> Response:
        return Response(LimitsShape(told(get_workflow(request.user, key))).data)

    @operation(
        "setLimits", "Set a workflow's limits", tag="Workflows", answer=LimitsShape, takes=LimitsBody,
        said="As they are now. What is left out is as if nobody had set it.",
        example={"max_running": 5, "starts_per_minute": 60, "priority": 7, "queue": "heavy"},
    )  # fmt: skip
    def put(self, request: Request, key: str) -> Response:
        workflow = get_workflow(request.user, key)
        set_limits(workflow=workflow, by=request.user, **self.sent(LimitsBody))
        return Response(LimitsShape(told(workflow)).data)


def told(workflow: Workflow) -> Row:
    limits, in_flight, waiting = gate_figures(workflow)
    return Row(limits, in_flight=in_flight, waiting=waiting)
