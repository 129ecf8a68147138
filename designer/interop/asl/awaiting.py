"""Steps that ask somebody outside and wait for the answer: by a signal with a token, and the signal with that token."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from designer.dataflow import DataFlow, Language
from designer.graph import (
    Action,
    AnyStep,
    Awaited,
    Branch,
    Emit,
    OnExhausted,
    Parallel,
    Retry,
    Wait,
    suggest_key,
)

from .bindings import ARGUMENTS, RUN, AwaitSignal
from .mending import whole_seconds

ASKED = "asked"  # the one branch of what asks anew
_ASKING = frozenset({"InputPath", "Parameters", "Arguments"})
_AFTERWARDS = frozenset({
    "ResultSelector", "ResultPath", "OutputPath", "Output", "Assign", "Catch",
    "TimeoutSeconds", "TimeoutSecondsPath", "HeartbeatSeconds", "HeartbeatSecondsPath",
})  # fmt: skip


def kept_of(step: Action) -> dict[str, Any]:
    """What a step of another kind keeps of an action; how long one try may take is a setting of its flow there."""
    names = ("key", "scope", "title", "owner", "notes", "next", "retry", "catch", "on_exhausted", "deadline")
    flow = step.flow
    if flow is not None and step.timeout is not None:
        flow = replace(flow, fields={**flow.fields, "TimeoutSeconds": max(1, whole_seconds(step.timeout))})
    return {name: getattr(step, name) for name in names} | {"flow": flow}


def awaited(step: Action, binding: AwaitSignal, taken: Mapping[str, AnyStep]) -> tuple[AnyStep, ...]:
    """A retry asks anew, with a new token: asking and waiting are one branch then, which begins anew as a whole."""
    if not binding.asks:
        return (Wait(**kept_of(step), signal=Awaited(name=binding.answer, key=RUN)),)
    if step.retry.most == 1 or _assigns(step):
        return _request_and_answer(step, binding, taken)
    inside = suggest_key(f"{step.key}_request", taken)
    around = _around(step, inside)
    alone = replace(
        step,
        key=inside,
        scope=around.scope_of(ASKED),
        title=step.title,
        next=None,
        retry=Retry(),
        catch=(),
        on_exhausted=OnExhausted.FAIL,
        deadline=None,
        flow=_without_catch(step.flow or DataFlow()),
    )
    asking, waiting = _request_and_answer(alone, binding, {**taken, inside: alone})
    return around, asking, replace(waiting, title=f"{step.title}: answer")


def _assigns(step: Action) -> bool:
    """Whether it leaves variables: those of a branch would stay in it, so it waits anew without asking anew."""
    return step.flow is not None and "Assign" in step.flow.fields


def _around(step: Action, inside: str) -> Parallel:
    """The state as a parallel of one branch, which hands on what its branch does."""
    flow = step.flow or DataFlow()
    in_jsonata = flow.language is Language.JSONATA
    fields: dict[str, Any] = {"Output": "{% $states.result[0] %}"} if in_jsonata else {"OutputPath": "$[0]"}
    fields |= _part(flow, frozenset({"Catch"})).fields
    told = kept_of(step) | {"flow": replace(flow, fields=fields)}
    return Parallel(**told, branches=(Branch(ASKED, inside),))


def _without_catch(flow: DataFlow) -> DataFlow:
    return replace(flow, fields={name: value for name, value in flow.fields.items() if name != "Catch"})


def _request_and_answer(
    step: Action, binding: AwaitSignal, taken: Mapping[str, AnyStep]
) -> tuple[AnyStep, ...]:
    """The step keeps its key and publishes; the one after it has the state's name, and waits."""
    variable, flow = f"{step.key}_token", step.flow or DataFlow()
    answer = suggest_key(f"{step.key}_answer", taken)
    told = kept_of(step)
    told |= {"key": answer, "flow": _part(told["flow"] or flow, _AFTERWARDS)}
    asking = Emit(
        key=step.key,
        scope=step.scope,
        title=f"{step.title}: request",
        next=answer,
        catch=step.catch,
        signal=binding.asks,
        correlation=RUN,
        data=ARGUMENTS,
        flow=_with_token(_part(flow, _ASKING), variable),
    )
    return asking, Wait(**told, signal=Awaited(name=binding.answer, key=f"${{ vars.{variable} }}"))


def _with_token(flow: DataFlow, variable: str) -> DataFlow:
    """A flow that remembers the token and hands on what it was given."""
    if flow.language is Language.JSONATA:
        token = "{% $states.context.Task.Token %}"
        return replace(
            flow, fields={**flow.fields, "Output": "{% $states.input %}", "Assign": {variable: token}}
        )
    return replace(
        flow, fields={**flow.fields, "ResultPath": None, "Assign": {f"{variable}.$": "$$.Task.Token"}}
    )


def _part(flow: DataFlow, names: frozenset[str]) -> DataFlow:
    return replace(flow, fields={name: value for name, value in flow.fields.items() if name in names})
