"""Steps with a flow as states: what was read is given back."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from designer.dataflow import DataFlow, Language
from designer.graph import (
    Action,
    AnyStep,
    BadDuration,
    Choice,
    Fail,
    Map,
    Parallel,
    SetVariables,
    Succeed,
    Wait,
    parse_duration,
)
from designer.interop.asl.incoming import MOST_AT_A_TIME
from designer.interop.asl.mending import error_names, whole_seconds, write_retry
from designer.interop.asl.resources import resource_value

from .calls import substitute

_ASIDE = frozenset({"Catch", "Choices", "ProcessorConfig", "ItemReader"})
# The kinds of step that a state of the language is read as. A step of another kind with a flow was bound since.
PLAIN = (Action, Choice, Fail, Map, Parallel, SetVariables, Succeed, Wait)


def flow_state(step: AnyStep, names: Mapping[str, str]) -> dict[str, Any]:
    """A step as a state, without the machines inside it and without where it leads."""
    assert step.flow is not None, "only steps with a flow were states"
    own = _OWN[type(step)](step, step.flow, names)
    state = {**own, **{name: value for name, value in step.flow.fields.items() if name not in _ASIDE}}
    if step.notes:
        state = {"Type": state.pop("Type"), "Comment": step.notes, **state}
    if isinstance(step, Action | Parallel | Map):
        if retry := write_retry(step.retry):
            state["Retry"] = retry
        if step.catch:
            state["Catch"] = _catchers(step, step.flow, names)
    return state


def _catchers(step: AnyStep, flow: DataFlow, names: Mapping[str, str]) -> list[dict[str, Any]]:
    beside = _parts(flow, "Catch", len(step.catch))
    return [
        {"ErrorEquals": error_names(catch.on), "Next": names[catch.next], **part}
        for catch, part in zip(step.catch, beside, strict=True)
    ]


def _parts(flow: DataFlow, name: str, count: int) -> list[dict[str, Any]]:
    """What a flow says of each fallback or option; drafts may say it of too few."""
    written = flow.fields.get(name)
    found = [
        dict(part) if isinstance(part, dict) else {}
        for part in (written if isinstance(written, list) else [])
    ]
    return [*found, *({} for _ in range(count - len(found)))][:count]


def _action(step: Action, flow: DataFlow, names: Mapping[str, str]) -> dict[str, Any]:
    state = {
        "Type": "Task",
        "Resource": resource_value(step.resource) if step.resource else substitute(step.does),
    }
    return state if step.timeout is None else {**state, "TimeoutSeconds": max(1, whole_seconds(step.timeout))}


def _wait(step: Wait, flow: DataFlow, names: Mapping[str, str]) -> dict[str, Any]:
    if step.duration:
        try:
            return {"Type": "Wait", "Seconds": whole_seconds(parse_duration(step.duration))}
        except BadDuration:
            return {"Type": "Wait", "Seconds": step.duration}
    return {"Type": "Wait", "Timestamp": step.until} if step.until else {"Type": "Wait"}


def _choice(step: Choice, flow: DataFlow, names: Mapping[str, str]) -> dict[str, Any]:
    beside = _parts(flow, "Choices", len(step.options))
    options = [
        {**_rule(option.when, flow.language), "Next": names[option.next], **part}
        for option, part in zip(step.options, beside, strict=True)
    ]
    state: dict[str, Any] = {"Type": "Choice", "Choices": options}
    return state | ({"Default": names[step.otherwise]} if step.otherwise else {})


def _rule(when: str, language: Language) -> dict[str, Any]:
    if language is Language.JSONATA:
        return {"Condition": when}
    try:
        rule = json.loads(when)
    except ValueError:
        rule = None
    # What is no rule cannot become one; the machine's own check will say so.
    return rule if isinstance(rule, dict) else {"Comment": when}


def _map(step: Map, flow: DataFlow, names: Mapping[str, str]) -> dict[str, Any]:
    state: dict[str, Any] = {"Type": "Map"}
    if step.max_concurrency < MOST_AT_A_TIME:
        state["MaxConcurrency"] = step.max_concurrency
    return state


def _fail(step: Fail, flow: DataFlow, names: Mapping[str, str]) -> dict[str, Any]:
    error = {"Error": step.error} if step.error else {}
    return {"Type": "Fail", **error, **({"Cause": step.message} if step.message else {})}


def _plain(kind: str) -> Callable[..., dict[str, Any]]:
    return lambda step, flow, names: {"Type": kind}


_OWN: Mapping[type, Callable[..., dict[str, Any]]] = {
    Action: _action,
    SetVariables: _plain("Pass"),
    Wait: _wait,
    Choice: _choice,
    Parallel: _plain("Parallel"),
    Map: _map,
    Succeed: _plain("Succeed"),
    Fail: _fail,
}
