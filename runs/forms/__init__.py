"""What people send about runs."""

from .decisions import CancelForm, DecisionForm, HandOverForm, ResolveForm
from .run_filter import RunFilter
from .schema_form import SchemaForm

__all__ = ["CancelForm", "DecisionForm", "HandOverForm", "ResolveForm", "RunFilter", "SchemaForm"]
