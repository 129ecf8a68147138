"""A step type: a contract and the code that keeps it."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from designer.catalog.context import Context
from designer.catalog.failures import ContractViolation
from designer.catalog.values import Convert, to_json
from designer.graph import Contract

_is_coroutine = cache(inspect.iscoroutinefunction)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepType:
    """`arguments` says how each input becomes the author's own type; `context_name` takes the context; `icon` is
    one of ICONS, or empty."""

    contract: Contract
    function: Callable[..., Any]
    arguments: Mapping[str, Convert]
    context_name: str | None = None
    icon: str = ""
    waits: bool = False  # it spends its time waiting for others, and keeps its own deadline

    @property
    def key(self) -> str:
        return self.contract.key

    @property
    def version(self) -> str:
        return self.contract.version

    @property
    def reference(self) -> str:
        return self.contract.reference

    @property
    def is_async(self) -> bool:
        return _is_coroutine(self.function)

    def perform(self, input: Mapping[str, Any], context: Context) -> Any:
        """Do the work. `input` fits the contract (see `conform_input`); the result is JSON."""
        if self.is_async:
            raise TypeError(f"{self.reference} is asynchronous: await aperform() instead.")
        return to_json(self.function(**self._given(input, context)), "output")

    async def aperform(self, input: Mapping[str, Any], context: Context) -> Any:
        """`perform` for an asynchronous step."""
        if not self.is_async:
            raise TypeError(f"{self.reference} is not asynchronous: call perform() instead.")
        return to_json(await self.function(**self._given(input, context)), "output")

    def _given(self, input: Mapping[str, Any], context: Context) -> dict[str, Any]:
        given = {name: self._converted(name, value) for name, value in input.items()}
        if self.context_name:
            given[self.context_name] = replace(context, errors=self.contract.errors)
        return given

    def _converted(self, name: str, value: Any) -> Any:
        convert = self.arguments.get(name)
        try:
            return convert(value) if convert else value
        except (TypeError, ValueError) as problem:
            raise ContractViolation(f"input.{name}: {problem}") from problem
