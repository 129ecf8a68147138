"""State machines of the Amazon States Language: in with a report, bound, and out with what is lost."""

from dataclasses import asdict
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.serializers import CharField, IntegerField

from designer.actions import bind_steps, import_document
from designer.drafts import graph_of_draft
from designer.forms import WAY_OF, BindingForm, read_bindings
from designer.graph import decode
from designer.interop.asl import suggest, write_asl
from designer.models import Imported, Workflow
from designer.queries import unbound_steps
from designer.views.loading import get_version, get_workflow

from .answers import told_workflow
from .bodies import JsonBody
from .operations import IF_MATCH, operation
from .preconditions import expected_revision
from .shapes import BindBody, ImportShape, MachineShape, Question
from .teams import chosen_team, team_field
from .view import ApiView
from .workflows import CHANGE, DOCUMENTS, LOOK, REFUSED, TAKES

EXAMPLE = {
    "StartAt": "Charge",
    "States": {
        "Charge": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {"amount.$": "$.amount"},
            "End": True,
        }
    },
}


class ImportQuestion(Question):
    key = CharField(
        required=False,
        max_length=64,
        help_text="Of the workflow to make; left out, it is made from the title.",
    )
    title = CharField(required=False, max_length=200, help_text="What to call a machine, which has no name.")
    team = team_field()


class MachineQuestion(Question):
    version = IntegerField(
        required=False, min_value=1, max_value=2**31 - 1, help_text="A version instead of the draft."
    )


class Imports(ApiView):
    needs = {"POST": CHANGE}
    parser_classes = DOCUMENTS

    @operation(
        "importWorkflow", "Import a state machine", tag="Workflows", answer=ImportShape, status=201,
        said="The workflow, with the machine as its draft, what became of its parts, and what is left to bind."
        " A document of our own is taken as well.",
        also={409: "The key is taken, or cannot be one.", 422: REFUSED},
        asks=[ImportQuestion], takes=TAKES, example=EXAMPLE,
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        asked = self.asked(ImportQuestion)
        asked["team"] = chosen_team(request.user, asked.get("team", ""))
        draft = import_document(document=request.data, by=request.user, **asked)
        workflow = get_workflow(request.user, draft.workflow.key)
        place = reverse("designer-api:workflow", [workflow.key], request=request)
        return Response(told_import(workflow), status=201, headers={"Location": place})


class OneImport(ApiView):
    needs = {"GET": LOOK}

    @operation(
        "getImport", "Read the report of an import", tag="Drafts", answer=ImportShape,
        said="Of the newest machine that was imported into the draft, and what is unbound in it now.",
    )  # fmt: skip
    def get(self, request: Request, key: str) -> Response:
        return Response(told_import(get_workflow(request.user, key)))


class Bindings(ApiView):
    needs = {"POST": CHANGE}
    parser_classes = [JsonBody]

    @operation(
        "bindSteps", "Bind steps that nothing does yet", tag="Drafts", answer=ImportShape,
        said="What is unbound then. All bindings are one edit, and the editor can undo it. Ways: `step` (does), `http`"
        " (method, url), `signal` (asks, answer), `review` (groups, approvals), `publish` (signal), `workflow` (runs,"
        " awaited), `stub` (result).",
        also={412: "The draft has changed since."}, asks=[IF_MATCH], takes=BindBody,
        example={"bindings": {"charge": {"way": "http", "method": "POST", "url": "https://example.com/charges"}}},
    )  # fmt: skip
    def post(self, request: Request, key: str) -> Response:
        workflow = get_workflow(request.user, key)
        draft, revision = workflow.draft, expected_revision(request, workflow.draft)
        bindings = read_bindings(graph_of_draft(draft), self.sent(BindBody)["bindings"], workflow.team_id)
        bind_steps(draft=draft, bindings=bindings, revision=revision, by=request.user)
        return Response(told_import(get_workflow(request.user, key)))


class Machine(ApiView):
    needs = {"GET": LOOK}

    @operation(
        "exportMachine", "Export the draft or a version as a state machine", tag="Drafts", answer=MachineShape,
        said="The machine, and what the Amazon States Language cannot say. `draft` exports without loss.",
        asks=[MachineQuestion],
    )  # fmt: skip
    def get(self, request: Request, key: str) -> Response:
        workflow, number = get_workflow(request.user, key), self.asked(MachineQuestion).get("version")
        published = decode(get_version(workflow, number).document) if number else None
        exported = write_asl(published or graph_of_draft(workflow.draft))
        told = {"definition": exported.document, "losses": [asdict(loss) for loss in exported.losses]}
        return Response(MachineShape(told).data)


def told_import(workflow: Workflow) -> Any:
    row = Imported.objects.filter(draft=workflow.draft).first()
    report = row.report if row else {"lines": [], "problems": []}
    unbound = [
        {
            "step": step.key,
            "title": step.title or step.name,
            "resource": step.resource,
            "suggestion": _suggested(step.resource),
        }
        for step in unbound_steps(graph_of_draft(workflow.draft))
    ]
    return ImportShape({"workflow": told_workflow(workflow), "unbound": unbound, **report}).data


def _suggested(resource: str) -> Any:
    """In the words that `bind` understands."""
    suggestion = suggest(resource)
    return None if suggestion is None else {"way": WAY_OF[type(suggestion)], **_known(asdict(suggestion))}


def _known(said: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if name in BindingForm.base_fields and value != ""}
