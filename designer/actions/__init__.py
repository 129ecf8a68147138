"""What people do in the designer. Each action is one transaction."""

from .drafting import edit_draft, redo_edit, undo_edit
from .presence import leave_draft, note_presence
from .publishing import publish
from .workflows import create_workflow, import_document

__all__ = [
    "create_workflow",
    "edit_draft",
    "import_document",
    "leave_draft",
    "note_presence",
    "publish",
    "redo_edit",
    "undo_edit",
]
