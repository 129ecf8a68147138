"""`@step`: a function becomes a step type.

Everything a contract needs is asked for here, at import, so that a mistake is a sentence when the server
starts and never a surprise in a run.
"""

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from designer.catalog.failures import DeclarationRefused, ErrorDeclaration, error_spec
from designer.catalog.hints import Schema
from designer.catalog.icons import ICONS
from designer.catalog.registry import register
from designer.catalog.semver import parse_version
from designer.catalog.signature import Signature
from designer.catalog.step_type import StepType
from designer.graph import Contract, Effect, check_schema

KEY = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+", re.ASCII)
UNDOABLE_BY = re.compile(r"undoable by (\S+)")


def step[F: Callable[..., Any]](
    key: str,
    *,
    version: str,
    title: str = "",
    summary: str = "",
    owner: str = "",
    effect: str = "none",
    idempotent: bool = False,
    errors: Sequence[ErrorDeclaration] = (),
    input: Mapping[str, Any] | None = None,
    output: Mapping[str, Any] | None = None,
    at_most_once: bool = False,
    retired: bool = False,
    icon: str = "",
    waits: bool = False,
) -> Callable[[F], F]:
    """Register the decorated function, which stays a function; `step_type_of` finds what was registered."""

    def declare(function: F) -> F:
        place = f"@step({key!r})"
        signature = Signature(function, place)
        kind, undone_by = _effect(effect, place)
        contract = Contract(
            key=_key(key, place),
            version=_version(version, place),
            title=title or _first_line(function) or key,
            summary=summary or inspect.getdoc(function) or "",
            input=_object(input, place) if input is not None else signature.input_schema(),
            output=dict(output) if output is not None else signature.output_schema(),
            errors=tuple(error_spec(error) for error in errors),
            idempotent=idempotent,
            effect=kind,
            undone_by=undone_by,
            owner=owner,
            at_most_once=at_most_once,
            retired=retired,
        )
        signature.check_takes(contract.input)
        _check_schemas(contract, place)
        declared = StepType(
            contract=contract,
            function=function,
            arguments=signature.converters(),
            context_name=signature.context_name,
            icon=_icon(icon, place),
            waits=waits or inspect.iscoroutinefunction(function),
        )
        function.step_type = register(declared)  # type: ignore[attr-defined]
        return function

    return declare


def step_type_of(function: Callable[..., Any]) -> StepType:
    found = getattr(function, "step_type", None)
    if not isinstance(found, StepType):
        raise DeclarationRefused(f"{function!r} is not a step type; decorate it with @step(...).")
    return found


def _key(key: str, place: str) -> str:
    if not isinstance(key, str) or not KEY.fullmatch(key):
        raise DeclarationRefused(
            f"{place}: {key!r} is not a step type's key; write your app's name, a dot and a verb: acme.send."
        )
    return key


def _version(version: str, place: str) -> str:
    try:
        return str(parse_version(version))
    except ValueError as problem:
        raise DeclarationRefused(f"{place}: {problem}") from None


def _icon(icon: str, place: str) -> str:
    if icon and icon not in ICONS:
        raise DeclarationRefused(f"{place}: icon {icon!r} is not known; there is {', '.join(sorted(ICONS))}.")
    return icon


def _effect(effect: str, place: str) -> tuple[Effect, str | None]:
    match = UNDOABLE_BY.fullmatch(effect)
    if match and KEY.fullmatch(match[1]):
        return Effect.UNDOABLE, match[1]
    if effect in (Effect.NONE, Effect.PERMANENT):
        return Effect(effect), None
    raise DeclarationRefused(
        f'{place}: effect {effect!r} is not known; write "none", "permanent", or "undoable by" and the key of '
        'the step type that undoes it, such as "undoable by acme.recall".'
    )


def _check_schemas(contract: Contract, place: str) -> None:
    for side, schema in (("input", contract.input), ("output", contract.output)):
        for violation in check_schema(schema):
            at = f" at {violation.path}" if violation.path else ""
            raise DeclarationRefused(f"{place}: the {side} schema is not usable{at}: {violation.message}")


def _object(schema: Mapping[str, Any], place: str) -> Schema:
    if not isinstance(schema, Mapping) or schema.get("type") != "object":
        raise DeclarationRefused(
            f'{place}: the input schema must have "type": "object", because a step takes named inputs.'
        )
    return dict(schema)


def _first_line(function: Callable[..., Any]) -> str:
    return (inspect.getdoc(function) or "").partition("\n")[0].rstrip(".")
