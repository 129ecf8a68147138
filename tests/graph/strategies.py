"""Hypothesis strategies for graphs.

`graphs()` are well formed by construction: every step is reachable, every reference resolves, every cycle has
an exit, every action keeps its contract. `flawed_graphs()` have the right shape and nothing else: they are
what a half-made draft or an imported document may be.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from designer.graph import (
    Action,
    AnyOpener,
    AnyStep,
    Branch,
    Catch,
    Choice,
    Compensate,
    Contract,
    Effect,
    ErrorSpec,
    Fail,
    Graph,
    Join,
    Loop,
    Map,
    OnBranchFailure,
    OnExhausted,
    OnFailure,
    Option,
    Outcome,
    Parallel,
    Retry,
    Review,
    Reviewers,
    SetVariables,
    Shown,
    Succeed,
    Wait,
)

from .flawed import flawed_graphs

__all__ = ["CONTRACTS", "INPUT", "OPENERS", "fewer", "flawed_graphs", "graphs"]

# Whole graphs take a hundredth of a second each: where many properties look at them, each looks at some.
fewer = settings(max_examples=settings().max_examples // 4)

errors = st.sampled_from(["Busy", "Refused"])
short_durations = st.sampled_from([timedelta(milliseconds=ms) for ms in (1, 500, 1_000, 30_000, 3_600_000)])
INPUT = {
    "type": "object",
    "required": ["n", "name"],
    "properties": {"n": {"type": "integer"}, "name": {"type": "string"}},
}
_SHAPE = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}
_ERRORS = (ErrorSpec("Busy"), ErrorSpec("Refused", retryable=False))


def _contract(key: str, effect: Effect, undone_by: str | None = None) -> Contract:
    return Contract(
        key=key,
        version="1.0.0",
        title=key,
        input=_SHAPE,
        output=_SHAPE,
        errors=_ERRORS,
        idempotent=True,
        effect=effect,
        undone_by=undone_by,
        owner="tests",
    )


LOOK = _contract("demo.look", Effect.NONE)
CHANGE = _contract("demo.change", Effect.UNDOABLE, "demo.undo")
UNDO = _contract("demo.undo", Effect.NONE)
CONTRACTS = {contract.reference: contract for contract in (LOOK, CHANGE, UNDO)}
CONDITIONS = st.sampled_from(["${ input.n >= 3 }", "${ input.name == 'x' }", "${ vars.turn < 2 }"])

retries = st.builds(
    Retry,
    attempts=st.integers(1, 4),
    wait=short_durations,
    factor=st.sampled_from([1.0, 2.0, 1.5]),
    longest=short_durations,
    jitter=st.booleans(),
    on=st.just(()) | st.just(("Busy",)),
    never_on=st.just(()) | st.just(("Refused",)),
)


@st.composite
def graphs(
    draw: st.DrawFn, *, most_steps: int = 5, depth: int = 3, openers: Sequence[str] = ("parallel",)
) -> Graph:
    """Well-formed graphs: at most ``most_steps`` in each scope, ``openers`` nested ``depth`` deep at most."""
    steps: dict[str, AnyStep] = {}
    start = _scope(draw, steps, "", most_steps, depth, openers)
    return Graph(
        key="demo",
        title="Demo",
        owner="tests",
        input=INPUT,
        business_key="${ input.name }",
        start=start,
        on_failure=draw(st.sampled_from(OnFailure)),
        visit_limit=draw(st.sampled_from([3, 1_000])),
        steps=steps,
        contracts=CONTRACTS,
    )


def _scope(
    draw: st.DrawFn, steps: dict[str, AnyStep], scope: str, most: int, depth: int, openers: Sequence[str]
) -> str:
    """Fill a scope with a chain of steps with side ways, and say where it starts.

    ``turn`` is set first, so that conditions may read it on every path.
    """
    chain = [f"s{len(steps) + number}" for number in range(draw(st.integers(1, most)))]
    aside = f"{chain[0]}_aside"
    for key in chain:  # their place in the order, before the steps inside them are known
        steps[key] = SetVariables(key=key, scope=scope)
    for place, key in enumerate(chain):
        after = chain[place + 1] if place + 1 < len(chain) else None
        ways = [*chain, aside] if after else [aside]
        kind = draw(st.sampled_from(_MIDDLE if after else _LAST)) if place or scope else "set"
        if kind == "parallel":
            kind = draw(st.sampled_from(openers)) if depth else "action"
        step = _BUILD[kind](draw, key, scope, after, st.sampled_from(ways))
        if isinstance(step, AnyOpener):
            for body in step.bodies:
                inner = step.scope_of(body.name)
                step = step.beginning(
                    body.name, _scope(draw, steps, inner, max(1, most - 2), depth - 1, openers)
                )
        steps[key] = step
    if any(way.next == aside for key in chain for way in steps[key].exits()):
        steps[aside] = draw(
            st.builds(Fail, key=st.just(aside), scope=st.just(scope), compensate=st.booleans())
            | st.builds(
                Succeed, key=st.just(aside), scope=st.just(scope), output=st.just({"n": "${ input.n }"})
            )
        )
    return chain[0]


@st.composite
def _needs(draw: st.DrawFn, branches: tuple[Branch, ...]) -> tuple[Branch, ...]:
    """Some of the branches wait for others that are written before them, and some are opened at times only."""
    found: list[Branch] = []
    for branch in branches:
        names = [one.name for one in found]
        needs = draw(st.lists(st.sampled_from(names), unique=True, max_size=2)) if names else []
        when = draw(st.sampled_from(["", "", "${ input.n >= 3 }"])) if names else ""
        found.append(replace(branch, needs=tuple(needs), when=when))
    return tuple(found)


def _map(draw: st.DrawFn, key: str, scope: str, after: str | None, ways: st.SearchStrategy[str]) -> AnyStep:
    return Map(
        key=key,
        scope=scope,
        items=draw(st.sampled_from([[1, 2, 3], ["${ input.n }"], []])),
        max_concurrency=draw(st.integers(1, 3)),
        batch=draw(st.integers(1, 2)),
        join=Join(wait_for=draw(st.sampled_from(["all", "any", "60%"])), on_failure=draw(_ON_FAILURE)),
        next=after,
        catch=draw(_catches(ways)),
    )


def _loop(draw: st.DrawFn, key: str, scope: str, after: str | None, ways: st.SearchStrategy[str]) -> AnyStep:
    given: dict[str, Any] = draw(
        st.sampled_from([{"times": 3}, {"until": "${ index >= 2 }"}, {"goes_on": "${ input.n > 5 }"}])
    )
    return Loop(key=key, scope=scope, next=after, catch=draw(_catches(ways)), **given)


def _catches(ways: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[Catch, ...]]:
    caught = st.builds(Catch, on=st.just(("*",)) | errors.map(lambda name: (name,)), next=ways)
    return st.just(()) | caught.map(lambda one: (one,))


def _action(
    draw: st.DrawFn, key: str, scope: str, after: str | None, ways: st.SearchStrategy[str]
) -> AnyStep:
    changes = draw(st.booleans())
    undo = Compensate(does=UNDO.reference, inputs={"n": "${ output.n }"}, retry=draw(retries))
    return Action(
        key=key,
        scope=scope,
        does=(CHANGE if changes else LOOK).reference,
        inputs={"n": "${ input.n }"},
        timeout=timedelta(seconds=1),
        deadline=draw(st.none() | st.just(timedelta(minutes=5))),
        retry=draw(retries),
        compensate=undo if changes else None,
        assign=draw(st.just({}) | st.just({"seen": "${ output.n }"})),
        catch=draw(_catches(ways)),
        on_exhausted=draw(st.sampled_from(OnExhausted)),
        next=after,
    )


def _choice(
    draw: st.DrawFn, key: str, scope: str, after: str | None, ways: st.SearchStrategy[str]
) -> AnyStep:
    options = draw(st.lists(st.builds(Option, when=CONDITIONS, next=ways), min_size=1, max_size=3))
    return Choice(key=key, scope=scope, options=tuple(options), otherwise=after)


def _parallel(
    draw: st.DrawFn, key: str, scope: str, after: str | None, ways: st.SearchStrategy[str]
) -> AnyStep:
    count = draw(st.integers(1, 3))
    join = Join(
        wait_for=draw(st.sampled_from(["all", "any"]) | st.integers(1, count)),
        on_failure=draw(st.sampled_from(OnBranchFailure)),
    )
    branches = tuple(Branch(name) for name in ("left", "middle", "right")[:count])
    return Parallel(
        key=key,
        scope=scope,
        branches=branches,
        join=join,
        next=after,
        catch=draw(_catches(ways)),
        on_exhausted=draw(st.sampled_from([OnExhausted.FAIL, OnExhausted.COMPENSATE, OnExhausted.CONTINUE])),
    )


def _dag(draw: st.DrawFn, key: str, scope: str, after: str | None, ways: st.SearchStrategy[str]) -> AnyStep:
    """A parallel whose branches wait for each other."""
    names = [f"b{number}" for number in range(draw(st.integers(2, 5)))]
    branches = draw(_needs(tuple(Branch(name) for name in names)))
    join = Join(on_failure=draw(_ON_FAILURE))
    return Parallel(
        key=key, scope=scope, branches=branches, join=join, next=after, catch=draw(_catches(ways))
    )


def _review(
    draw: st.DrawFn, key: str, scope: str, after: str | None, ways: st.SearchStrategy[str]
) -> AnyStep:
    assert after is not None
    return Review(
        key=key,
        scope=scope,
        title="Look at it",
        reviewers=Reviewers(
            groups=("risk",), approvals=draw(st.integers(1, 2)), four_eyes=draw(st.booleans())
        ),
        due=draw(st.none() | short_durations),
        on_due=draw(st.sampled_from(["remind", "escalate", "reject"])),
        show=(Shown("Number", "${ input.n }"),),
        edit=draw(st.just({}) | st.just({"name": "${ input.name }"})),
        outcomes=(
            Outcome("approve", next=after),
            Outcome("reject", next=draw(ways), reason_required=draw(st.booleans())),
        ),
    )


def _wait(draw: st.DrawFn, key: str, scope: str, after: str | None, ways: st.SearchStrategy[str]) -> AnyStep:
    return Wait(key=key, scope=scope, duration=draw(st.sampled_from(["1s", "30m"])), next=after)


def _set(draw: st.DrawFn, key: str, scope: str, after: str | None, ways: st.SearchStrategy[str]) -> AnyStep:
    return SetVariables(key=key, scope=scope, assign={"turn": draw(st.integers(0, 3))}, next=after)


def _succeed(
    draw: st.DrawFn, key: str, scope: str, after: str | None, ways: st.SearchStrategy[str]
) -> AnyStep:
    return Succeed(key=key, scope=scope, output={"n": "${ input.n }"})


def _fail(draw: st.DrawFn, key: str, scope: str, after: str | None, ways: st.SearchStrategy[str]) -> AnyStep:
    return Fail(key=key, scope=scope, error="Refused", compensate=draw(st.booleans()))


_BUILD: dict[str, Callable[..., AnyStep]] = {
    "action": _action,
    "choice": _choice,
    "parallel": _parallel,
    "dag": _dag,
    "map": _map,
    "loop": _loop,
    "review": _review,
    "wait": _wait,
    "set": _set,
    "succeed": _succeed,
    "fail": _fail,
}
OPENERS = ("parallel", "dag", "map", "loop")
_ON_FAILURE = st.sampled_from(OnBranchFailure)
_MIDDLE = ["action", "action", "action", "choice", "parallel", "review", "wait", "set"]
_LAST = ["action", "action", "parallel", "wait", "set", "succeed", "fail"]
