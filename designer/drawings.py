"""Pictures of versions and drafts.

A version's are stored when it is published, so that a later layout does not move what people know by sight. A version
from before that is laid out when it is looked at. A draft's is laid out once for each revision, in each process.
"""

from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec

from designer.graph import Direction, Drawing, Graph, lay_out
from designer.models import Drawing as DrawingRow
from designer.versions import graph_of

MOST_DRAFTS = 64
_drafts: dict[tuple[UUID, int, Direction], Drawing] = {}


@lru_cache(maxsize=128)
def drawing_of(version_id: UUID, direction: Direction) -> Drawing:
    """The picture of a version. Raises Version.DoesNotExist."""
    row = DrawingRow.objects.filter(version=version_id, direction=direction).first()
    return msgspec.convert(row.document, Drawing) if row else lay_out(graph_of(version_id), direction)


def drawing_of_draft(workflow_id: UUID, revision: int, graph: Graph, direction: Direction) -> Drawing:
    """The picture of a draft; ``graph`` is what it says at ``revision``."""
    key = (workflow_id, revision, direction)
    known = _drafts.get(key)
    if known is not None:
        return known
    if len(_drafts) >= MOST_DRAFTS:
        _drafts.clear()
    drawing = _drafts[key] = lay_out(graph, direction)
    return drawing


def document_of(drawing: Drawing) -> dict[str, Any]:
    """``drawing`` as a row keeps it."""
    document: dict[str, Any] = msgspec.to_builtins(drawing)
    return document
