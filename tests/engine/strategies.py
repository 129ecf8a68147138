"""Graphs for the engine: small, and full of what may go wrong in a run.

Well formed by construction, as those of `tests.graph` are, which are used too; but here every second step can be
undone, most steps have an answer to failure, and a few are flawed on purpose.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from designer.dataflow import DataFlow
from designer.graph import (
    ROOT,
    Action,
    AfterFailedUndo,
    AnyOpener,
    AnyStep,
    Arrival,
    Awaited,
    Branch,
    Catch,
    Choice,
    Compensate,
    Emit,
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
    Rest,
    Retry,
    Review,
    Reviewers,
    RunWorkflow,
    SetVariables,
    Succeed,
    Undoing,
    UndoOrder,
    Wait,
)
from tests.graph.strategies import CHANGE, CONTRACTS, INPUT, LOOK, UNDO, graphs

from .beside import NOWHERE

MINUTES = timedelta(minutes=5)
FLAWED: Any = "${ steps.nowhere.output }"
ABOVE_TWO = '{"Variable": "$.n", "NumericGreaterThan": 2}'
MOST_NESTING = 3

policies = st.sampled_from([OnExhausted.FAIL, OnExhausted.FAIL, *OnExhausted])
correlations: Any = st.sampled_from(["k", "k", "${ input.name }", "${ input.n }", "${ input.n > 2 }"])
seldom = st.sampled_from([False, False, False, True])
some_key = st.sampled_from(["s0", "s1", "s2", "s3"])
deadlines = st.sampled_from([None, None, MINUTES])
RETRIES = (
    Retry(),
    Retry(attempts=2, jitter=False),
    Retry(attempts=3, factor=1.5, longest=timedelta(seconds=1)),
    Retry(attempts=9, wait=MINUTES, longest=3 * MINUTES, on=("Busy",)),
    Retry(
        attempts=2, on=("Busy",), others=(Retry(attempts=3, on=("Refused",)), Retry(attempts=2, on=("*",)))
    ),
)
retries = st.sampled_from(RETRIES)
undoings = st.builds(
    Undoing,
    failed_step=seldom,
    order=st.sampled_from([UndoOrder.REVERSE, UndoOrder.REVERSE, UndoOrder.AT_ONCE]),
    after_failure=st.sampled_from([AfterFailedUndo.STOP, AfterFailedUndo.STOP, AfterFailedUndo.GO_ON]),
)
joins = st.builds(
    Join,
    wait_for=st.sampled_from(["all", "all", "any", 2, "50%"]),
    tolerate=st.sampled_from([0, 0, 1, "40%"]),
    on_failure=st.sampled_from(OnBranchFailure),
    rest=st.sampled_from([Rest.CANCEL, Rest.CANCEL, Rest.ABSORB]),
)
compensations = st.builds(
    Compensate,
    does=st.just(UNDO.reference),
    inputs=st.sampled_from([{"n": 1}, {"n": "${ output.n }"}]),
    retry=retries,
)
kinds = st.sampled_from(
    [
        *["saga"] * 5,
        *["parallel"] * 3,
        *["map"] * 2,
        "loop",
        "action",
        "choice",
        "review",
        "wait",
        "listen",
        "first",
        "emit",
        "workflow",
        "workflow",
        "succeed",
        "set",
        "fail",
    ]
)
flat_kinds = st.sampled_from(
    [*["saga"] * 5, "action", "choice", "review", "wait", "listen", "first", "emit", "workflow", "set"]
)


@st.composite
def lively_graphs(draw: st.DrawFn) -> Graph:
    steps: dict[str, AnyStep] = {}
    start = _scope(draw, steps, ROOT, MOST_NESTING)
    if draw(seldom):
        steps = {key: _flowing(draw, step) for key, step in steps.items()}
    once = draw(seldom)
    return Graph(
        key="demo",
        input=INPUT,
        start=start,
        steps=steps,
        visit_limit=draw(st.integers(1, 3)),
        deadline=draw(st.sampled_from([None, None, None, 3 * MINUTES])),
        on_failure=draw(st.sampled_from(OnFailure)),
        undoing=draw(undoings),
        contracts={
            reference: replace(contract, at_most_once=once) for reference, contract in CONTRACTS.items()
        },
    )


def eventful_graphs() -> st.SearchStrategy[Graph]:
    plain = graphs(most_steps=4).map(lambda graph: replace(graph, visit_limit=3))
    return st.one_of(lively_graphs(), lively_graphs(), lively_graphs(), plain)


def _scope(draw: st.DrawFn, steps: dict[str, AnyStep], scope: str, nesting: int) -> str:
    """Fill a scope with a row of steps, and say where it starts."""
    row = draw(st.lists(kinds if nesting else flat_kinds, min_size=1, max_size=2 if scope else 4))
    keys = [f"s{len(steps) + place}" for place in range(len(row))]
    for key in keys:  # their place in the order, before the steps inside them are known
        steps[key] = SetVariables(key=key, scope=scope)
    for place, (key, kind) in enumerate(zip(keys, row, strict=True)):
        after = keys[place + 1] if place + 1 < len(keys) else None
        step = BUILD[kind](draw, key, after, keys)
        steps[key] = replace(step, scope=scope, **_answers(draw, step, keys))
        if isinstance(step, AnyOpener):
            _fill(draw, steps, step, nesting - 1)
    return keys[0]


def _fill(draw: st.DrawFn, steps: dict[str, AnyStep], drawn: AnyOpener, nesting: int) -> None:
    for body in drawn.bodies:
        start = _scope(draw, steps, drawn.scope_of(body.name), nesting)
        opener = steps[drawn.key]
        assert isinstance(opener, AnyOpener)
        steps[drawn.key] = opener.beginning(body.name, start)


def _answers(draw: st.DrawFn, step: AnyStep, keys: list[str]) -> dict[str, Any]:
    """What the step wants done when it fails; and now and then something that makes it fail."""
    answers: dict[str, Any] = {"on_exhausted": draw(policies)}
    if draw(seldom):
        answers["catch"] = (
            Catch(on=draw(st.sampled_from([("*",), ("Busy",)])), next=draw(st.sampled_from(keys))),
        )
    if isinstance(step, Action | AnyOpener | Review | Wait):
        answers["deadline"] = draw(deadlines)
    if isinstance(step, AnyOpener | Review | Wait | RunWorkflow) and draw(st.booleans()):
        answers["retry"] = draw(st.sampled_from([r for r in RETRIES if r.attempts < 9]))
    if draw(seldom) and not isinstance(step, Fail):
        answers["cancels"] = (draw(st.sampled_from(["s0", "s1", "s2", "s3", "s4", "s5"])),)
    if draw(seldom) and step.kind != "emit":
        answers["lock"] = draw(st.sampled_from(["sku", "sku-${ input.name }"]))
    if draw(seldom) and draw(seldom):
        answers["only_while"] = f"{draw(st.sampled_from(['', '!']))}('{draw(some_key)}' in run.active)"
    if draw(seldom) and draw(seldom):
        answers["assign"] = {"odd": draw(st.sampled_from([FLAWED, "${ error.message }", "${ vars.turn }"]))}
    return answers


def _flowing(draw: st.DrawFn, step: AnyStep) -> AnyStep:
    """The step with a flow that lets everything through, or with none: such a one leaves the token alone."""
    if isinstance(step, Loop) or draw(seldom):
        return step
    if isinstance(step, Choice):
        step = replace(step, options=tuple(replace(one, when=ABOVE_TWO) for one in step.options))
    if isinstance(step, Action | RunWorkflow) and draw(st.booleans()):
        step = replace(step, inputs={})
    return replace(step, flow=DataFlow(), assign={}) if not isinstance(step, Map) else step


def _saga(draw: st.DrawFn, key: str, after: str | None, keys: list[str]) -> AnyStep:
    return replace(_action(draw, key, after, keys), does=CHANGE.reference, compensate=draw(compensations))


def _action(draw: st.DrawFn, key: str, after: str | None, keys: list[str]) -> Action:
    n: Any = draw(
        st.sampled_from([1, 1, 1, "${ input.n }", "${ input.name }", f"${{ steps.{keys[0]}.output.n }}"])
    )
    return Action(key=key, next=after, does=LOOK.reference, inputs={"n": n}, retry=draw(retries))


def _parallel(draw: st.DrawFn, key: str, after: str | None, keys: list[str]) -> AnyStep:
    names = ["left", "middle", "right"][: draw(st.sampled_from([2, 3, 2, 1]))]
    branches = []
    for place, name in enumerate(names):
        needs = draw(st.sampled_from([(), (), (), tuple(names[:place]), tuple(names[place - 1 : place])]))
        branches.append(Branch(name, when="input.n > 2" if draw(seldom) else "", needs=needs))
    return Parallel(key=key, next=after, branches=tuple(branches), join=draw(joins))


def _map(draw: st.DrawFn, key: str, after: str | None, keys: list[str]) -> AnyStep:
    return Map(
        key=key,
        next=after,
        items=draw(st.sampled_from([[1, 2, 3], [1, 2, 3, 4, 5], [1], [], "${ [input.n] }", "${ input.n }"])),
        max_concurrency=draw(st.sampled_from([1, 2, 2, 5])),
        batch=draw(st.sampled_from([1, 1, 2])),
        open_ended=draw(seldom),
        join=draw(joins),
    )


def _loop(draw: st.DrawFn, key: str, after: str | None, keys: list[str]) -> AnyStep:
    how: dict[str, Any] = draw(
        st.sampled_from([{"times": 2}, {"times": 0}, {"until": "index > 0"}, {"goes_on": "input.n > 2"}])
    )
    return Loop(key=key, next=after, limit=3, **how)


def _choice(draw: st.DrawFn, key: str, after: str | None, keys: list[str]) -> AnyStep:
    option = Option(draw(st.sampled_from(["input.n > 2", "vars.turn > 0"])), draw(st.sampled_from(keys)))
    return Choice(key=key, options=(option,), otherwise=after)


def _review(draw: st.DrawFn, key: str, after: str | None, keys: list[str]) -> AnyStep:
    return Review(
        key=key,
        due=draw(st.sampled_from([None, MINUTES])),
        on_due=draw(st.sampled_from(["remind", "escalate", "reject"])),
        outcomes=(Outcome("approve", after or ""), Outcome("reject", draw(st.sampled_from([*keys, ""])))),
    )


def _wait(draw: st.DrawFn, key: str, after: str | None, keys: list[str]) -> AnyStep:
    return Wait(key=key, next=after, duration="30m")


def _listen(draw: st.DrawFn, key: str, after: str | None, keys: list[str]) -> AnyStep:
    return Wait(key=key, next=after, signal=Awaited(name="paid", key=draw(correlations)))


def _first(draw: st.DrawFn, key: str, after: str | None, keys: list[str]) -> AnyStep:
    leads = st.sampled_from([after or "", after or "", *keys, ""])
    possible = [
        Arrival(name="late", next=draw(leads), duration="30m"),
        Arrival(name="soon", next=draw(leads), until="${ now + duration('5m') }"),
        Arrival(name="paid", next=draw(leads), signal=Awaited(name="paid", key=draw(correlations))),
        Arrival(name="called_off", next=draw(leads), signal=Awaited(name="called_off", key="k")),
        Arrival(name="approve", next=draw(leads), person=Reviewers()),
        Arrival(name="reject", next=draw(leads), person=Reviewers(groups=("risk",))),
    ]
    people = draw(st.booleans())
    chosen = draw(st.sets(st.integers(0, 3), min_size=0 if people else 1)) | ({4, 5} if people else set())
    return Wait(key=key, first=tuple(possible[place] for place in sorted(chosen)))


def _emit(draw: st.DrawFn, key: str, after: str | None, keys: list[str]) -> AnyStep:
    return Emit(
        key=key, next=after, signal="paid", correlation=draw(correlations), data={"n": "${ input.n }"}
    )


def _set(draw: st.DrawFn, key: str, after: str | None, keys: list[str]) -> AnyStep:
    return SetVariables(key=key, next=after, assign={"turn": draw(st.integers(0, 2))})


def _fail(draw: st.DrawFn, key: str, after: str | None, keys: list[str]) -> AnyStep:
    return Fail(key=key, error="Refused", compensate=draw(st.booleans()), ends_run=draw(seldom))


def _succeed(draw: st.DrawFn, key: str, after: str | None, keys: list[str]) -> AnyStep:
    return Succeed(key=key, output={"n": 1}, ends_run=draw(st.booleans()))


def _workflow(draw: st.DrawFn, key: str, after: str | None, keys: list[str]) -> AnyStep:
    runs = draw(st.sampled_from(["order", "order@^1", "order", NOWHERE]))
    awaited = draw(st.sampled_from([True, True, False]))
    n: Any = draw(st.sampled_from([1, "${ input.n }", FLAWED]))
    return RunWorkflow(key=key, next=after, runs=runs, inputs={"n": n}, awaited=awaited)


BUILD: dict[str, Callable[..., AnyStep]] = {
    "saga": _saga,
    "action": _action,
    "parallel": _parallel,
    "map": _map,
    "loop": _loop,
    "choice": _choice,
    "review": _review,
    "wait": _wait,
    "listen": _listen,
    "first": _first,
    "emit": _emit,
    "set": _set,
    "fail": _fail,
    "succeed": _succeed,
    "workflow": _workflow,
}
