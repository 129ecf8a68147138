"""What is around the states that are being written: names, variables, and where a way leads."""

from collections.abc import Callable
from typing import Any

from designer.graph import ROOT, AnyStep, Choice, Fail, Graph, Loop, Map, SetVariables, Succeed

from .cel import Untranslatable
from .exported import Loss
from .jsonata import Tongue, bracketed
from .naming import Names
from .undoing import undoings

States = dict[str, dict[str, Any]]
SILENT = (Choice, Succeed, Fail, SetVariables)  # the kinds that give no output of their own
RESERVED = frozenset({"states", "failure", "caught"})


class Scenery:
    """One graph on its way out. ``carries``: whether values are handed from state to state."""

    def __init__(self, graph: Graph, *, carries: bool) -> None:
        self.graph = graph
        self.carries = carries
        self.names = Names(graph)
        self.losses: list[Loss] = []
        self.tested: set[str] = set()
        self.homes: dict[str, str] = {}  # by variable: the scope that it is assigned in
        self.ends: dict[str, str] = {}  # by scope: the state that does nothing but end it
        self.tails: dict[str, str] = {}  # by the scope of a round: the state that ends the round
        self.undoings = undoings(graph)
        self.outputs = {
            key: self._free(key) for key, step in graph.steps.items() if not isinstance(step, SILENT)
        }
        assigned = {name for step in graph.steps.values() for name in step.assign}
        self.variables = {name: self._free(name, set(graph.steps)) for name in sorted(assigned)}
        for key, variable in self.outputs.items():
            self.homes[variable] = self.home(graph.steps[key].scope)
        for step in graph.steps.values():
            for name in step.assign:
                self.homes.setdefault(self.variables[name], self.home(step.scope))

    def _free(self, name: str, taken: set[str] | frozenset[str] = frozenset()) -> str:
        return f"{name}_value" if name in taken or name in RESERVED else name

    def lose(self, step: AnyStep, sentence: str) -> None:
        self.losses.append(Loss(step.key, sentence))

    def home(self, scope: str) -> str:
        """The scope whose states these are: rounds of a loop stand among the states around it."""
        while scope != ROOT and isinstance(opener := self.graph.opener(scope)[0], Loop):
            scope = opener.scope
        return scope

    def tongue(self, scope: str, result: str = "$states.result") -> Tongue:
        seen = set(self.graph.enclosing(scope))
        openers = [self.graph.opener(around)[0] for around in self.graph.enclosing(scope) if around != ROOT]
        item = next((f"{opener.key}_item" for opener in openers if isinstance(opener, Map)), "")
        index = next((f"{opener.key}_index" for opener in openers if isinstance(opener, Map | Loop)), "")
        outputs = {key: name for key, name in self.outputs.items() if self.graph.steps[key].scope in seen}
        return Tongue(outputs, self.variables, item, index, result, self.tested)

    def said(self, step: AnyStep, what: str, say: Callable[[], Any]) -> Any:
        """What ``say`` says; where it cannot be said, an error that tells so when the machine comes to it."""
        try:
            return say()
        except Untranslatable as why:
            self.lose(
                step, f"{what} cannot be said in JSONata: {why}. The machine stops there with an error."
            )
            return bracketed(f"$error('{step.key}: {what} was not exported')")

    def value(self, step: AnyStep, what: str, template: Any, result: str = "$states.result") -> Any:
        return self.said(step, what, lambda: self.tongue(step.scope, result).value(template))

    def values(
        self, step: AnyStep, what: str, templates: dict[str, Any], result: str = "$states.result"
    ) -> Any:
        """Each of several templates by itself, so that one that cannot be said spoils no other."""
        return {name: self.value(step, f"{what} “{name}”", part, result) for name, part in templates.items()}

    def condition(self, step: AnyStep, what: str, text: str, scope: str | None = None) -> str:
        at = step.scope if scope is None else scope
        found = self.said(step, what, lambda: self.tongue(at).condition(text))
        assert isinstance(found, str)
        return found

    def leads(self, step: AnyStep, next: str | None) -> dict[str, Any]:
        """Next or End."""
        if next:
            return {"Next": self.names.of.get(next, next)}
        tail = self.tails.get(step.scope)
        return {"Next": tail} if tail else {"End": True}

    def target(self, step: AnyStep, next: str | None) -> str:
        """The state that a way leads to, where a state has to be named."""
        if next or step.scope in self.tails:
            return str(self.leads(step, next)["Next"])
        if step.scope not in self.ends:
            self.ends[step.scope] = self.names.free("Done")
        return self.ends[step.scope]

    def done_before(self, step: AnyStep) -> tuple[str, ...]:
        """What is to be undone when this step fails."""
        while self.home(step.scope) == ROOT and step.scope != ROOT:
            step = self.graph.opener(step.scope)[0]
        return self.undoings.before(step.key) if step.scope == ROOT else ()
