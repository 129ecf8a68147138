"""A graph as checks look at it: everything that more than one of them asks for, worked out once."""

from collections.abc import Collection, Iterator, Mapping
from functools import cached_property, reduce
from operator import and_, or_

from designer.graph.contracts import Contract, Schema
from designer.graph.expressions import Expression
from designer.graph.flow import Walk, facts, walks
from designer.graph.model import ROOT, AnyOpener, AnyStep, Choice, Graph, Loop, Map, NoSuchStep, Parallel
from designer.graph.parts import needed_by
from designer.graph.paths import Path
from designer.graph.policies import OnExhausted

from .lookups import Lookups
from .slots import Slot, Use, slots, uses

Fact = tuple[str, str]  # ("steps", key), ("vars", name) or CAUGHT
CAUGHT: Fact = ("error", "")


def assigned_by_flow(step: AnyStep) -> list[str]:
    """The variables that a step's flow assigns whenever the step succeeds; a choice may assign others instead."""
    if step.flow is None or isinstance(step, Choice):
        return []
    return _names(step.flow.fields.get("Assign"))


def assigned_on_a_way(step: AnyStep) -> list[str]:
    """Those that it assigns on some ways out of it only."""
    if step.flow is None:
        return []
    fields = step.flow.fields
    ways = [
        way for part in ("Choices", "Catch") if isinstance(found := fields.get(part), list) for way in found
    ]
    written = [fields.get("Assign"), *(way.get("Assign") for way in ways if isinstance(way, Mapping))]
    return [name for assign in written for name in _names(assign)]


def _names(assign: object) -> list[str]:
    return [str(name).removesuffix(".$") for name in assign] if isinstance(assign, Mapping) else []


class View:
    def __init__(
        self,
        graph: Graph,
        available: Mapping[str, Contract],
        secrets: Collection[str] | None = None,
        signals: Collection[str] | None = None,
    ) -> None:
        self.graph = graph
        self.available = available
        self.secrets = secrets
        self.signals = signals
        self.schemas = Lookups()
        self.outputs: dict[tuple[str, int], Schema] = {}  # kept by `sources`
        self.variables: dict[tuple[str, int], Schema] = {}
        self._seen: dict[str, tuple[str, ...]] = {}
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
            for name in dict.fromkeys((*step.assign, *assigned_by_flow(step), *assigned_on_a_way(step))):
                found.setdefault(name, []).append(step)
        return found

    def of[Kind: AnyStep](self, kind: type[Kind]) -> Iterator[Kind]:
        """The steps of one kind."""
        return (step for step in self.graph.steps.values() if isinstance(step, kind))

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

    def seen(self, scope: str) -> tuple[str, ...]:
        """The scopes whose steps can be read: those around, and the branches that each of them needs."""
        if scope not in self._seen:
            around = (self.walks[outer] for outer in self.around(scope))
            found = {one: None for of in around for one in (of.scope, *self.needed(of))}
            self._seen[scope] = tuple(found)
        return self._seen[scope]

    def needed(self, of: Walk) -> tuple[str, ...]:
        """The branches that have ended before this one begins, if they were opened at all."""
        if not isinstance(of.opener, Parallel):
            return ()
        names = needed_by(of.opener.branches, of.scope.partition("/")[2])
        return tuple(scope for name in names if (scope := of.opener.scope_of(name)) in self.walks)

    def inside(self, scope: str, *kinds: type[AnyOpener]) -> AnyOpener | None:
        """The nearest opener around a scope that is of one of these kinds."""
        of = self.walks.get(scope)
        while of is not None and of.opener is not None:
            if isinstance(of.opener, kinds):
                return of.opener
            of = self.walks[of.opener.scope]
        return None

    def roots(self, slot: Slot) -> frozenset[str]:
        """What an expression can name there."""
        return slot.sees | self.roots_of(slot.within) if slot.step else slot.sees

    def roots_of(self, scope: str) -> frozenset[str]:
        """What is known there because of what opened it: the item, and the number of the item or the round."""
        item = frozenset(["item"]) if self.inside(scope, Map) else frozenset[str]()
        return item | {"index"} if self.inside(scope, Map, Loop) else item

    def reached(self, step: AnyStep) -> bool:
        of = self.walks.get(step.scope)
        return of is not None and step.key in of.reachable

    def knows(self, step: AnyStep, fact: Fact) -> bool:
        """Whether a fact holds whenever ``step`` begins; of steps that never begin, anything is true."""
        known = self._known.get(step.key)
        return known is None or bool(known & self._bit(fact))

    def has(self, use: Use, fact: Fact) -> bool:
        """Whether a fact holds whenever an expression is worked out."""
        return use.slot.step is None or self.has_in(use.slot.step, use.slot.within, fact)

    def has_in(self, step: AnyStep, scope: str, fact: Fact) -> bool:
        """Whether it holds when ``step`` begins, or when ``scope``, which it has opened, has come to its end."""
        if scope == step.scope or scope not in self.walks:
            return self.knows(step, fact)
        known = self._after(self.walks[scope], self._known)
        return known is None or bool(known & self._bit(fact))

    @cached_property
    def _known(self) -> dict[str, int]:
        """What holds when each step begins, outer scopes first and branches after those they wait for."""
        found: dict[str, int] = {}
        waiting, done = list(self.walks.values()), set[str]()
        while waiting:
            of = waiting.pop(0)
            needed = self.needed(of)
            if any(scope not in done and of.scope not in self.needed(self.walks[scope]) for scope in needed):
                waiting.append(of)
                continue
            done.add(of.scope)
            before = found.get(of.opener.key) if of.opener else 0
            if before is None:
                continue
            for scope in self._surely_before(of):
                before |= (self._after(self.walks[scope], found) or 0) & self._step_bits
            found |= facts(self.graph, of, before, self._learn)
        return found

    def _surely_before(self, of: Walk) -> Iterator[str]:
        """The branches that this one names, without those that may not have been opened."""
        if isinstance(of.opener, Parallel):
            branches = {branch.name: branch for branch in of.opener.branches}
            needs = branches[of.scope.partition("/")[2]].needs
            yield from (
                of.opener.scope_of(one) for one in needs if one in branches and not branches[one].when
            )

    @cached_property
    def _step_bits(self) -> int:
        """The facts that branches see of each other: what steps gave, and no variables."""
        return reduce(or_, (self._bit(("steps", key)) for key in self.graph.steps), 0)

    def _after(self, of: Walk, known: Mapping[str, int]) -> int | None:
        """What holds when a scope has ended well; None where it never does."""
        ends = [self.graph.steps[key] for key in of.ends if key in known]
        learned = [self._learn(step, known[step.key], False) for step in ends if step.kind != "fail"]
        return reduce(and_, learned) if learned else None

    def _learn(self, step: AnyStep, known: int, failed: bool) -> int:
        own = self._bit(("steps", step.key))
        if failed:
            return known & ~own | self._bit(CAUGHT)
        if step.on_exhausted is OnExhausted.CONTINUE:
            return known & ~own
        known |= own
        for name in (*step.assign, *assigned_by_flow(step)):
            known |= self._bit(("vars", name))
        return known

    def _bit(self, fact: Fact) -> int:
        return self._bits.setdefault(fact, 1 << len(self._bits))

    def home(self, step: AnyStep) -> str:
        """Where a step stands, for people."""
        try:
            return self.called(step.scope)
        except NoSuchStep:
            return f"“{step.scope}”"

    def called(self, scope: str) -> str:
        """A scope, for people. Raises NoSuchStep."""
        if scope == ROOT:
            return "the workflow"
        opener, body = self.graph.opener(scope)
        if isinstance(opener, Parallel):
            return f"the branch “{body}” of “{opener.name}”"
        return f"the {body}s of “{opener.name}”"
