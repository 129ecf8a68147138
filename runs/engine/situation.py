"""A situation: all that a rule may look at. Expressions are filled in here, as seen from a scope."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from msgspec import Struct

from designer.graph import (
    ROOT,
    AnyStep,
    Contract,
    Graph,
    Loop,
    Map,
    Parallel,
    fill,
    holds,
    needed_by,
    placeholder,
    references,
)

from . import scopes
from .events import (
    Collected,
    CompensationOwed,
    Event,
    Gathered,
    ItemsAdded,
    ItemsListed,
    ItemsRedriven,
    ScopeEnded,
    StepFailed,
    StepGiven,
    StepSkipped,
    StepSucceeded,
    VariableSet,
)
from .state import ActiveStep, Fault, RunState
from .status import Status
from .storable import storage_flaw
from .values import (
    ABSENT,
    FaultsOf,
    GivenTo,
    ItemOf,
    ItemsOf,
    LedgerEntry,
    Needed,
    NextUnfinished,
    OutputOf,
    Reference,
    ResultOf,
    ResultsOf,
    RunInput,
    StepOutput,
    TokenOf,
    Values,
    Variable,
)

_MISSING = object()
LIVE = (Status.READY, Status.RUNNING, Status.WAITING)


class Broken(Exception):
    """A step cannot go on, and trying again would not help."""

    def __init__(self, fault: Fault):
        self.fault = fault


class Situation(Struct, frozen=True):
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

    def fill(self, template: Any, scope: str, output: Any = _MISSING, **more: Any) -> Any:
        """``template`` with its expressions evaluated. Raises EvaluationError, Needed, Broken.

        ``more`` are values that only this template can name.
        """
        return self.kept(fill(template, {**self._roots(references(template), scope, output), **more}))

    def fill_call(self, template: Any, scope: str, output: Any = _MISSING, **more: Any) -> Any:
        """`fill` for what is handed to a step type: placeholders stand where it is given secrets."""
        paths = references(template)
        secrets = {path[1]: placeholder(path[1]) for path in paths if path[0] == "secret" and len(path) > 1}
        return self.kept(fill(template, {**self._roots(paths, scope, output), "secret": secrets, **more}))

    def kept[T](self, value: T) -> T:
        """The value, which can be kept. Raises Broken."""
        if flaw := storage_flaw(value, largest=self.values.largest):
            raise Broken(Fault(name="ValueRefused", message=f"A value {flaw}.", retryable=False))
        return value

    def read(self, wanted: Iterable[Reference]) -> dict[Reference, Any]:
        """The values of references. Raises Needed once for all that are not at hand."""
        named = set(wanted)
        self.values.of(one for one in named if not self._is_listed(one))
        return {one: self._value(one) for one in named}

    def homes(self, variable: str, scope: str) -> tuple[Reference, ...]:
        """Where a variable that is read in ``scope`` may stand, nearest first."""
        return tuple(Variable(variable, outer) for outer in scopes.chain(scope))

    def item(self, scope: str) -> ItemOf | None:
        """The item that a scope is inside of, of the nearest map around it."""
        return next((self._item(outer) for outer in scopes.chain(scope) if self._is_of_map(outer)), None)

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
                if event.hands_on:
                    found[TokenOf(step.no)] = event.output
                return self.values.learning(found, *([self._entry(step)] if event.compensable else []))
            case StepFailed(goes_on=True) | StepFailed(compensable=True) | StepSkipped():
                return self._learn_of_nothing(event)
            case StepGiven():
                return self.values.learning({GivenTo(event.no): event.value})
            case CompensationOwed():
                return self.values.learning({OutputOf(event.no): event.output})
            case VariableSet():
                return self.values.learning({Variable(event.name, event.scope): event.value})
            case ItemsListed():
                return self.values.learning({ItemsOf(event.no): event.items})
            case ItemsRedriven(afresh=True):
                return self.values.beginning_again(event.no, self.state.fans[event.no].total)
            case ItemsAdded():
                first = self.state.fans[event.no].total
                added = enumerate(event.items, start=first)
                return self.values.learning({ItemOf(event.no, index): item for index, item in added})
            case ScopeEnded() if (index := scopes.index_of(event.scope)) is not None:
                ended = ResultOf(scopes.opener_of(event.scope), index)
                return self.values.learning({ended: (event.last, event.fault)})
        return self.values

    def _learn_of_nothing(self, event: StepFailed | StepSkipped) -> Values:
        """The step has no output; what it hands on is another thing, and so is that it may be undone all the same."""
        step = self.state.steps[event.no]
        found: dict[Reference, Any] = {StepOutput(step.key, step.scope): None}
        if not step.owed:  # its compensation reads what it gave
            found[OutputOf(step.no)] = None
        if isinstance(event, StepSkipped):
            return self.values.learning(found)
        if event.hands_on:
            found[TokenOf(step.no)] = event.output
        return self.values.learning(found, *([self._entry(step)] if event.compensable else []))

    def _entry(self, step: ActiveStep) -> LedgerEntry:
        """The step in the ledger of what is to be undone."""
        return LedgerEntry(
            no=step.no,
            key=step.key,
            scope=step.scope,
            completed=self.state.seq + 1,
            attempt=step.attempt,
        )

    def output_value(self, output: Any) -> Any:
        """An output as expressions see it, gathered ones collected. Raises Needed."""
        if output is ABSENT:
            return None
        if isinstance(output, Collected):
            return self._collected(output.no)
        if not isinstance(output, Gathered):
            return output
        parts = {name: OutputOf(no) for name, no in output.parts.items() if no is not None}
        found = self.values.of(parts.values())
        return {
            name: self.output_value(found[parts[name]]) if name in parts else None for name in output.parts
        }

    def errors_of(self, output: Any) -> Any:
        """What failed in an opener that went on all the same. Raises Needed."""
        if isinstance(output, Gathered):
            return {name: _told(fault) for name, fault in output.faults.items()}
        if not isinstance(output, Collected):
            return {}
        found = {**self.values.get(FaultsOf(output.no)), **self._fresh_faults(output.no)}
        return [{"index": index, **_told(found[index])} for index in sorted(found) if found[index]]

    def home_of(self, variable: str, scope: str) -> str:
        """Where a step of ``scope`` sets a variable: around its loop, where one is set there too."""
        while scope != ROOT and isinstance(self.graph.opener(scopes.place(scope))[0], Loop):
            around = self.graph.within(scopes.place(scopes.outside(scope)))
            if not any(variable in step.assign for step in around):
                return scope
            scope = scopes.outside(scope)
        return scope

    def next_unfinished(self, no: int, after: int) -> int | None:
        """The number of the next item of a map that has not succeeded: one that rows tell of, or one just added."""
        found = self.values.get(NextUnfinished(no, after))
        if found is not ABSENT:
            return int(found)
        return min((index for index in self._added(no) if index > after), default=None)

    def _added(self, no: int) -> list[int]:
        """The items of a map that this decision knows by number: those just added, and those that it has read."""
        return [ref.index for ref in self.values.known if isinstance(ref, ItemOf) and ref.no == no]

    def _collected(self, no: int) -> list[Any]:
        """The outputs of a map's items: of those that rows tell of, and of those that this decision has ended."""
        outputs = list(self.values.get(ResultsOf(no)))
        listed = self.values.known.get(ItemsOf(no), ())
        total = max(len(listed), *(index + 1 for index in self._added(no)), len(outputs))
        outputs += [None] * (total - len(outputs))
        for index, (last, fault) in self._fresh(no).items():
            outputs[index] = None if fault or last is None else self.values.get(OutputOf(last))
        return _all_known([partial(self.output_value, output) for output in outputs])

    def _fresh(self, no: int) -> dict[int, tuple[int | None, Fault | None]]:
        known = self.values.known.items()
        return {ref.index: value for ref, value in known if isinstance(ref, ResultOf) and ref.no == no}

    def _fresh_faults(self, no: int) -> dict[int, Fault | None]:
        return {index: fault for index, (_, fault) in self._fresh(no).items()}

    def _roots(self, paths: frozenset[tuple[str, ...]], scope: str, output: Any) -> dict[str, Any]:
        if not paths:
            return {}
        roots: dict[str, Any] = {"run": self._run(paths), "now": self.at, "vars": {}, "steps": {}}
        self.read(reference for path in paths for reference in self._references(path, scope))
        for path in paths:
            self._place(roots, path, scope)
        if (index := next(filter(_is_number, map(scopes.index_of, scopes.chain(scope))), None)) is not None:
            roots["index"] = index
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
                return self.homes(name, scope)
            case ("steps", key, *_) if key in self.graph.steps:
                home = self.graph.steps[key].scope
                return tuple(StepOutput(key, s) for s in self._seen_from(scope) if scopes.place(s) == home)
            case ("item", *_):
                item = self.item(scope)
                return () if item is None else (item,)
        return ()

    def _seen_from(self, scope: str) -> Iterator[str]:
        """The scopes whose steps can be read in ``scope``: its own, those around it, and those they needed."""
        for outer in scopes.chain(scope):
            yield outer
            opener = self.graph.opener(scopes.place(outer))[0] if outer else None
            if isinstance(opener, Parallel):
                before, _, name = outer.rpartition("/")
                yield from (f"{before}/{needed}" for needed in needed_by(opener.branches, name))

    def _is_of_map(self, scope: str) -> bool:
        return scope != ROOT and isinstance(self.graph.opener(scopes.place(scope))[0], Map)

    def _item(self, scope: str) -> ItemOf:
        no, index = scopes.opener_of(scope), scopes.index_of(scope)
        assert index is not None
        return ItemOf(no, index)

    def _place(self, roots: dict[str, Any], path: tuple[str, ...], scope: str) -> None:
        seen = (self._value(reference) for reference in self._references(path, scope))
        value = next((value for value in seen if value is not ABSENT), ABSENT)
        if value is ABSENT:
            return
        match path:
            case ("input", *_):
                roots["input"] = value
            case ("vars", name, *_):
                roots["vars"][name] = value
            case ("item", *_):
                roots["item"] = value
            case ("steps", key, "errors", *_):
                roots["steps"].setdefault(key, {})["errors"] = self.errors_of(value)
            case ("steps", key, *_):
                roots["steps"].setdefault(key, {})["output"] = self.output_value(value)

    def _value(self, reference: Reference) -> Any:
        if isinstance(reference, ItemOf) and self._is_listed(reference):
            return self.values.get(ItemsOf(reference.no))[reference.index]
        return self.values.get(reference)

    def _is_listed(self, reference: Reference) -> bool:
        """Whether it is an item of a list that this very decision has made."""
        return isinstance(reference, ItemOf) and ItemsOf(reference.no) in self.values.known

    def _run(self, paths: Iterable[tuple[str, ...]]) -> Mapping[str, Any]:
        """What is active is worked out only where an expression reads it."""
        if not any(path[:2] in (("run",), ("run", "active")) for path in paths):
            return self.values.run
        live = (step.key for step in self.state.steps.values() if step.status in LIVE)
        return {**self.values.run, "active": list(dict.fromkeys(live))}

    def _caught(self, scope: str) -> Fault | None:
        seen = (self.state.scopes.get(outer) for outer in scopes.chain(scope))
        return next((s.caught for s in seen if s is not None and s.caught is not None), None)


def _told(fault: Fault) -> dict[str, str]:
    return {"name": fault.name, "message": fault.message, "step": fault.step}


def _is_number(value: int | None) -> bool:
    return value is not None


def _all_known(questions: Sequence[Callable[[], Any]]) -> list[Any]:
    """The answers to all of them. Raises Needed once for what all of them lack."""
    answers, missing = [], set[Reference]()
    for question in questions:
        try:
            answers.append(question())
        except Needed as needed:
            missing |= needed.references
    if missing:
        raise Needed(missing)
    return answers
