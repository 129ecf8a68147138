"""What people send about runs."""

from .decisions import CancelForm, DecisionForm, ResolveForm
from .run_filter import RunFilter
from .schema_form import SchemaForm

__all__ = ["CancelForm", "DecisionForm", "ResolveForm", "RunFilter", "SchemaForm"]
