"""Sagas of other engines, told without words of any engine, as graphs and mocks of ours.

A call inside a call ("A calls B") is a branch that is still at work while the other one goes on.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from designer.graph import (
    Action,
    AnyStep,
    Branch,
    Choice,
    Compensate,
    Fail,
    Graph,
    OnExhausted,
    Option,
    Parallel,
    Retry,
    Undoing,
    UndoOrder,
    Wait,
)
from runs.simulation import Answer, Mock

FAILED = Answer(error="Refused", cause="The saga fails here.")
LATER = Answer(error="Refused", cause="What it called has failed.", after=timedelta(minutes=1))
TRIES = 3  # of a compensation
LIMIT = timedelta(hours=1)
Saga = Mapping[str, Any]


def graph_of(saga: Saga) -> Graph:
    policy = saga["policy"]
    order = {"reverse": UndoOrder.REVERSE, "parallel": UndoOrder.AT_ONCE}[policy["order"]]
    steps = nested(saga) if "nesting" in fate(saga) else in_a_row(saga)
    timeout = fate(saga).get("timeout") and saga["expected"]["status"] != "SUSPENDED"
    return Graph(
        key="saga",
        start=steps[0].key,
        deadline=LIMIT if timeout else None,
        undoing=Undoing(failed_step=policy["compensate_failed_step"], order=order),
        steps={step.key: step for step in steps},
    )


def mocks_of(saga: Saga) -> dict[str, Mock]:
    fails, broken = fate(saga).get("step"), fate(saga).get("compensation_fails", ())
    inside = "nesting" in fate(saga)
    calls = calls_in(saga)
    return {
        one["name"]: Mock(
            answers=(FAILED if one["name"] == fails and not inside else inner(one["name"], calls, fails),),
            undo=(FAILED,) if one["compensation"] in broken else (),
            repeat_last=True,
        )
        for one in saga["steps"]
    }


def inner(name: str, calls: list[list[str]], fails: str | None) -> Answer:
    """What comes of a step: who has called somebody that fails, or is left, fails after that."""
    waiting = any(name == call[0] and len(call) > 1 for call in calls)
    return LATER if waiting else FAILED if name == fails else Answer(output={})


def fate(saga: Saga) -> Mapping[str, Any]:
    found: Mapping[str, Any] = saga["fail_at"] or {}
    return found


def calls_in(saga: Saga) -> list[list[str]]:
    """Who calls whom: “A calls B then C” is A and what it calls, “A calls B calls C” is two such calls."""
    said = fate(saga).get("nesting", "").replace(" then ", " ").split(" calls ")
    called = [part.split() for part in said if part]
    return [[caller[-1], *those] for caller, those in zip(called, called[1:], strict=False)]


def in_a_row(saga: Saga) -> list[AnyStep]:
    steps: list[AnyStep] = []
    names = [one["name"] for one in saga["steps"]]
    for one, following in zip(saga["steps"], [*names[1:], ""], strict=True):
        after = key_of(following) if following else None
        if fate(saga).get("after") == one["name"]:
            steps += [action(one, "the_body"), the_body(saga)]
            break
        if "condition" in one:
            holds = Option(when="${ input." + one["condition"] + " }", next=key_of(one["name"]))
            steps.append(Choice(key="asked", options=(holds,), otherwise=after or "left"))
        steps.append(action(one, after))
    return steps


def the_body(saga: Saga) -> AnyStep:
    """What comes after the last step: a failure, or more time than there is."""
    if not fate(saga).get("timeout"):
        return Fail(key="the_body", error="Refused")
    suspends = saga["expected"]["status"] == "SUSPENDED"
    policy = OnExhausted.DEAD_LETTER if suspends else OnExhausted.FAIL
    limit = LIMIT if suspends else None
    return Wait(key="the_body", duration="10h", deadline=limit, on_exhausted=policy)


def nested(saga: Saga) -> list[AnyStep]:
    """Each caller is a branch of its own; what is called one after the other is one branch."""
    by_name = {one["name"]: one for one in saga["steps"]}
    calls = calls_in(saga)
    rows = [[calls[0][0]], *(call[1:] for call in calls)]
    branches = tuple(Branch(name=f"level{level}", start=key_of(row[0])) for level, row in enumerate(rows))
    steps: list[AnyStep] = [Parallel(key="calls", branches=branches)]
    for level, row in enumerate(rows):
        for name, following in zip(row, [*row[1:], ""], strict=True):
            after = key_of(following) if following else None
            steps.append(action(by_name[name], after, scope=f"calls/level{level}"))
    return steps


def action(one: Mapping[str, Any], after: str | None, scope: str = "") -> AnyStep:
    undo = one["compensation"] and Compensate(does=one["compensation"], retry=Retry(attempts=TRIES))
    return Action(
        key=key_of(one["name"]), title=one["name"], next=after, scope=scope, compensate=undo or None
    )


def key_of(name: str) -> str:
    return f"do_{name.lower()}"
