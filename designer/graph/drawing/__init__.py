"""Pictures of a graph, as values that a template can draw."""

from .ladder import Rung, Segment, ladder

__all__ = ["Rung", "Segment", "ladder"]
