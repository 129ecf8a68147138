"""The graph: what should happen, as a value.

The law of this file: a workflow is a state machine with one token per scope. The outermost scope is the
workflow; an `Opener` opens scopes of its own (a `Parallel` one for each branch, a `Map` one for each item, a
`Loop` one for each round), and they are joined where they were opened, so a join can never starve. Inside a
scope ``next`` may lead anywhere, back too. A step without a ``next`` ends its scope, and its output is the
scope's output.

The kinds of step are a closed set. Everything a kind can do is in its fields; what *happens* is decided in
`runs.engine`. A graph may be flawed (it is also the value of a half-made draft): `checks` says how.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import ClassVar, Self, get_args

from designer.dataflow import DataFlow, said

from .contracts import Contract, Schema
from .keys import spoken, words_of
from .parts import Arrival, Awaited, Branch, Exit, Option, Outcome, Reviewers, Shown
from .policies import Catch, Compensate, Join, OnExhausted, OnFailure, Retry, Template, Undoing

ROOT = ""  # the scope of the workflow itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What all kinds share."""

    kind: ClassVar[str]

    key: str
    scope: str = ROOT
    title: str = ""
    owner: str = ""
    notes: str = ""
    next: str | None = None
    assign: Mapping[str, Template] = field(default_factory=dict)
    deadline: timedelta | None = None  # for all attempts together
    only_while: str = ""  # a milestone: the step may be made only while this holds
    lock: Template = ""  # the name of what only one step of all runs may hold at a time
    cancels: tuple[str, ...] = ()  # the steps of other branches that its success cancels
    retry: Retry = Retry()
    catch: tuple[Catch, ...] = ()
    on_exhausted: OnExhausted = OnExhausted.FAIL
    flow: DataFlow | None = None  # how data goes through it, where it is said in ASL's way
    returns: Template = None  # with a flow: what its result is made of, where it is not the output as it is

    @property
    def name(self) -> str:
        return (words_of(self.title) if self.flow else self.title) or spoken(self.key)

    @property
    def most_tries(self) -> int:
        return self.retry.most

    def exits(self) -> tuple[Exit, ...]:
        """Every way out of the step, the usual one first."""
        usual = (Exit(self.next),) if self.next else ()
        return usual + self._caught()

    @property
    def ends(self) -> bool:
        """Whether the token may end its scope here."""
        return self.next is None

    def _caught(self) -> tuple[Exit, ...]:
        return tuple(Exit(c.next, ", ".join(c.on), caught=True) for c in self.catch if c.next)


@dataclass(frozen=True, slots=True, kw_only=True)
class Action(Step):
    """Do a step type's work, under its contract."""

    kind = "action"

    does: str = ""  # a reference such as payments.charge@^2
    resource: str = ""  # what it called where it was imported from, until it is bound and as a record of it
    inputs: Mapping[str, Template] = field(default_factory=dict)
    timeout: timedelta | None = None  # for one attempt
    compensate: Compensate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Step):
    """Go where the first condition that holds leads."""

    kind = "choice"

    options: tuple[Option, ...] = ()
    otherwise: str | None = None

    def exits(self) -> tuple[Exit, ...]:
        told = said if self.flow else str
        chosen = tuple(Exit(o.next, o.label or told(o.when)) for o in self.options if o.next)
        otherwise = (Exit(self.otherwise, "otherwise"),) if self.otherwise else ()
        return chosen + otherwise + self._caught()

    @property
    def ends(self) -> bool:
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Opener(Step):
    """What opens scopes, and goes on when enough of them have ended."""

    @property
    def bodies(self) -> tuple[Branch, ...]:
        """What may be in a scope: a parallel's branches; for the others the one body of them all."""
        raise LookupError(self.kind)

    def beginning(self, body: str, start: str) -> Self:
        """The same with this body beginning elsewhere."""
        raise LookupError(self.kind)

    def scope_of(self, body: str) -> str:
        return f"{self.key}/{body}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parallel(Opener):
    """Run branches side by side and go on when the join has enough. Its output is an object by branch name."""

    kind = "parallel"

    branches: tuple[Branch, ...] = ()
    join: Join = Join()

    @property
    def bodies(self) -> tuple[Branch, ...]:
        return self.branches

    def beginning(self, body: str, start: str) -> Self:
        return replace(
            self, branches=tuple(replace(b, start=start) if b.name == body else b for b in self.branches)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeater(Opener):
    """An opener of many scopes with the same body."""

    BODY: ClassVar[str]

    start: str = ""

    @property
    def bodies(self) -> tuple[Branch, ...]:
        return (Branch(self.BODY, self.start),)

    def beginning(self, body: str, start: str) -> Self:
        return replace(self, start=start)


@dataclass(frozen=True, slots=True, kw_only=True)
class Map(Repeater):
    """Do the same for each item of a list. Its output is a list in the order of the items."""

    kind = "map"
    BODY = "item"

    items: Template = None  # an expression that gives a list
    max_concurrency: int = 20
    batch: int = 1  # how many items one body is given; with more than one, `item` is a list
    open_ended: bool = False  # items may be added while it runs, until somebody closes the list
    join: Join = Join()


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop(Repeater):
    """Do the same again, in rounds. Its output is that of the last round."""

    kind = "loop"
    BODY = "round"

    goes_on: str = ""  # asked before each round
    until: str = ""  # asked after each round, as seen from inside it
    times: Template = None  # a number of rounds
    limit: int = 100  # more rounds are an error


@dataclass(frozen=True, slots=True, kw_only=True)
class Review(Step):
    """Ask a person. The output is ``{outcome, reason, by, data}``."""

    kind = "review"

    reviewers: Reviewers = Reviewers()
    due: timedelta | None = None
    on_due: str = "remind"  # remind, escalate, or the name of an outcome
    show: tuple[Shown, ...] = ()
    edit: Mapping[str, Template] = field(default_factory=dict)
    outcomes: tuple[Outcome, ...] = ()

    def exits(self) -> tuple[Exit, ...]:
        chosen = tuple(Exit(o.next, o.title or o.name) for o in self.outcomes if o.next)
        return chosen + self._caught()

    @property
    def ends(self) -> bool:
        return False

    def outcome(self, name: str) -> Outcome | None:
        return next((o for o in self.outcomes if o.name == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait(Step):
    """Wait for a while, until a moment, for a signal, or for the first of several. One of the four is given."""

    kind = "wait"

    duration: str = ""  # 30m, or an expression that gives such a text or a number of seconds
    until: str = ""  # a timestamp (RFC 3339), or an expression that gives one
    signal: Awaited | None = None
    first: tuple[Arrival, ...] = ()

    def exits(self) -> tuple[Exit, ...]:
        arrived = tuple(Exit(a.next, a.title or spoken(a.name)) for a in self.first if a.next)
        return arrived + super(Wait, self).exits()

    @property
    def ends(self) -> bool:
        return self.next is None and not self.first


@dataclass(frozen=True, slots=True, kw_only=True)
class Emit(Step):
    """Publish a signal and go on."""

    kind = "emit"

    signal: str = ""
    correlation: Template = ""
    data: Template = None
    keep: timedelta = timedelta(days=1)  # how long it waits for somebody who wants it


@dataclass(frozen=True, slots=True, kw_only=True)
class RunWorkflow(Step):
    """Start a run of another workflow, and wait for its end unless told not to. Its output is that run's."""

    kind = "workflow"

    runs: str = ""  # a workflow's key, with a version (order@^2, order@2.1.0) or the newest
    inputs: Mapping[str, Template] = field(default_factory=dict)
    awaited: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SetVariables(Step):
    """Assign variables and do nothing else."""

    kind = "set"


@dataclass(frozen=True, slots=True, kw_only=True)
class Succeed(Step):
    """End the scope well."""

    kind = "succeed"

    output: Template = None
    ends_run: bool = False  # not only its scope, but the whole run


@dataclass(frozen=True, slots=True, kw_only=True)
class Fail(Step):
    """End the scope with an error."""

    kind = "fail"

    error: str = "Failed"
    message: str = ""
    compensate: bool = True
    ends_run: bool = False

    @property
    def ends(self) -> bool:
        return True


AnyOpener = Parallel | Map | Loop
AnyStep = Action | Choice | AnyOpener | Review | Wait | Emit | RunWorkflow | SetVariables | Succeed | Fail
KINDS: Mapping[str, type[AnyStep]] = {kind.kind: kind for kind in get_args(AnyStep)}


class NoSuchStep(KeyError):
    """There is no step with this key in the graph."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """A whole workflow definition. ``steps`` is flat and in definition order; keys are unique throughout."""

    key: str
    title: str = ""
    owner: str = ""
    notes: str = ""
    input: Schema = field(default_factory=dict)
    business_key: str = ""
    start: str = ""
    on_failure: OnFailure = OnFailure.COMPENSATE
    undoing: Undoing = Undoing()
    deadline: timedelta | None = None  # for the whole run
    visit_limit: int = 1_000  # how often one step may be entered in one scope
    steps: Mapping[str, AnyStep] = field(default_factory=dict)
    contracts: Mapping[str, Contract] = field(default_factory=dict)  # by reference, as the steps write it

    def step(self, key: str) -> AnyStep:
        """Raises NoSuchStep."""
        try:
            return self.steps[key]
        except KeyError:
            raise NoSuchStep(key) from None

    def name_of(self, key: str) -> str:
        """What a step is called; its key where it is not there (any more)."""
        return self.steps[key].name if key in self.steps else key

    def within(self, scope: str) -> Iterator[AnyStep]:
        """The steps of one scope, in definition order."""
        return (step for step in self.steps.values() if step.scope == scope)

    def start_of(self, scope: str) -> str:
        """The key of the step a scope begins with; empty where the draft names none."""
        if scope == ROOT:
            return self.start
        opener, name = self.opener(scope)
        return next((body.start for body in opener.bodies if body.name == name), "")

    def opener(self, scope: str) -> tuple[AnyOpener, str]:
        """What opens a scope, and the name of the body. Raises NoSuchStep."""
        key, _, body = scope.partition("/")
        opener = self.step(key)
        if not isinstance(opener, AnyOpener):
            raise NoSuchStep(key)
        return opener, body

    def enclosing(self, scope: str) -> Iterator[str]:
        """``scope`` and the scopes around it, innermost first. Raises NoSuchStep where one is opened by nobody."""
        seen: set[str] = set()
        while scope != ROOT and scope not in seen:  # a flawed draft may hold a parallel in its own branch
            seen.add(scope)
            yield scope
            scope = self.opener(scope)[0].scope
        yield ROOT
