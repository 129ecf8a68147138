"""What people send about runs."""

from .decisions import CancelForm, DecisionForm, HandOverForm, ResolveForm
from .run_filter import RunFilter
from .start import StartForm

__all__ = ["CancelForm", "DecisionForm", "HandOverForm", "ResolveForm", "RunFilter", "StartForm"]
