"""Versions as values."""

from functools import lru_cache
from uuid import UUID

from designer.graph import Graph, decode
from designer.models import Version


@lru_cache(maxsize=256)
def graph_of(version_id: UUID) -> Graph:
    """A version never changes, so a process reads each once. Raises Version.DoesNotExist."""
    return decode(Version.objects.only("document").get(pk=version_id).document)
