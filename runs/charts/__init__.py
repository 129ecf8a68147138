"""Geometry of the lists' charts: from figures to shapes. Templates write the shapes as SVG, CSS gives the colours."""

from .axis import Axis, Range, duration_axis
from .band import Band, band
from .columns import Column, columns, round_up, split, stacks
from .strip import Mark, strip
from .wires import Wires, wires_of

__all__ = [
    "Axis",
    "Band",
    "Column",
    "Mark",
    "Range",
    "Wires",
    "band",
    "columns",
    "duration_axis",
    "round_up",
    "split",
    "stacks",
    "strip",
    "wires_of",
]
