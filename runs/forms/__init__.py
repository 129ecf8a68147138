"""What people send about runs."""

from .decisions import CancelForm, DecisionForm, ResolveForm
from .schema_form import SchemaForm

__all__ = ["CancelForm", "DecisionForm", "ResolveForm", "SchemaForm"]
