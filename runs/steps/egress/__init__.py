"""Calls out of the house: the one way in which a step speaks HTTP to an address that somebody else has chosen.

A URL in a definition or in a run's input may point anywhere, also at what only this machine can reach. So the name
is resolved once, every answer is judged, and the connection is opened to the very address that was judged: a name
server that answers differently a moment later is not asked again. Redirects start over, and the whole call has one
deadline that a server which sends a byte a second cannot stretch.
"""

from .addresses import why_refused
from .client import Answer, Call, Limits, fetch
from .failures import CallFailed
from .policy import Destination, Policy

__all__ = ["Answer", "Call", "CallFailed", "Destination", "Limits", "Policy", "fetch", "why_refused"]
