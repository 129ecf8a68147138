"""What the designer's pages show."""

from .draft_ladder import LadderRow, ladder_rows
from .outline import OutlineGroup, OutlineItem, OutlineLabel, outline
from .problems import Counts, counts_by_step, counts_of
from .workflows import changes_since_published, find_version, find_workflow, published_graph

__all__ = [
    "Counts",
    "LadderRow",
    "OutlineGroup",
    "OutlineItem",
    "OutlineLabel",
    "changes_since_published",
    "counts_by_step",
    "counts_of",
    "find_version",
    "find_workflow",
    "ladder_rows",
    "outline",
    "published_graph",
]
