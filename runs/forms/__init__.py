"""What people send about runs."""

from .decisions import CancelForm, DecisionForm, HandOverForm, ResolveForm
from .run_filter import RunFilter
from .start import StartForm, input_schema

__all__ = [
    "CancelForm",
    "DecisionForm",
    "HandOverForm",
    "ResolveForm",
    "RunFilter",
    "StartForm",
    "input_schema",
]
