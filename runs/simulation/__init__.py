"""Runs in memory: what a workflow would do, without a database, a worker or a clock."""

from .beside import Beside, Child, Place, child_id
from .orders import Order, Orders
from .rows import Change, Rows, changes_of
from .shell import NOON, Shell

__all__ = [
    "NOON",
    "Beside",
    "Change",
    "Child",
    "Order",
    "Orders",
    "Place",
    "Rows",
    "Shell",
    "changes_of",
    "child_id",
]
