"""What step types promise, and whether their steps are used accordingly."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from designer.graph.contracts import Contract, Effect
from designer.graph.edits.operations import ReplaceStep
from designer.graph.model import Action
from designer.graph.policies import ANY_ERROR, Catch, Compensate, OnFailure
from designer.graph.undoing import undo_inputs

from .problem import Fix, Found, asked, closest, listed
from .view import View

# What the engine itself may say of any step.
ENGINE_ERRORS = frozenset(
    [
        "BadItems",
        "BadKey",
        "BadLock",
        "BadTime",
        "BadTimes",
        "Cancelled",
        "ContractViolation",
        "DeadlinePassed",
        "ExpressionError",
        "InputInvalid",
        "InputRefused",
        "JoinFailed",
        "LoopLimit",
        "NoChoice",
        "NoOutcome",
        "NotAllowed",
        "SecretUnknown",
        "Timeout",
        "TooDeep",
        "UnknownStepType",
        "UnknownWorkflow",
        "ValueRefused",
        "VisitLimit",
        "WorkerLost",
    ]
)
OF_ASL = "States."  # what a flow's errors are called


def unknown_step_type(view: View) -> Iterator[Found]:
    for step in _actions(view):
        if not step.does and not step.resource:
            yield Found(f"“{step.name}” does nothing yet. Choose a step type for it.", step.key, "does")
        elif not step.does:
            continue  # see `flows`
        elif view.contract(step.does) is None:
            meant = _meant(view, step.does)
            message = f"There is no step type {step.does}.{asked(meant)}"
            fix = Fix(f"Use {meant}", ReplaceStep(replace(step, does=meant))) if meant else None
            yield Found(message, step.key, "does", fix)


def unknown_compensation(view: View) -> Iterator[Found]:
    for step, undo in _undone(view):
        if not undo.does:
            message = f"“{step.name}” is to be undone, but not by what. Choose a step type."
            named = _undoing(view, step)
            fix = Fix(f"Undo by {named}", _undo_by(view, step, named)) if named else None
            yield Found(message, step.key, "compensate.does", fix)
        elif view.contract(undo.does) is None:
            meant = _meant(view, undo.does)
            message = f"“{step.name}” is to be undone by {undo.does}, which is no step type.{asked(meant)}"
            right = replace(step, compensate=replace(undo, does=meant or ""))
            fix = Fix(f"Use {meant}", ReplaceStep(right)) if meant else None
            yield Found(message, step.key, "compensate.does", fix)


def retired_step_type(view: View) -> Iterator[Found]:
    for step in _actions(view):
        contract = view.contract(step.does)
        if contract and contract.retired:
            newer = _newest(view, contract.key)
            message = (
                f"“{step.name}” does {contract.reference}, which is retired. Choose what has taken its place."
            )
            fix = Fix(f"Use {newer}", ReplaceStep(replace(step, does=newer))) if newer else None
            yield Found(message, step.key, "does", fix)


def not_undone(view: View) -> Iterator[Found]:
    """An effect that could be undone, and that a failing run would leave behind."""
    for step in _actions(view):
        contract = view.contract(step.does)
        if not contract or contract.effect is not Effect.UNDOABLE or step.compensate:
            continue
        if view.graph.on_failure is OnFailure.KEEP:
            continue
        named = _undoing(view, step)
        by = f" by {contract.undone_by}" if contract.undone_by else ""
        message = (
            f"“{step.name}” could be undone{by}, but is left as it is when the run fails. Say how to undo it."
        )
        fix = Fix(f"Undo by {named}", _undo_by(view, step, named)) if named else None
        yield Found(message, step.key, "compensate", fix)


def retry_not_idempotent(view: View) -> Iterator[Found]:
    for step in _actions(view):
        contract = view.contract(step.does)
        if (
            contract
            and step.retry.attempts > 1
            and not contract.idempotent
            and contract.effect is not Effect.NONE
        ):
            message = (
                f"“{step.name}” is tried up to {step.retry.attempts} times, but {contract.key} does not say that it is"
                " idempotent: what it does may happen twice."
            )
            fix = Fix("Try once", ReplaceStep(replace(step, retry=replace(step.retry, attempts=1))))
            yield Found(message, step.key, "retry.attempts", fix)


def retry_on_undeclared_error(view: View) -> Iterator[Found]:
    yield from _of_services(view, "retry.on", "retries", lambda step: (*step.retry.on, *step.retry.never_on))
    for step in _actions(view):
        for field in ("on", "never_on"):
            for name, meant in _undeclared(view, step, getattr(step.retry, field)):
                names: dict[str, Any] = {field: _respelled(getattr(step.retry, field), name, meant)}
                right = replace(step.retry, **names)
                yield _undeclared_found(view, step, f"retry.{field}", name, meant, replace(step, retry=right))


def catch_of_undeclared_error(view: View) -> Iterator[Found]:
    yield from _of_services(view, "catch", "fallbacks", lambda step: [n for c in step.catch for n in c.on])
    for step in _actions(view):
        for index, catch in enumerate(step.catch):
            for name, meant in _undeclared(view, step, catch.on):
                right = Catch(on=_respelled(catch.on, name, meant), next=catch.next)
                kept = tuple(right if i == index else c for i, c in enumerate(step.catch))
                mended = replace(step, catch=tuple(c for c in kept if c.on))
                yield _undeclared_found(view, step, f"catch.{index}.on", name, meant, mended)


def _of_services(
    view: View, field: str, what: str, names_in: Callable[[Action], Sequence[str]]
) -> Iterator[Found]:
    """Errors of services that steps of a state machine once called: said once, for there are many of them."""
    spoken = [
        (step, found)
        for step in _actions(view)
        if view.contract(step.does) and (found := [n for n in names_in(step) if _is_of_service(step, n)])
    ]
    if not spoken:
        return
    (first, _), others = spoken[0], len(spoken) - 1
    more = f" and {others} other step{'' if others == 1 else 's'}" if others else ""
    said = listed(sorted({name for _, found in spoken for name in found}))
    message = f"The {what} of “{first.name}”{more} name {said}, which nothing here raises. They may stay as they are."
    yield Found(message, first.key, field)


def _is_of_service(step: Action, name: str) -> bool:
    return bool(step.resource) and "." in name and not name.startswith(OF_ASL)


def _undeclared_found(
    view: View, step: Action, field: str, name: str, meant: str | None, mended: Action
) -> Found:
    contract = view.contract(step.does)
    known = sorted(spec.name for spec in contract.errors) if contract else []
    declares = f"It declares {listed(known)}." if known else "It declares no errors."
    message = f"“{step.name}” speaks of the error {name}, which {step.does} does not declare. {declares}{asked(meant)}"
    fix = Fix(f"Write {meant}" if meant else f"Take {name} out", ReplaceStep(mended))
    return Found(message, step.key, field, fix)


def _undeclared(view: View, step: Action, names: tuple[str, ...]) -> Iterator[tuple[str, str | None]]:
    contract = view.contract(step.does)
    if contract is None:
        return
    known = {spec.name for spec in contract.errors} | ENGINE_ERRORS
    for name in names:
        ours = name != ANY_ERROR and not name.startswith(OF_ASL) and not _is_of_service(step, name)
        if ours and name not in known:
            yield name, closest(name, sorted(known - set(names)))


def _respelled(names: tuple[str, ...], name: str, meant: str | None) -> tuple[str, ...]:
    if meant is None:
        return tuple(each for each in names if each != name)
    return tuple(meant if each == name else each for each in names)


def _actions(view: View) -> Iterator[Action]:
    return (step for step in view.graph.steps.values() if isinstance(step, Action))


def _undone(view: View) -> Iterator[tuple[Action, Compensate]]:
    return ((step, step.compensate) for step in _actions(view) if step.compensate)


def _meant(view: View, reference: str) -> str | None:
    """The reference of the step type that was probably meant: the same key in the version there is, or one close."""
    key = reference.partition("@")[0]
    offered = (contract for contract in view.available.values() if not contract.is_workflow)
    keys = {contract.key for contract in offered if not contract.retired}
    found = key if key in keys else closest(key, sorted(keys))
    return _newest(view, found) if found else None


def _newest(view: View, key: str | None) -> str | None:
    versions = [c.version for c in view.available.values() if c.key == key and not c.retired]
    newest = max(versions, key=_order, default=None)
    return f"{key}@^{newest.partition('.')[0]}" if newest else None


def _order(version: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (-1, part) for part in version.split(".")]


def _undoing(view: View, step: Action) -> str | None:
    contract = view.contract(step.does)
    return _newest(view, contract.undone_by) if contract else None


def _undo_by(view: View, step: Action, reference: str) -> ReplaceStep:
    """The undo, with those of its inputs mapped that can be told from what the step gives and was given."""
    does, undo = view.contract(step.does), _offered(view, reference)
    given = undo_inputs(does, undo, step.inputs) if does and undo else {}
    retry = step.compensate.retry if step.compensate else Compensate().retry
    return ReplaceStep(replace(step, compensate=Compensate(does=reference, inputs=given, retry=retry)))


def _offered(view: View, reference: str) -> Contract | None:
    found = view.contract(reference)
    key = reference.partition("@")[0]
    return found or next((c for c in view.available.values() if c.key == key and not c.retired), None)
