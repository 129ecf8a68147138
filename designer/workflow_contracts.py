"""Workflows as steps see them that start runs of them: what they take, and what their runs give."""

from functools import lru_cache
from uuid import UUID

from designer.graph import ROOT, Contract, ErrorSpec, Fail, Graph, output_schema
from designer.models import Version, Workflow
from designer.versions import find_version, graph_of
from designer.visibility import shared_with


def find_workflow_contract(reference: str, team: int | None = None) -> Contract | None:
    """The contract of what ``order``, ``order@^2`` or ``order@2.1.0`` means now to a workflow of this team; None
    where there is none."""
    version = find_version(reference, team)
    return contract_of(version) if version else None


def offered_workflows(team: int | None = None) -> dict[str, Contract]:
    """The contracts of the published workflows that one of this team may start, by key."""
    published = Workflow.objects.filter(shared_with(team)).exclude(published=None).select_related("published")
    return {workflow.key: contract_of(workflow.published) for workflow in published if workflow.published}


def contract_of(version: Version) -> Contract:
    return _contract(version.pk, version.semantic)


@lru_cache(maxsize=256)
def _contract(version_id: UUID, semantic: str) -> Contract:
    return contract_to_be(graph_of(version_id), semantic)


def contract_to_be(graph: Graph, semantic: str) -> Contract:
    """The contract that runs of ``graph`` keep, once it is published as this version."""
    failing = (step for step in graph.steps.values() if isinstance(step, Fail))
    ends = [step for step in failing if step.scope == ROOT or step.ends_run]
    return Contract(
        key=graph.key,
        version=semantic,
        title=graph.title,
        input=graph.input,
        output=output_schema(graph),
        errors=tuple(ErrorSpec(name) for name in dict.fromkeys(step.error for step in ends)),
        owner=graph.owner,
    )
