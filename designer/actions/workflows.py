"""Making workflows, from nothing or from a document."""

from typing import Any

from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction

from designer.drafts import graph_of_draft
from designer.graph import Graph, encode_header, key_flaw
from designer.models import Draft, Workflow
from designer.opening import Opened, open_document
from designer.refusals import KeyRefused, Refused

from .binding import keep_report
from .drafting import check_as_seen, locked_draft, record_edit
from .trail import note_deed

TAKEN_BY_PAGES = frozenset(("new",))  # /workflows/new/ is a page


def check_workflow_key(key: str) -> None:
    """Whether a new workflow may have this key. Raises KeyRefused."""
    if flaw := key_flaw(key):
        raise KeyRefused(flaw)
    if key in TAKEN_BY_PAGES:
        raise KeyRefused(f"“{key}” is the address of a page. Choose another key, such as {key}_workflow.")
    if Workflow.objects.filter(key=key).exists():
        raise KeyRefused(f"There is already a workflow “{key}”. Choose another key.")


def create_workflow(*, key: str, title: str, owner: str, by: Any, team: Group | None = None) -> Draft:
    """A workflow with an empty draft, for everybody or for one team. Raises KeyRefused."""
    return _create(Graph(key=key, title=title, owner=owner), label="", by=by, team=team)


def import_document(
    *,
    document: Any,
    by: Any,
    workflow: Workflow | None = None,
    revision: int | None = None,
    key: str = "",
    title: str = "",
    text: str = "",
    team: Group | None = None,
) -> Draft:
    """A document as a draft: of a new workflow, or as one edit of an existing one. With one of another language a
    report of what became of its parts is kept; ``key`` and ``title`` name what such a document does not name, and with
    the ``text`` that it was read from the report names lines. A new workflow is for everybody, or for one ``team``.

    ``revision`` is that draft's when the person saw what the document replaces. Raises DocumentError, BadAsl where it
    is no definition; KeyRefused, Refused where it cannot be put there; DraftMoved where the draft has changed since.
    """
    if workflow is None:
        if key:
            check_workflow_key(key)
        opened = open_document(document, key=key, title=title, text=text)
        return _create(opened.graph, label="Import a document", by=by, report=opened.report, team=team)
    opened = open_document(document, key=workflow.key, title=title or workflow.title, text=text)
    return _put(workflow, opened, revision, by)


@transaction.atomic(durable=True)
def set_team(*, workflow: Workflow, team: Group | None, by: Any) -> None:
    """Show a workflow, and what belongs to it, to the members of one team alone, or to everybody."""
    before = Workflow.objects.select_for_update(of=("self",)).select_related("team").get(pk=workflow.pk)
    if before.team != team:
        Workflow.objects.filter(pk=workflow.pk).update(team=team)
        teams = {"before": _named(before.team), "after": _named(team)}
        note_deed("gave to a team", "workflow", workflow.key, by=by, about=workflow.pk, **teams)


def _named(team: Group | None) -> str:
    return team.name if team else "everybody"


def _create(graph: Graph, *, label: str, by: Any, report: Any = None, team: Group | None = None) -> Draft:
    check_workflow_key(graph.key)
    try:
        with transaction.atomic(durable=True):
            workflow = Workflow.objects.create(
                key=graph.key,
                title=graph.title or graph.key,
                owner=graph.owner[:64],
                team=team,
                created_by=by,
            )
            empty = Graph(key=graph.key, title=graph.title, owner=graph.owner)
            draft = Draft.objects.create(workflow=workflow, header=encode_header(empty), edited_by=by)
            draft = record_edit(draft, empty, graph, label=label, by=by)
            keep_report(draft, report, by)
            note_deed("made", "workflow", graph.key, by=by, about=workflow.pk, team=_named(team))
            return draft
    except IntegrityError as error:
        raise KeyRefused(f"There is already a workflow “{graph.key}”. Choose another key.") from error


@transaction.atomic(durable=True)
def _put(workflow: Workflow, opened: Opened, revision: int | None, by: Any) -> Draft:
    graph = opened.graph
    if graph.key != workflow.key:
        raise Refused(
            f"The document is of “{graph.key}”, and this is “{workflow.key}”. Import it as a new workflow."
        )
    draft = locked_draft(workflow.draft)
    check_as_seen(draft, -1 if revision is None else revision)
    draft = record_edit(draft, graph_of_draft(draft), graph, label="Import a document", by=by)
    keep_report(draft, opened.report, by)
    return draft
