"""Walks an example by hand, one step after the other, without engine, database or queue."""

from typing import Any

from designer.catalog import Context, conform_input, conform_output, resolve
from designer.graph import ROOT, Action, Choice, Graph, Parallel, Succeed, fill, holds


class Walk:
    """Ends at a step that ends the workflow, or at one that waits for a person; `undo` goes back."""

    def __init__(self, graph: Graph, input: Any, key: str) -> None:
        self.graph, self.key = graph, key
        self.values: dict[str, Any] = {"input": input, "vars": {}, "steps": {}}
        self.done: list[str] = []

    def go(self) -> str:
        return self._scope(ROOT)[0]

    def _scope(self, scope: str) -> tuple[str, Any]:
        """The key of the last step of the scope, and the scope's output."""
        at, output = self.graph.start_of(scope), None
        while True:
            step = self.graph.step(at)
            output = self._enter(step)
            self.values["steps"][at] = {"output": output}
            if isinstance(step, Action | Parallel):
                self.values["vars"] |= fill(dict(step.assign), self.values | {"output": output})
            onward = self._next(step)
            if onward is None:
                return at, output
            at = onward

    def _enter(self, step: Any) -> Any:
        if isinstance(step, Action):
            self.done.append(step.key)
            return self._perform(step.does, fill(step.inputs, self.values), step.key)
        if isinstance(step, Parallel):
            return {branch.name: self._scope(step.scope_of(branch.name))[1] for branch in step.branches}
        return fill(step.output, self.values) if isinstance(step, Succeed) else None

    def _next(self, step: Any) -> str | None:
        if isinstance(step, Choice):
            fitting = (option.next for option in step.options if holds(option.when, self.values))
            return next(fitting, step.otherwise)
        return step.next

    def _perform(self, does: str, input: Any, step: str) -> Any:
        step_type = resolve(does)
        context = Context(f"{self.key}-{step}", self.key, step)
        output = step_type.perform(conform_input(step_type.contract, input), context)
        return conform_output(step_type.contract, output)

    def undo(self) -> None:
        for key in reversed(self.done):
            step = self.graph.step(key)
            if isinstance(step, Action) and step.compensate:
                compensate = step.compensate
                values = self.values | {"output": self.values["steps"][key]["output"]}
                self._perform(compensate.does, fill(compensate.inputs, values), f"{key}-undo")
