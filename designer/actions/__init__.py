"""What people do in the designer. Each action is one transaction."""

from .binding import bind_steps
from .destinations import add_destination, remove_destination
from .drafting import edit_draft, redo_edit, undo_edit
from .grants import ask_grants, can_confirm, confirm_grant, hurry_grant, settle_grants
from .presence import leave_draft, note_presence
from .publishing import publish
from .secrets import add_secret, remove_secret, replace_secret, reseal_secrets
from .trail import note_deed, seal_trail
from .workflows import create_workflow, import_document, set_team

__all__ = [
    "add_destination",
    "add_secret",
    "ask_grants",
    "bind_steps",
    "can_confirm",
    "confirm_grant",
    "create_workflow",
    "edit_draft",
    "hurry_grant",
    "import_document",
    "leave_draft",
    "note_deed",
    "note_presence",
    "publish",
    "redo_edit",
    "remove_destination",
    "remove_secret",
    "replace_secret",
    "reseal_secrets",
    "seal_trail",
    "set_team",
    "settle_grants",
    "undo_edit",
]
