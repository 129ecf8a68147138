"""A function's parameters, as far as a contract cares for them."""

import inspect
import typing
from collections.abc import Callable, Mapping
from typing import Any

from designer.catalog.context import Context
from designer.catalog.failures import DeclarationRefused
from designer.catalog.hints import Schema, object_schema, schema_of, with_default
from designer.catalog.values import Convert, converter


class Signature:
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
