"""Edits: named operations on a graph, what they changed, and how to take them back."""

from .applying import Edited, apply
from .changes import Change, describe_changes
from .operations import (
    AddBranch,
    AddCatch,
    AddOption,
    AddOutcome,
    AddStep,
    Connect,
    EditRefused,
    MovePart,
    MoveStep,
    Operation,
    RemoveBranch,
    RemovePart,
    RemoveStep,
    RenameBranch,
    RenameStep,
    ReplaceStep,
    SetHeader,
)
from .patches import Patch, difference, patch
from .wiring import Connection, connections, scope_behind

__all__ = [
    "AddBranch",
    "AddCatch",
    "AddOption",
    "AddOutcome",
    "AddStep",
    "Change",
    "Connect",
    "Connection",
    "EditRefused",
    "Edited",
    "MovePart",
    "MoveStep",
    "Operation",
    "Patch",
    "RemoveBranch",
    "RemovePart",
    "RemoveStep",
    "RenameBranch",
    "RenameStep",
    "ReplaceStep",
    "SetHeader",
    "apply",
    "connections",
    "describe_changes",
    "difference",
    "patch",
    "scope_behind",
]
