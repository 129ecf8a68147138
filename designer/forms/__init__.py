"""What people write in the designer."""

from .binding import WAY_OF, BadBinding, BindingForm, BindingForms, read_bindings
from .connecting import ConnectForm
from .creation import AddStepForm, BranchForm, ImportForm, KeyForm, NewWorkflowForm, PublishForm
from .section import Section
from .tables import find_section, section_about, sections_of

__all__ = [
    "AddStepForm",
    "BadBinding",
    "BindingForm",
    "BindingForms",
    "BranchForm",
    "ConnectForm",
    "ImportForm",
    "KeyForm",
    "NewWorkflowForm",
    "PublishForm",
    "Section",
    "WAY_OF",
    "find_section",
    "read_bindings",
    "section_about",
    "sections_of",
]
