"""Triggers: list, create, switch on and off, remove."""

from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from designer.api.bodies import JsonBody
from designer.api.operations import operation
from designer.api.paging import cut
from designer.api.problems import Problem
from designer.api.view import ApiView
from designer.models import Version, Workflow
from designer.visibility import seen_by, visible_workflows
from runs.actions import create_trigger, remove_trigger, rotate_secret, switch_trigger
from runs.models import Trigger
from runs.models.trigger import TriggerKind
from runs.views.loading import get_trigger

from .answers import Row
from .trigger_shapes import TriggerBody, TriggerMade, TriggerPage, TriggerQuestion, TriggerShape

LOOK, CHANGE = "designer.view_workflow", "designer.change_workflow"
FILTERS = {"workflow": "workflow__key", "kind": "kind"}
EXAMPLE = {
    "workflow": "table_import",
    "kind": "cron",
    "title": "Every working day at six",
    "cron": "0 6 * * 1-5",
    "zone": "Europe/Berlin",
    "catch_up": "once",
    "input": {"file": "shipments.csv"},
}
GONE = {409: "It has been removed meanwhile."}


class Triggers(ApiView):
    needs = {"GET": LOOK, "POST": CHANGE}
    parser_classes = [JsonBody]

    @operation("listTriggers", "List triggers", tag="Triggers", answer=TriggerPage, asks=[TriggerQuestion])
    def get(self, request: Request) -> Response:
        asked = self.asked(TriggerQuestion)
        wanted = {column: asked[name] for name, column in FILTERS.items() if name in asked}
        rows = seen_by(Trigger.objects.filter(**wanted), request.user)
        rows = rows.select_related("workflow", "version", "made_by")
        found, following = cut(rows, request, asked, by="id")
        return self.paged([TriggerShape(told(trigger, request)).data for trigger in found], following)

    @operation(
        "createTrigger", "Create a trigger", tag="Triggers", answer=TriggerMade, status=201,
        said="The trigger. The secret of a webhook is told this once.",
        also={409: "The workflow has as many triggers as it may have."},
        takes=TriggerBody, example=EXAMPLE,
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        sent = self.sent(TriggerBody)
        workflow = chosen_workflow(request.user, sent.pop("workflow"))
        version = chosen_version(workflow, sent.pop("version", None))
        trigger, secret = create_trigger(workflow=workflow, version=version, by=request.user, **sent)
        place = reverse("runs-api:trigger", [trigger.pk], request=request)
        made = TriggerMade(told(get_trigger(request.user, trigger.pk), request, secret=secret)).data
        return Response(made, status=201, headers={"Location": place})


class OneTrigger(ApiView):
    needs = {"GET": LOOK, "DELETE": CHANGE}
    http_method_names = ["get", "head", "delete"]

    @operation("getTrigger", "Read a trigger", tag="Triggers", answer=TriggerShape)
    def get(self, request: Request, trigger_id: UUID) -> Response:
        return Response(TriggerShape(told(get_trigger(request.user, trigger_id), request)).data)

    @operation("removeTrigger", "Remove a trigger", tag="Triggers", status=204, said="Its runs stay.")
    def delete(self, request: Request, trigger_id: UUID) -> Response:
        remove_trigger(trigger=get_trigger(request.user, trigger_id), by=request.user)
        return Response(status=204)


class Enable(ApiView):
    needs = {"POST": CHANGE}
    http_method_names = ["post"]

    @operation("enableTrigger", "Switch a trigger on", tag="Triggers", answer=TriggerShape, also=GONE)
    def post(self, request: Request, trigger_id: UUID) -> Response:
        return switched(request, trigger_id, enabled=True)


class Disable(ApiView):
    needs = {"POST": CHANGE}
    http_method_names = ["post"]

    @operation(
        "disableTrigger", "Switch a trigger off", tag="Triggers", answer=TriggerShape, also=GONE,
        said="What would have started runs until it is on again is not made up for.",
    )  # fmt: skip
    def post(self, request: Request, trigger_id: UUID) -> Response:
        return switched(request, trigger_id, enabled=False)


class Rotate(ApiView):
    needs = {"POST": CHANGE}
    http_method_names = ["post"]

    @operation(
        "rotateSecret", "Make a new secret for a webhook", tag="Triggers", answer=TriggerMade,
        said="The new secret, told this once. Those before it count for a day more.",
        also={409: "It is no webhook, or it has been removed meanwhile."},
    )  # fmt: skip
    def post(self, request: Request, trigger_id: UUID) -> Response:
        trigger = get_trigger(request.user, trigger_id)
        secret = rotate_secret(trigger=trigger, by=request.user)
        return Response(TriggerMade(told(trigger, request, secret=secret)).data)


def switched(request: Request, trigger_id: UUID, *, enabled: bool) -> Response:
    switch_trigger(trigger=get_trigger(request.user, trigger_id), enabled=enabled, by=request.user)
    return Response(TriggerShape(told(get_trigger(request.user, trigger_id), request)).data)


def told(trigger: Trigger, request: Request, **beside: Any) -> Row:
    is_hook = trigger.kind == TriggerKind.WEBHOOK
    address = reverse("runs:hook", [trigger.pk], request=request) if is_hook else None
    return Row(trigger, address=address, **beside)


def chosen_workflow(user: Any, key: str) -> Workflow:
    """Raises Problem."""
    workflow = visible_workflows(user).filter(key=key).first()
    if workflow is None:
        sentence = f"There is no workflow “{key}”."
        raise Problem("invalid", sentence, [{"pointer": "#/workflow", "detail": sentence}])
    return workflow


def chosen_version(workflow: Workflow, number: int | None) -> Version | None:
    """Raises Problem."""
    version = workflow.versions.filter(number=number).first() if number is not None else None
    if number is not None and version is None:
        sentence = f"“{workflow.key}” has no version {number}."
        raise Problem("invalid", sentence, [{"pointer": "#/version", "detail": sentence}])
    return version
