"""How data goes through steps that came from the Amazon States Language (ASL), in both of its query languages.

A pure room below the graph: values in, values out. Enter it by this door.
"""

from .flaws import flaws
from .flow import DataFlow, Flaw, FlowError, HandedOn, Language, Seen
from .saying import said
from .working import caught, chosen, given, handed_on, items, listed, reads, selects, value

__all__ = [
    "DataFlow",
    "Flaw",
    "FlowError",
    "HandedOn",
    "Language",
    "Seen",
    "caught",
    "chosen",
    "flaws",
    "given",
    "handed_on",
    "items",
    "listed",
    "reads",
    "said",
    "selects",
    "value",
]
