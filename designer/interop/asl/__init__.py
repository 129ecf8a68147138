"""The Amazon States Language: state machines in and out.

A state becomes one step, and its data stays as it is written, in the step's flow. Enter this room by its door.
"""

from .binding import CannotBind, bind, bound_line, unbound
from .bindings import (
    AnswerAlways,
    AskPeople,
    AwaitSignal,
    Binding,
    CallHttp,
    PublishSignal,
    RunAnother,
    UseStepType,
)
from .checks import check_asl
from .incoming import label_of
from .lines import located
from .outgoing import Exported, Loss, write_asl
from .problem import BadAsl, Code, Problem
from .reading import read_asl
from .report import Imported, Line, Report, Treatment
from .resources import resource_name
from .suggesting import suggest, suggest_review
from .testing import Mock, Tried, Untestable, try_state

__all__ = [
    "AnswerAlways",
    "AskPeople",
    "AwaitSignal",
    "BadAsl",
    "Binding",
    "CallHttp",
    "CannotBind",
    "Code",
    "Exported",
    "Imported",
    "Line",
    "Loss",
    "Mock",
    "Problem",
    "PublishSignal",
    "Report",
    "RunAnother",
    "Treatment",
    "Tried",
    "Untestable",
    "UseStepType",
    "bind",
    "bound_line",
    "check_asl",
    "label_of",
    "located",
    "read_asl",
    "resource_name",
    "suggest",
    "suggest_review",
    "try_state",
    "unbound",
    "write_asl",
]
