"""Short ways of writing the graphs of the examples."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from designer.graph import (
    ANY_ERROR,
    Action,
    AnyStep,
    Branch,
    Catch,
    Choice,
    Compensate,
    Contract,
    Effect,
    Graph,
    Join,
    Loop,
    Map,
    OnBranchFailure,
    Option,
    Outcome,
    Parallel,
    Retry,
    Review,
    Schema,
)
from runs.engine import Fault

ONCE = Retry(attempts=1)
NUMBER: Schema = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}
CONTRACTS = {
    contract.reference: contract
    for contract in (
        Contract(
            key="demo.do", version="1.0.0", idempotent=True, effect=Effect.UNDOABLE, undone_by="demo.undo"
        ),
        Contract(key="demo.undo", version="1.0.0", idempotent=True),
        Contract(key="demo.count", version="1.0.0", idempotent=True, input=NUMBER),
        Contract(key="demo.once", version="1.0.0", at_most_once=True),
    )
}


def flow(*steps: AnyStep | Iterable[AnyStep], **more: Any) -> Graph:
    """A graph of these steps, the first one first."""
    flat = [step for one in steps for step in ([one] if isinstance(one, AnyStep) else one)]
    return Graph(
        key="demo", start=flat[0].key, steps={step.key: step for step in flat}, contracts=CONTRACTS, **more
    )


def act(key: str, next: str | None = None, *, tries: int = 1, **more: Any) -> Action:
    retry = more.pop("retry", Retry(attempts=tries, jitter=False))
    return Action(key=key, next=next, **{"does": "demo.do@1.0.0", "retry": retry, **more})


def saga(key: str, next: str | None = None, *, undo_tries: int = 1, **more: Any) -> Action:
    """An action that can be undone."""
    undo = Compensate(does="demo.undo@1.0.0", retry=Retry(attempts=undo_tries, jitter=False))
    return act(key, next, **{"compensate": undo, **more})


def chain(*steps: AnyStep) -> list[AnyStep]:
    """The steps one after the other."""
    followers = [step.key for step in steps[1:]]
    return [*(replace(step, next=key) for step, key in zip(steps, followers, strict=False)), steps[-1]]


def fork(
    key: str, next: str | None = None, *, wait_for: str | int = "all", patient: bool = False, **more: Any
) -> Any:
    """A parallel and its branches: ``fork("both", "after", left=[...], right=[...])``.

    ``when`` and ``needs`` say of a branch, by its name, what they say in its definition.
    """
    branches = {name: more.pop(name) for name in list(more) if isinstance(more[name], list)}
    when, needs = more.pop("when", {}), more.pop("needs", {})
    usual = Join(wait_for=wait_for, on_failure=OnBranchFailure.WAIT if patient else OnBranchFailure.STOP)
    join = more.pop("join", usual)
    opener = Parallel(
        key=key,
        next=next,
        join=join,
        branches=tuple(
            Branch(name, steps[0].key, when=when.get(name, ""), needs=tuple(needs.get(name, ())))
            for name, steps in branches.items()
        ),
        **more,
    )
    inner = [_moved(step, f"{key}/{name}") for name, steps in branches.items() for step in steps]
    return [opener, *inner]


def each(key: str, items: Any, body: list[AnyStep], next: str | None = None, **more: Any) -> Any:
    """A map and its body: ``each("all", "${ input.list }", [act("one")], "after")``."""
    opener = Map(key=key, items=items, next=next, start=body[0].key, **more)
    return [opener, *(_moved(step, f"{key}/{Map.BODY}") for step in body)]


def again(key: str, body: list[AnyStep], next: str | None = None, **more: Any) -> Any:
    """A loop and its body: ``again("twice", [act("one")], times=2)``."""
    opener = Loop(key=key, next=next, start=body[0].key, **more)
    return [opener, *(_moved(step, f"{key}/{Loop.BODY}") for step in body)]


def either(key: str, when: str, then: str, otherwise: str | None, **more: Any) -> Choice:
    return Choice(key=key, options=(Option(when, then),), otherwise=otherwise, **more)


def ask(key: str, **outcomes: Any) -> Review:
    """A review: an outcome is the key of the step it leads to; all else is a field of the step."""
    more = {name: outcomes.pop(name) for name in list(outcomes) if name in Review.__dataclass_fields__}
    return Review(key=key, outcomes=tuple(Outcome(name, next) for name, next in outcomes.items()), **more)


def to(next: str, *errors: str) -> Catch:
    """A catch of these errors, or of any."""
    return Catch(on=errors or (ANY_ERROR,), next=next)


def fault(name: str = "Refused", message: str = "", **more: Any) -> Fault:
    return Fault(name=name, message=message, **{"retryable": False, **more})


BUSY = fault("Busy", "Too many requests.", retryable=True)
REFUSED = fault("Refused", "Not today.")


def _moved(step: AnyStep, scope: str) -> AnyStep:
    """The step, in a scope; those that are in one already belong to a parallel further in."""
    return step if step.scope else replace(step, scope=scope)
