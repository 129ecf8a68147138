"""The operations of the editor, each a value: what a person does to a draft in one go."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from designer.graph.model import ROOT, AnyStep


class EditRefused(ValueError):
    """The operation makes no sense on this graph; the sentence says why, and what would."""


@dataclass(frozen=True, slots=True)
class AddStep:
    """Add a step and wire it in: it takes over where ``after`` led, and ``after`` leads to it.

    With ``exit`` it comes between two steps: on the way that this exit of ``after`` leads.
    Where ``after`` has no exit to spare, or none is given, it begins its scope if nothing does yet, and is
    otherwise left for the person to connect.
    """

    kind: str
    key: str
    title: str = ""
    after: str | None = None
    scope: str = ROOT  # where it lies when it comes after nothing
    does: str = ""
    exit: str = ""


@dataclass(frozen=True, slots=True)
class RemoveStep:
    """Remove a step, and with a parallel all steps in its branches."""

    key: str
    reconnect: bool = True  # what led to it leads to where it led


@dataclass(frozen=True, slots=True)
class MoveStep:
    """Let a step run one place earlier or later: it changes places with the step before or after it.

    At the edge of a branch the whole branch moves among its like. A step that no way leads to or from moves among
    those written beside it.
    """

    key: str
    offset: int  # -1 is earlier, 1 is later


@dataclass(frozen=True, slots=True)
class RenameStep:
    """Give a step another key, and use it in everything that leads to the step or reads from it."""

    key: str
    new_key: str


@dataclass(frozen=True, slots=True)
class ReplaceStep:
    """Change any fields of a step; its key, scope, kind and the set of its branches stay."""

    step: AnyStep


@dataclass(frozen=True, slots=True)
class Connect:
    """Lead an exit (see `wiring`) to a step of the same scope, or nowhere."""

    key: str
    exit: str
    target: str | None


@dataclass(frozen=True, slots=True)
class AddBranch:
    parallel: str
    name: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class RemoveBranch:
    """Remove a branch and all steps in it."""

    parallel: str
    name: str


@dataclass(frozen=True, slots=True)
class RenameBranch:
    """Give a branch another name, in everything that reads its output too."""

    parallel: str
    name: str
    new_name: str


@dataclass(frozen=True, slots=True)
class AddOption:
    key: str
    when: str = ""
    next: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class AddOutcome:
    key: str
    name: str
    next: str = ""
    title: str = ""
    reason_required: bool = False


@dataclass(frozen=True, slots=True)
class AddCatch:
    key: str
    on: tuple[str, ...]
    next: str = ""


@dataclass(frozen=True, slots=True)
class RemovePart:
    """Remove an option, an outcome or a catch, named like the exit it is."""

    key: str
    exit: str


@dataclass(frozen=True, slots=True)
class MovePart:
    """Move an option, an outcome, a catch or a branch among its like: the first condition that holds wins."""

    key: str
    exit: str
    offset: int


@dataclass(frozen=True, slots=True)
class SetHeader:
    """Change fields of the document above its steps, by their names there."""

    fields: Mapping[str, Any]


Operation = (
    AddStep
    | RemoveStep
    | MoveStep
    | RenameStep
    | ReplaceStep
    | Connect
    | AddBranch
    | RemoveBranch
    | RenameBranch
    | AddOption
    | AddOutcome
    | AddCatch
    | RemovePart
    | MovePart
    | SetHeader
)
