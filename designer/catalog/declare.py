"""`@step`: a function becomes a step type.

Everything a contract needs is asked for here, at import, so that a mistake is a sentence when the server
starts and never a surprise in a run.
"""

import inspect
import re
import typing
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from designer.catalog.context import Context
from designer.catalog.failures import DeclarationRefused, ErrorDeclaration, error_spec
from designer.catalog.hints import Schema, object_schema, schema_of, with_default
from designer.catalog.registry import register
from designer.catalog.semver import parse_version
from designer.catalog.step_type import StepType
from designer.catalog.values import Convert, converter
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
) -> Callable[[F], F]:
    """Register the decorated function as a step type.

    The function stays what it was and can be called in a test; `step_type_of` finds what was registered.
    """

    def declare(function: F) -> F:
        place = f"@step({key!r})"
        checked_key = _key(key, place)
        signature = _Signature(function, place)
        kind, undone_by = _effect(effect, place)
        contract = Contract(
            key=checked_key,
            version=_version(version, place),
            title=title or _first_line(function) or checked_key,
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
        function.step_type = register(  # type: ignore[attr-defined]
            StepType(
                contract=contract,
                function=function,
                arguments=signature.converters(),
                context_name=signature.context_name,
            )
        )
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


class _Signature:
    """A function's parameters, as far as a contract cares for them."""

    def __init__(self, function: Callable[..., Any], place: str) -> None:
        self.place = place
        self.hints = _hints(function, place)
        parameters = inspect.signature(function).parameters.values()
        self.context_name = next((p.name for p in parameters if self.hints.get(p.name) is Context), None)
        self.parameters = [p for p in parameters if p.name != self.context_name]

    def input_schema(self) -> Schema:
        properties, required = {}, []
        for parameter in self.parameters:
            self._check_named(parameter)
            at = f"{self.place}, parameter {parameter.name}"
            schema = schema_of(self._hint(parameter.name, at), at, closed=True)
            if parameter.default is parameter.empty:
                required.append(parameter.name)
            else:
                schema = with_default(schema, parameter.default, at)
            properties[parameter.name] = schema
        return object_schema(properties, required, closed=True)

    def output_schema(self) -> Schema:
        at = f"{self.place}, return value"
        return schema_of(self._hint("return", at), at, closed=False)

    def check_takes(self, schema: Mapping[str, Any]) -> None:
        """A schema given by hand and the function must speak of the same names."""
        if any(parameter.kind is parameter.VAR_KEYWORD for parameter in self.parameters):
            return
        taken = {parameter.name for parameter in self.parameters}
        needed = {p.name for p in self.parameters if p.default is p.empty}
        if unknown := sorted(set(schema.get("properties", {})) - taken):
            raise DeclarationRefused(
                f"{self.place}: the function has no parameter {unknown[0]}, which its input schema names."
            )
        if missing := sorted(needed - set(schema.get("required", []))):
            raise DeclarationRefused(
                f"{self.place}: the function needs {missing[0]}, but its input schema does not require it."
            )

    def converters(self) -> dict[str, Convert]:
        return {p.name: converter(self.hints[p.name]) for p in self.parameters if p.name in self.hints}

    def _hint(self, name: str, at: str) -> Any:
        if name not in self.hints:
            raise DeclarationRefused(
                f"{at} has no type hint; a contract is made from type hints or from a JSON Schema."
            )
        return self.hints[name]

    def _check_named(self, parameter: inspect.Parameter) -> None:
        if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
            raise DeclarationRefused(
                f"{self.place}: {parameter} cannot be an input; inputs are given by name."
            )


def _hints(function: Callable[..., Any], place: str) -> dict[str, Any]:
    try:
        return typing.get_type_hints(function, include_extras=True)
    except NameError as problem:
        raise DeclarationRefused(f"{place}: a type hint cannot be read, {problem}.") from None
