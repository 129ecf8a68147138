"""Workflows and their versions."""

from designer.graph import Change, Graph, describe_changes
from designer.models import Version, Workflow
from designer.versions import graph_of


def find_workflow(key: str) -> Workflow | None:
    """With its draft and what is published."""
    return Workflow.objects.select_related("published", "draft", "draft__edited_by").filter(key=key).first()


def find_version(workflow: Workflow, number: int) -> Version | None:
    return workflow.versions.select_related("published_by").filter(number=number).first()


def published_graph(workflow: Workflow) -> Graph | None:
    return graph_of(workflow.published_id) if workflow.published_id else None


def changes_since_published(workflow: Workflow, draft: Graph) -> tuple[Change, ...]:
    """What the next version would change; the steps it adds, where nothing is published yet."""
    before = published_graph(workflow)
    if before is None:
        return tuple(one for one in describe_changes(Graph(key=workflow.key), draft) if one.sign == "+")
    return describe_changes(before, draft)
