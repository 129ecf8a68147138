"""The graph on the canvas: the drawing of a draft, with the words and marks on it.

`placing` reckons where things stand, `telling` says what they are, `adding` finds where another step can be put;
`picture` lays the three together.
"""

from .picture import Canvas, canvas
from .telling import Marks

__all__ = ["Canvas", "Marks", "canvas"]
