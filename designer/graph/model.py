"""The graph: what should happen, as a value.

The law of this file: a workflow is a state machine with one token per scope. The outermost scope is the
workflow; each branch of a `Parallel` is a scope of its own, joined where it was opened, so a join can never
starve. Inside a scope ``next`` may lead anywhere, back too. A step without a ``next`` ends its scope, and its
output is the scope's output.

The kinds of step are a closed set. Everything a kind can do is in its fields; what *happens* is decided in
`runs.engine`. A graph may be flawed (it is also the value of a half-made draft): `checks` says how.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import ClassVar

from .contracts import Contract, Schema
from .keys import spoken
from .policies import Catch, Compensate, Join, OnExhausted, OnFailure, Retry, Template

ROOT = ""  # the scope of the workflow itself


@dataclass(frozen=True, slots=True)
class Exit:
    """A way out of a step: where it leads, and what it is called in the pictures."""

    next: str
    label: str = ""
    caught: bool = False


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
    catch: tuple[Catch, ...] = ()
    on_exhausted: OnExhausted = OnExhausted.FAIL

    @property
    def name(self) -> str:
        return self.title or spoken(self.key)

    @property
    def most_tries(self) -> int:
        return 1

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
    inputs: Mapping[str, Template] = field(default_factory=dict)
    timeout: timedelta | None = None  # for one attempt
    retry: Retry = Retry()
    compensate: Compensate | None = None

    @property
    def most_tries(self) -> int:
        return self.retry.attempts


@dataclass(frozen=True, slots=True)
class Option:
    when: str
    next: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Step):
    """Go where the first condition that holds leads."""

    kind = "choice"

    options: tuple[Option, ...] = ()
    otherwise: str | None = None

    def exits(self) -> tuple[Exit, ...]:
        chosen = tuple(Exit(o.next, o.label or o.when) for o in self.options if o.next)
        otherwise = (Exit(self.otherwise, "otherwise"),) if self.otherwise else ()
        return chosen + otherwise + self._caught()

    @property
    def ends(self) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class Branch:
    name: str
    start: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parallel(Step):
    """Run branches side by side and go on when the join has enough. Its output is an object by branch name."""

    kind = "parallel"

    branches: tuple[Branch, ...] = ()
    join: Join = Join()

    def scope_of(self, branch: str) -> str:
        return f"{self.key}/{branch}"


@dataclass(frozen=True, slots=True)
class Shown:
    """A line of evidence on the decision page."""

    label: str
    value: Template


@dataclass(frozen=True, slots=True)
class Outcome:
    """One of the answers a reviewer may give."""

    name: str
    next: str = ""
    title: str = ""
    reason_required: bool = False
    approvals: int | None = None  # how many people must give it; None: what the kind of answer asks for
    groups: tuple[str, ...] = ()  # who may give it, of those who may decide


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewers:
    groups: tuple[str, ...] = ()
    approvals: int = 1
    four_eyes: bool = False  # whoever started the run may not decide


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
    """Wait for a while, or until a moment. Exactly one of the two is given."""

    kind = "wait"

    duration: str = ""  # 30m, or an expression that gives such a text or a number of seconds
    until: str = ""  # a timestamp (RFC 3339), or an expression that gives one


@dataclass(frozen=True, slots=True, kw_only=True)
class SetVariables(Step):
    """Assign variables and do nothing else."""

    kind = "set"


@dataclass(frozen=True, slots=True, kw_only=True)
class Succeed(Step):
    """End the scope well."""

    kind = "succeed"

    output: Template = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fail(Step):
    """End the scope with an error."""

    kind = "fail"

    error: str = "Failed"
    message: str = ""
    compensate: bool = True

    @property
    def ends(self) -> bool:
        return True


AnyStep = Action | Choice | Parallel | Review | Wait | SetVariables | Succeed | Fail
KINDS: Mapping[str, type[AnyStep]] = {
    kind.kind: kind for kind in (Action, Choice, Parallel, Review, Wait, SetVariables, Succeed, Fail)
}


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
        parallel, name = self.opener(scope)
        return next((branch.start for branch in parallel.branches if branch.name == name), "")

    def opener(self, scope: str) -> tuple[Parallel, str]:
        """The parallel that opens a scope, and the branch's name. Raises NoSuchStep."""
        key, _, branch = scope.partition("/")
        parallel = self.step(key)
        if not isinstance(parallel, Parallel):
            raise NoSuchStep(key)
        return parallel, branch

    def enclosing(self, scope: str) -> Iterator[str]:
        """``scope`` and the scopes around it, innermost first. Raises NoSuchStep where one is opened by nobody."""
        seen: set[str] = set()
        while scope != ROOT and scope not in seen:  # a flawed draft may hold a parallel in its own branch
            seen.add(scope)
            yield scope
            scope = self.opener(scope)[0].scope
        yield ROOT
