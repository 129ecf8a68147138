"""What should happen, as rows. A draft's rows are the truth of the draft; a version is a frozen document."""

from .draft import Draft, Edit, Step
from .drawing import Drawing
from .presence import Presence
from .workflow import Version, Workflow

__all__ = ["Draft", "Drawing", "Edit", "Presence", "Step", "Version", "Workflow"]
