"""Runs in memory: what would come of a workflow, without a database, a worker or a clock.

`simulate` is the door. The shell under it is the one that the engine's own tests use, stricter there.
"""

from .beside import Beside, Child, Place, child_id
from .limits import Limits
from .mocks import ANYTHING, Answer, BadMocks, Mock, read_mocks, same_json
from .orders import Order, Orders
from .rows import Change, Rows, changes_of
from .shell import NOON, Shell
from .simulate import BadInput, simulate, told
from .simulated import Call, Simulated, Stop, Visit
from .simulation import Simulation
from .world import World

__all__ = [
    "ANYTHING",
    "NOON",
    "Answer",
    "BadInput",
    "BadMocks",
    "Beside",
    "Call",
    "Change",
    "Child",
    "Limits",
    "Mock",
    "Order",
    "Orders",
    "Place",
    "Rows",
    "Shell",
    "Simulated",
    "Simulation",
    "Stop",
    "Visit",
    "World",
    "changes_of",
    "child_id",
    "read_mocks",
    "same_json",
    "simulate",
    "told",
]
