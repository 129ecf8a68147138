"""One door for all edits: an operation and a graph in, the edited graph and a phrase for people out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from designer.graph.codec import DocumentError, decode_header, decode_step, encode_header, encode_step
from designer.graph.model import AnyStep, Graph

from . import moving, parts, steps
from .changes import describe_changes
from .finding import a_step, found_step
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


@dataclass(frozen=True, slots=True)
class Edited:
    graph: Graph
    label: str  # what was done, for the undo button and the history; LONGEST_LABEL at most


LONGEST_LABEL = 200


def apply(graph: Graph, operation: Operation) -> Edited:
    """Do one operation. Raises EditRefused."""
    perform, label = _OPERATIONS[type(operation)]
    try:
        after = perform(graph, operation)
        _check_shape(graph, after)
    except DocumentError as error:
        raise EditRefused(str(error)) from None
    said = label(graph, after, operation)
    return Edited(after, said if len(said) <= LONGEST_LABEL else said[: LONGEST_LABEL - 1] + "…")


def _check_shape(before: Graph, after: Graph) -> None:
    """What was edited must be what the format can hold. Raises DocumentError or EditRefused."""
    decode_header(encode_header(after))
    for step in after.steps.values():
        if before.steps.get(step.key) is not step:
            _check_step(step)


def _check_step(step: AnyStep) -> None:
    if decode_step(step.key, encode_step(step), step.scope) != step:
        raise EditRefused(f"{step.name} holds something that {a_step(step)} does not have.")


def _added(before: Graph, after: Graph, operation: AddStep) -> str:
    place = f" after {before.step(operation.after).name}" if operation.after else ""
    return f"Add step {after.step(operation.key).name}{place}"


def _removed(before: Graph, after: Graph, operation: RemoveStep) -> str:
    more = len(before.steps) - len(after.steps) - 1
    return f"Remove step {before.step(operation.key).name}" + (f" and {more} inside it" if more else "")


def _moved(before: Graph, after: Graph, operation: MoveStep) -> str:
    return f"Move {before.step(operation.key).name} {'up' if operation.offset < 0 else 'down'}"


def _renamed(before: Graph, after: Graph, operation: RenameStep) -> str:
    return f"Rename step {operation.key} to {operation.new_key}"


def _connected(before: Graph, after: Graph, operation: Connect) -> str:
    exit = "" if operation.exit == "next" else f" ({operation.exit.replace('.', ' ')})"
    target = f"to {after.step(operation.target).name}" if operation.target else "to nothing"
    return f"Connect {before.step(operation.key).name}{exit} {target}"


def _branch_added(before: Graph, after: Graph, operation: AddBranch) -> str:
    return f"Add branch {operation.title or operation.name} to {before.step(operation.parallel).name}"


def _branch_removed(before: Graph, after: Graph, operation: RemoveBranch) -> str:
    return f"Remove branch {operation.name} of {before.step(operation.parallel).name}"


def _branch_renamed(before: Graph, after: Graph, operation: RenameBranch) -> str:
    return f"Rename branch {operation.name} to {operation.new_name}"


def _part_added(before: Graph, after: Graph, operation: AddOption | AddOutcome | AddCatch) -> str:
    return f"Add {_PARTS[type(operation)]} to {found_step(before, operation.key).name}"


def _part_removed(before: Graph, after: Graph, operation: RemovePart) -> str:
    return f"Remove {operation.exit.replace('.', ' ')} of {before.step(operation.key).name}"


def _part_moved(before: Graph, after: Graph, operation: MovePart) -> str:
    return f"Move {operation.exit.replace('.', ' ')} of {before.step(operation.key).name}"


def _changed(before: Graph, after: Graph, operation: ReplaceStep | SetHeader) -> str:
    changes = describe_changes(before, after)
    if not changes:
        return "Change nothing"
    first, more = changes[0], len(changes) - 1
    said = f"{first.name}: {first.text}" if first.name else first.text[:1].upper() + first.text[1:]
    return said + (f" and {more} more" if more else "")


_PARTS: Mapping[type, str] = {AddOption: "an option", AddOutcome: "an outcome", AddCatch: "a catch"}
_OPERATIONS: Mapping[type, tuple[Callable[[Graph, Any], Graph], Callable[[Graph, Graph, Any], str]]] = {
    AddStep: (steps.add_step, _added),
    RemoveStep: (steps.remove_step, _removed),
    MoveStep: (moving.move_step, _moved),
    RenameStep: (steps.rename_step, _renamed),
    ReplaceStep: (steps.replace_step, _changed),
    Connect: (steps.connect, _connected),
    AddBranch: (parts.add_branch, _branch_added),
    RemoveBranch: (parts.remove_branch, _branch_removed),
    RenameBranch: (parts.rename_branch, _branch_renamed),
    AddOption: (parts.add_option, _part_added),
    AddOutcome: (parts.add_outcome, _part_added),
    AddCatch: (parts.add_catch, _part_added),
    RemovePart: (parts.remove_part, _part_removed),
    MovePart: (parts.move_part, _part_moved),
    SetHeader: (parts.set_header, _changed),
}
