"""Workflows, their drafts and their versions."""

from dataclasses import replace
from typing import Any

from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from designer.actions import import_document, publish
from designer.drafts import graph_of_draft, problems_in, problems_of, with_contracts
from designer.graph import encode, write_yaml
from designer.models import Draft
from designer.opening import open_document
from designer.views.loading import get_version, get_workflow
from designer.visibility import visible_workflows

from .answers import told_check, told_version, told_workflow
from .bodies import JsonBody, JsonDocument, OldYamlDocument, YamlDocument
from .operations import IF_MATCH, operation
from .paging import cut
from .preconditions import etag_of, expected_revision
from .shapes import (
    CheckShape,
    PageQuestion,
    PublishBody,
    VersionPage,
    VersionShape,
    WorkflowPage,
    WorkflowShape,
)
from .teams import TeamQuestion, chosen_team
from .view import ApiView

LOOK, CHANGE, PUBLISH = "designer.view_workflow", "designer.change_workflow", "designer.publish_workflow"
DOCUMENTS = [JsonDocument, YamlDocument, OldYamlDocument]
DOCUMENT = {
    "type": "object",
    "description": "A definition: docs/definition.md says what is in it.",
    "required": ["choreo", "key"],
    "properties": {"choreo": {"type": "integer", "enum": [1]}, "key": {"type": "string"}},
}
MACHINE = {
    "type": "object",
    "description": "A state machine of the Amazon States Language.",
    "required": ["StartAt", "States"],
    "properties": {"StartAt": {"type": "string"}, "States": {"type": "object"}},
}
TAKES = {kind: {"oneOf": [DOCUMENT, MACHINE]} for kind in ("application/json", "application/yaml")}
EXAMPLE = {
    "choreo": 1,
    "key": "greet",
    "title": "Greet somebody",
    "owner": "front-desk",
    "start": "done",
    "steps": {"done": {"kind": "succeed", "output": {"said": "Hello"}}},
}
REFUSED = "The document is no definition; each place is named."


class YamlRenderer(BaseRenderer):
    media_type = "application/yaml"
    format = "yaml"
    charset = "utf-8"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> Any:
        return write_yaml(data)


class Workflows(ApiView):
    needs = {"GET": LOOK, "POST": CHANGE}
    parser_classes = DOCUMENTS

    @operation("listWorkflows", "List workflows", tag="Workflows", answer=WorkflowPage, asks=[PageQuestion])
    def get(self, request: Request) -> Response:
        rows = visible_workflows(request.user).select_related("published__published_by", "draft__edited_by")
        found, following = cut(rows, request, self.asked(PageQuestion), by="key")
        return self.paged([told_workflow(workflow) for workflow in found], following)

    @operation(
        "createWorkflow", "Create a workflow from a document", tag="Workflows", answer=WorkflowShape, status=201,
        said="The workflow, with the document as its draft. Nothing is published yet.",
        also={409: "The key is taken, or cannot be one.", 422: REFUSED}, asks=[TeamQuestion], takes=TAKES,
        example=EXAMPLE,
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        team = chosen_team(request.user, self.asked(TeamQuestion).get("team", ""))
        draft = import_document(document=request.data, by=request.user, team=team)
        workflow = get_workflow(request.user, draft.workflow.key)
        place = reverse("designer-api:workflow", [workflow.key], request=request)
        return Response(told_workflow(workflow), status=201, headers={"Location": place})


class OneWorkflow(ApiView):
    needs = {"GET": LOOK}

    @operation("getWorkflow", "Read a workflow", tag="Workflows", answer=WorkflowShape)
    def get(self, request: Request, key: str) -> Response:
        return Response(told_workflow(get_workflow(request.user, key)))


class DraftDocument(ApiView):
    needs = {"GET": LOOK, "PUT": CHANGE}
    parser_classes = DOCUMENTS
    renderer_classes = [JSONRenderer, YamlRenderer]

    @operation(
        "getDraft",
        "Read the draft as a document",
        tag="Drafts",
        answer=DOCUMENT,
        said="The document; its revision is the `ETag`.",
    )
    def get(self, request: Request, key: str) -> Response:
        draft = get_workflow(request.user, key).draft
        return Response(document_of(draft), headers={"ETag": etag_of(draft)})

    @operation(
        "replaceDraft", "Replace the draft by a document", tag="Drafts", answer=WorkflowShape,
        said="The workflow. The replacement is one edit, and the editor can undo it.",
        also={409: "The document is of another workflow.", 412: "The draft has changed since.", 422: REFUSED},
        asks=[IF_MATCH], takes=TAKES, example=EXAMPLE,
    )  # fmt: skip
    def put(self, request: Request, key: str) -> Response:
        workflow = get_workflow(request.user, key)
        revision = expected_revision(request, workflow.draft)
        import_document(document=request.data, by=request.user, workflow=workflow, revision=revision)
        workflow = get_workflow(request.user, key)
        headers = {"ETag": etag_of(workflow.draft)}
        return Response(told_workflow(workflow), headers=headers)


class DraftCheck(ApiView):
    needs = {"GET": LOOK}

    @operation("checkDraft", "Check the draft", tag="Drafts", answer=CheckShape)
    def get(self, request: Request, key: str) -> Response:
        draft = get_workflow(request.user, key).draft
        return Response(told_check(problems_of(draft), draft))


class DocumentCheck(ApiView):
    needs = {"POST": CHANGE}
    parser_classes = DOCUMENTS

    @operation(
        "checkDocument", "Check a document without keeping it", tag="Drafts", answer=CheckShape,
        also={422: REFUSED}, takes=TAKES, example=EXAMPLE,
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        graph = with_contracts(open_document(request.data).graph)
        return Response(told_check(problems_in(graph)))


class Publication(ApiView):
    needs = {"POST": PUBLISH}
    parser_classes = [JsonBody]

    @operation(
        "publishDraft", "Publish the draft", tag="Versions", answer=VersionShape, status=201,
        said="The new version. Runs that are under way stay on theirs.",
        also={409: "The draft has been edited since `revision`.", 422: "The draft has errors, or nothing has changed."},
        takes=PublishBody, example={"note": "Ask a person above 100", "revision": 7},
    )  # fmt: skip
    def post(self, request: Request, key: str) -> Response:
        draft = get_workflow(request.user, key).draft
        version = publish(draft=draft, by=request.user, **self.sent(PublishBody))
        place = reverse("designer-api:version", [key, version.number], request=request)
        return Response(told_version(version), status=201, headers={"Location": place})


class Versions(ApiView):
    needs = {"GET": LOOK}

    @operation(
        "listVersions",
        "List the versions",
        tag="Versions",
        answer=VersionPage,
        asks=[PageQuestion],
        said="The newest first.",
    )
    def get(self, request: Request, key: str) -> Response:
        rows = get_workflow(request.user, key).versions.select_related("published_by").defer("document")
        found, following = cut(rows, request, self.asked(PageQuestion), by="number", newest_first=True)
        return self.paged([told_version(version) for version in found], following)


class OneVersion(ApiView):
    needs = {"GET": LOOK}

    @operation("getVersion", "Read a version", tag="Versions", answer=VersionShape)
    def get(self, request: Request, key: str, number: int) -> Response:
        return Response(told_version(get_version(get_workflow(request.user, key), number)))


class VersionDocument(ApiView):
    needs = {"GET": LOOK}
    renderer_classes = [JSONRenderer, YamlRenderer]

    @operation(
        "getVersionDocument", "Export a version", tag="Versions", answer=DOCUMENT,
        said="The frozen document, with the contracts it was published with.",
    )  # fmt: skip
    def get(self, request: Request, key: str, number: int) -> Response:
        return Response(get_version(get_workflow(request.user, key), number).document)


def document_of(draft: Draft) -> dict[str, Any]:
    return encode(replace(graph_of_draft(draft), contracts={}))
