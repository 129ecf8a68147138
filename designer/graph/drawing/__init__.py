"""Pictures of a graph, as values that a template can draw."""

from .ladder import Rung, Segment, ladder
from .layout import lay_out
from .picture import BEGIN, END, Area, Box, Caption, Direction, Drawing, Frame, Route, Shape
from .text import fit_mono, fit_text, text_width

__all__ = [
    "BEGIN",
    "END",
    "Area",
    "Box",
    "Caption",
    "Direction",
    "Drawing",
    "Frame",
    "Route",
    "Rung",
    "Segment",
    "Shape",
    "fit_mono",
    "fit_text",
    "ladder",
    "lay_out",
    "text_width",
]
