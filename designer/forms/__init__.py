"""What people write in the designer."""

from .binding import BindingForms
from .connecting import ConnectForm
from .creation import AddStepForm, BranchForm, ImportForm, KeyForm, NewWorkflowForm, PublishForm
from .section import Section
from .tables import find_section, section_about, sections_of

__all__ = [
    "AddStepForm",
    "BindingForms",
    "BranchForm",
    "ConnectForm",
    "ImportForm",
    "KeyForm",
    "NewWorkflowForm",
    "PublishForm",
    "Section",
    "find_section",
    "section_about",
    "sections_of",
]
