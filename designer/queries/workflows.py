"""Workflows and their versions."""

from functools import lru_cache
from uuid import UUID

from designer.graph import Change, Graph, decode, describe_changes
from designer.models import Version, Workflow


def find_workflow(key: str) -> Workflow | None:
    """With its draft and what is published."""
    return Workflow.objects.select_related("published", "draft", "draft__edited_by").filter(key=key).first()


def find_version(workflow: Workflow, number: int) -> Version | None:
    return workflow.versions.select_related("published_by").filter(number=number).first()


def published_graph(workflow: Workflow) -> Graph | None:
    return _graph_of(workflow.published_id) if workflow.published_id else None


def changes_since_published(workflow: Workflow, draft: Graph) -> tuple[Change, ...]:
    """What the next version would change; the steps it adds, where nothing is published yet."""
    before = published_graph(workflow)
    if before is None:
        return tuple(one for one in describe_changes(Graph(key=workflow.key), draft) if one.sign == "+")
    return describe_changes(before, draft)


@lru_cache(maxsize=64)
def _graph_of(version_id: UUID) -> Graph:
    # A version never changes, so a process reads each once.
    return decode(Version.objects.only("document").get(pk=version_id).document)
