"""Versions as values."""

from functools import lru_cache
from uuid import UUID

from designer.catalog import Semver, parse_range, parse_version
from designer.graph import Emit, Graph, decode
from designer.models import Version, Workflow
from designer.visibility import shared_with


@lru_cache(maxsize=256)
def graph_of(version_id: UUID) -> Graph:
    """A version never changes, so a process reads each once. Raises Version.DoesNotExist."""
    return decode(Version.objects.only("document").get(pk=version_id).document)


def find_version(reference: str, team: int | None = None) -> Version | None:
    """The version that ``order``, ``order@^2`` or ``order@2.1.0`` means now to a workflow of this team; None where
    there is none.

    Without a range it is the one that is published.
    """
    key, _, wanted = reference.partition("@")
    usable = Workflow.objects.filter(shared_with(team), key=key)
    workflow = usable.select_related("published").first()
    if workflow is None or workflow.published is None or not wanted:
        return workflow.published if workflow else None
    try:
        allowed = parse_range(wanted)
    except ValueError:
        return None
    known = {
        _order(version): version for version in workflow.versions.only("workflow_id", "semantic", "number")
    }
    return known[max(fitting)] if (fitting := [each for each in known if each in allowed]) else None


def _order(version: Version) -> Semver:
    return parse_version(version.semantic)


def emitted_signals(team: int | None = None) -> frozenset[str]:
    """The names of the signals that published workflows publish, as far as one of this team may know of them."""
    known = Workflow.objects.filter(shared_with(team)).exclude(published=None)
    published = known.values_list("published", flat=True)
    steps = (step for version in published for step in graph_of(version).steps.values())
    return frozenset(step.signal for step in steps if isinstance(step, Emit) and step.signal)
