"""A situation: all that a rule may look at. Expressions are filled in here, as seen from a scope."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from designer.graph import AnyStep, Contract, Graph, fill, holds, placeholder, references

from . import scopes
from .events import CompensationOwed, Event, Gathered, StepFailed, StepSkipped, StepSucceeded, VariableSet
from .state import ActiveStep, Fault, RunState
from .storable import storage_flaw
from .values import ABSENT, LedgerEntry, OutputOf, Reference, RunInput, StepOutput, Values, Variable

_MISSING = object()


class Broken(Exception):
    """A step cannot go on, and trying again would not help."""

    def __init__(self, fault: Fault):
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Situation:
    graph: Graph
    state: RunState
    values: Values
    at: datetime

    def definition(self, step: ActiveStep) -> AnyStep:
        return self.graph.step(step.key)

    def contract(self, reference: str) -> Contract:
        """Raises Broken: a published version pins all it uses, so only a damaged one comes here."""
        try:
            return self.graph.contracts[reference]
        except KeyError:
            raise Broken(
                Fault(name="UnknownStepType", message=f"No contract is pinned for {reference}.")
            ) from None

    def fill(self, template: Any, scope: str, output: Any = _MISSING) -> Any:
        """``template`` with its expressions evaluated. Raises EvaluationError, Needed, Broken."""
        return self._fill(template, self._roots(references(template), scope, output))

    def fill_call(self, template: Any, scope: str, output: Any = _MISSING) -> Any:
        """`fill` for what is handed to a step type: placeholders stand where it is given secrets."""
        paths = references(template)
        secrets = {path[1]: placeholder(path[1]) for path in paths if path[0] == "secret" and len(path) > 1}
        return self._fill(template, {**self._roots(paths, scope, output), "secret": secrets})

    def _fill(self, template: Any, roots: dict[str, Any]) -> Any:
        filled = fill(template, roots)
        if flaw := storage_flaw(filled, largest=self.values.largest):
            raise Broken(Fault(name="ValueRefused", message=f"A value {flaw}.", retryable=False))
        return filled

    def holds(self, condition: str, scope: str) -> bool:
        """Raises EvaluationError, Needed."""
        wrapped = condition if condition.strip().startswith("${") else f"${{ {condition} }}"
        return holds(condition, self._roots(references(wrapped), scope, _MISSING))

    def learn(self, event: Event) -> Values:
        """The values as they are after ``event``, which has not been applied yet."""
        match event:
            case StepSucceeded():
                step = self.state.steps[event.no]
                found: dict[Reference, Any] = {
                    StepOutput(step.key, step.scope): event.output,
                    OutputOf(step.no): event.output,
                }
                entry = LedgerEntry(
                    no=step.no,
                    key=step.key,
                    scope=step.scope,
                    completed=self.state.seq + 1,
                    attempt=step.attempt,
                )
                return self.values.learning(found, *([entry] if event.compensable else []))
            case StepFailed(goes_on=True) | StepSkipped():
                step = self.state.steps[event.no]
                nothing: dict[Reference, Any] = {StepOutput(step.key, step.scope): None}
                if not step.owed:  # its compensation reads what it gave
                    nothing[OutputOf(step.no)] = None
                return self.values.learning(nothing)
            case CompensationOwed():
                return self.values.learning({OutputOf(event.no): event.output})
            case VariableSet():
                return self.values.learning({Variable(event.name, event.scope): event.value})
        return self.values

    def output_value(self, output: Any) -> Any:
        """An output as expressions see it, gathered ones collected. Raises Needed."""
        if output is ABSENT:
            return None
        if not isinstance(output, Gathered):
            return output
        parts = {name: OutputOf(no) for name, no in output.parts.items() if no is not None}
        found = self.values.of(parts.values())
        return {
            name: self.output_value(found[parts[name]]) if name in parts else None for name in output.parts
        }

    def _roots(self, paths: frozenset[tuple[str, ...]], scope: str, output: Any) -> dict[str, Any]:
        roots: dict[str, Any] = {"run": self.values.run, "now": self.at, "vars": {}, "steps": {}}
        self.values.of(reference for path in paths for reference in self._references(path, scope))
        for path in paths:
            self._place(roots, path, scope)
        if output is not _MISSING:
            roots["output"] = self.output_value(output)
        if (fault := self._caught(scope)) is not None:
            roots["error"] = {"name": fault.name, "message": fault.message, "step": fault.step}
        return roots

    def _references(self, path: tuple[str, ...], scope: str) -> tuple[Reference, ...]:
        """Where a path's value may be, nearest first."""
        match path:
            case ("input", *_):
                return (RunInput(),)
            case ("vars", name, *_):
                return tuple(Variable(name, outer) for outer in scopes.chain(scope))
            case ("steps", key, *_) if key in self.graph.steps:
                home = self.graph.steps[key].scope
                return tuple(StepOutput(key, s) for s in scopes.chain(scope) if scopes.place(s) == home)
        return ()

    def _place(self, roots: dict[str, Any], path: tuple[str, ...], scope: str) -> None:
        seen = (self.values.get(reference) for reference in self._references(path, scope))
        value = next((value for value in seen if value is not ABSENT), ABSENT)
        if value is ABSENT:
            return
        match path:
            case ("input", *_):
                roots["input"] = value
            case ("vars", name, *_):
                roots["vars"][name] = value
            case ("steps", key, *_):
                roots["steps"][key] = {"output": self.output_value(value)}

    def _caught(self, scope: str) -> Fault | None:
        seen = (self.state.scopes.get(outer) for outer in scopes.chain(scope))
        return next((s.caught for s in seen if s is not None and s.caught is not None), None)
