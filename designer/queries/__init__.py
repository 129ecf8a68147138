"""What the designer's pages show."""

from .available import Source, Value, available, available_after, secrets_offered
from .bindings import ImportReport, import_report, likely_step_type, unbound_steps
from .canvas import Canvas, Marks, canvas
from .comparison import Comparison, marks_of, telling
from .draft_ladder import LadderRow, ladder_rows
from .icons import icon_of
from .outline import OutlineGroup, OutlineItem, OutlineLabel, outline
from .presence import Here, others_here
from .problems import Counts, counts_by_step, counts_of
from .routes import Arrival, arrivals, consequence
from .schema_words import NO_VALUE, example_text, note_of, words_for
from .tries import TriesPicture, total_text, tries_picture, waits_of
from .workflows import changes_since_published, find_version, find_workflow, published_graph

__all__ = [
    "Arrival",
    "Canvas",
    "Comparison",
    "Counts",
    "Here",
    "ImportReport",
    "LadderRow",
    "Marks",
    "NO_VALUE",
    "OutlineGroup",
    "OutlineItem",
    "OutlineLabel",
    "Source",
    "TriesPicture",
    "Value",
    "arrivals",
    "available",
    "available_after",
    "canvas",
    "changes_since_published",
    "consequence",
    "counts_by_step",
    "counts_of",
    "example_text",
    "find_version",
    "find_workflow",
    "icon_of",
    "import_report",
    "likely_step_type",
    "ladder_rows",
    "marks_of",
    "note_of",
    "others_here",
    "outline",
    "published_graph",
    "secrets_offered",
    "telling",
    "total_text",
    "unbound_steps",
    "tries_picture",
    "waits_of",
    "words_for",
]
