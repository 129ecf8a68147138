"""A graph as checks look at it: everything that more than one of them asks for, worked out once."""

from collections.abc import Collection, Iterator, Mapping
from functools import cached_property

from designer.graph.contracts import Contract, Schema
from designer.graph.expressions import Expression
from designer.graph.flow import Walk, facts, walks
from designer.graph.model import ROOT, AnyStep, Graph, NoSuchStep
from designer.graph.paths import Path
from designer.graph.policies import OnExhausted

from .lookups import Lookups
from .slots import Slot, Use, slots, uses

Fact = tuple[str, str]  # ("steps", key), ("vars", name) or CAUGHT
CAUGHT: Fact = ("error", "")


class View:
    def __init__(
        self, graph: Graph, available: Mapping[str, Contract], secrets: Collection[str] | None = None
    ) -> None:
        self.graph = graph
        self.available = available
        self.secrets = secrets
        self.schemas = Lookups()
        self.outputs: dict[tuple[str, int], Schema] = {}  # kept by `sources`
        self.variables: dict[tuple[str, int], Schema] = {}
        self._bits: dict[Fact, int] = {}

    @cached_property
    def walks(self) -> dict[str, Walk]:
        return walks(self.graph)

    @cached_property
    def slots(self) -> tuple[Slot, ...]:
        return tuple(slots(self.graph))

    @cached_property
    def uses(self) -> tuple[Use, ...]:
        return tuple(use for slot in self.slots for use in uses(slot))

    @cached_property
    def reads(self) -> tuple[tuple[Use, Expression], ...]:
        """The uses that compile."""
        return tuple((use, use.expression) for use in self.uses if isinstance(use.expression, Expression))

    @cached_property
    def paths(self) -> tuple[tuple[Use, Path], ...]:
        """Every path that a use reads."""
        return tuple(
            (use, path) for use, expression in self.reads for path in sorted(expression.paths, key=str)
        )

    @cached_property
    def steps_read(self) -> tuple[tuple[Use, AnyStep, str], ...]:
        """Every step that an expression reads without asking for it by has() first."""
        return tuple(self._names_read("steps"))

    @cached_property
    def variables_read(self) -> tuple[tuple[Use, AnyStep, str], ...]:
        return tuple(self._names_read("vars"))

    def _names_read(self, root: str) -> Iterator[tuple[Use, AnyStep, str]]:
        for use, expression in self.reads:
            paths = [path for path in expression.references if path[0] == root and len(path) > 1]
            step = use.slot.step
            for name in sorted({path[1] for path in paths if not use.guards(path)}):
                if step is not None:
                    yield use, step, name

    @cached_property
    def assigning(self) -> dict[str, list[AnyStep]]:
        """The steps that set each variable."""
        found: dict[str, list[AnyStep]] = {}
        for step in self.graph.steps.values():
            for name in step.assign:
                found.setdefault(name, []).append(step)
        return found

    def contract(self, reference: str) -> Contract | None:
        return self.graph.contracts.get(reference)

    def around(self, scope: str) -> tuple[str, ...]:
        """``scope`` and the scopes around it, innermost first; empty where nothing opens it."""
        found = []
        of = self.walks.get(scope)
        while of is not None:
            found.append(of.scope)
            of = self.walks[of.opener.scope] if of.opener else None
        return tuple(found)

    def reached(self, step: AnyStep) -> bool:
        of = self.walks.get(step.scope)
        return of is not None and step.key in of.reachable

    def knows(self, step: AnyStep, fact: Fact) -> bool:
        """Whether a fact holds whenever ``step`` begins; of steps that never begin, anything is true."""
        known = self._known.get(step.key)
        return known is None or bool(known & self._bit(fact))

    @cached_property
    def _known(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for of in self.walks.values():
            before = found.get(of.opener.key) if of.opener else 0
            if before is not None:
                found |= facts(self.graph, of, before, self._learn)
        return found

    def _learn(self, step: AnyStep, known: int, failed: bool) -> int:
        own = self._bit(("steps", step.key))
        if failed:
            return known & ~own | self._bit(CAUGHT)
        if step.on_exhausted is OnExhausted.CONTINUE:
            return known & ~own
        known |= own
        for name in step.assign:
            known |= self._bit(("vars", name))
        return known

    def _bit(self, fact: Fact) -> int:
        return self._bits.setdefault(fact, 1 << len(self._bits))

    def home(self, step: AnyStep) -> str:
        """Where a step stands, for people."""
        if step.scope == ROOT:
            return "the workflow"
        try:
            parallel, branch = self.graph.opener(step.scope)
        except NoSuchStep:
            return f"“{step.scope}”"
        return f"the branch “{branch}” of “{parallel.name}”"
