"""What should happen, as rows. A draft's rows are the truth of the draft; a version is a frozen document."""

from .destination import Destination
from .draft import Draft, Edit, Step
from .drawing import Drawing
from .grant import Grant
from .imported import Imported
from .presence import Presence
from .secret import Secret
from .trail import AuditEntry, AuditLink
from .workflow import Version, Workflow

__all__ = [
    "AuditEntry",
    "AuditLink",
    "Destination",
    "Draft",
    "Drawing",
    "Edit",
    "Grant",
    "Imported",
    "Presence",
    "Secret",
    "Step",
    "Version",
    "Workflow",
]
