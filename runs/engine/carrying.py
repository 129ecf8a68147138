"""Carrying: the values that go from step to step where steps have flows.

The token of a scope is the step run that handed on last, and what it handed on is what the next step is given. This
file stands between a `Situation` and `designer.dataflow`, which knows what the fields of the Amazon States Language
mean. Steps without a flow are none of its business: they leave the token where it is.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace as amended

from designer import dataflow
from designer.dataflow import DataFlow, FlowError, HandedOn, Seen
from designer.graph import (
    ROOT,
    AnyStep,
    Choice,
    Emit,
    Fail,
    Parallel,
    Review,
    SetVariables,
    Succeed,
    Wait,
    references,
)

from . import scopes
from .events import Gathered, VariableSet
from .situation import Broken, Situation
from .state import ActiveStep, Fault
from .values import ABSENT, GivenTo, ItemOf, Reference, RunInput, TokenOf

RUNTIME = "States.Runtime"
LONGEST = 32_768  # characters of an error's name or message
LONGEST_NAME = 80  # characters of a variable's name
FOR_EVER = 100 * 365 * 86_400  # seconds
NAMES = {  # what the engine's own errors are called in steps that have a flow
    "Timeout": "States.Timeout",
    "DeadlinePassed": "States.Timeout",
    "NoChoice": "States.NoChoiceMatched",
    "ValueRefused": "States.DataLimitExceeded",
    "BadTime": RUNTIME,
}
AWAITED = (".waitForTaskToken", ".sync", ".sync:2")  # resources whose answer comes by a token
EASY = (SetVariables, Choice, Succeed, Fail)  # they cannot be tried again
TOO_MANY_FAILED = "States.ExceedToleratedFailureThreshold"


def given(sit: Situation, step: ActiveStep) -> Any:
    """What a step is given. Raises Needed, Broken, as do all below."""
    return sit.kept(_ask(sit, step, dataflow.given))


def fill(sit: Situation, step: ActiveStep, template: Any) -> Any:
    """A template of a step, whose expressions may name its `arguments` where it has a flow."""
    return sit.fill(template, step.scope, **_arguments(sit, step, template))


def fill_call(sit: Situation, step: ActiveStep, inputs: Mapping[str, Any]) -> Any:
    """What a step type is given: its inputs, or where none are mapped the arguments as they are."""
    if not inputs and sit.definition(step).flow is not None:
        return given(sit, step)
    return sit.fill_call(dict(inputs), step.scope, **_arguments(sit, step, dict(inputs)))


def handed_on(sit: Situation, step: ActiveStep, output: Any, *, by_hand: bool) -> HandedOn:
    """What a step hands on that has ended with this output."""
    result = _result(sit, step, output, by_hand=by_hand)
    return _kept(sit, _ask(sit, step, lambda flow, seen: dataflow.handed_on(flow, seen, result)))


def caught(sit: Situation, step: ActiveStep, number: int, fault: Fault) -> HandedOn:
    """What the fallback of this number is given."""
    name, cause = fault.name, fault.message
    return _kept(sit, _ask(sit, step, lambda flow, seen: dataflow.caught(flow, number, seen, name, cause)))


def chosen(sit: Situation, step: ActiveStep, conditions: tuple[str, ...]) -> tuple[int | None, HandedOn]:
    """The number of the option that holds, and what is handed on there."""
    number, handed = _ask(sit, step, lambda flow, seen: dataflow.chosen(flow, conditions, seen), conditions)
    return number, _kept(sit, handed)


def items(sit: Situation, step: ActiveStep) -> list[Any]:
    """What the scope of each item of a map begins with."""
    return sit.kept(_ask(sit, step, dataflow.items))


def setting(sit: Situation, step: ActiveStep, name: str) -> Any:
    """The value of a setting such as `Seconds`; None where the flow says nothing of it."""
    flow = _flow(sit, step)
    if not any(field.startswith(name) for field in flow.fields):
        return None
    return _ask(sit, step, lambda flow, seen: dataflow.value(flow, name, seen))


def limit(sit: Situation, step: ActiveStep, *names: str) -> timedelta | None:
    """The shortest of some settings that are numbers of seconds."""
    written = (number(sit, step, name) for name in names)
    return min((timedelta(seconds=min(one, FOR_EVER)) for one in written if one is not None), default=None)


def number(sit: Situation, step: ActiveStep, name: str) -> int | float | None:
    """The value of a setting that is a number from 0; what paths and expressions give is not always one."""
    value = setting(sit, step, name)
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool) and value >= 0):
        return value
    message = f"{name} must be a number from 0, not {value!r:.100}."
    raise Broken(Fault(name=RUNTIME, message=message, step=step.key, retryable=False))


def sayable(text: Any) -> str:
    """A text that a flow has made, as it can be kept as the name or the message of an error."""
    return str(text)[:LONGEST].replace("\0", "\ufffd").encode(errors="replace").decode()


def assigned(sit: Situation, step: ActiveStep, handed: HandedOn) -> list[VariableSet]:
    """The variables of its own scope that a step has assigned."""
    told: Any = {"at": sit.at, "no": step.no, "scope": step.scope}
    return [VariableSet(name=name, value=value, **told) for name, value in handed.assigned.items()]


def tolerated(sit: Situation, step: ActiveStep, total: int) -> int | None:
    """How many items of a map may fail, where its flow says so."""
    count = number(sit, step, "ToleratedFailureCount")
    share = number(sit, step, "ToleratedFailurePercentage")
    limits = [count] if count is not None else []
    limits += [total * share // 100] if share is not None else []
    return int(min(limits)) if limits else None


def called(definition: AnyStep, fault: Fault) -> Fault:
    """The fault as the flow of its step calls it."""
    if definition.flow is None or fault.name not in NAMES:
        return fault
    return replace(fault, name=NAMES[fault.name])


def why_too_many_failed(definition: AnyStep, fault: Fault) -> Fault:
    """Why a map fails, as ASL says it where it counts failures: an inline map fails as its item has."""
    if definition.flow is None or not _counts_failures(definition.flow):
        return fault
    message = (
        f"The specified tolerated failure threshold was exceeded. The first item failed with {fault.name}."
    )
    return replace(fault, name=TOO_MANY_FAILED, message=message)


def _counts_failures(flow: DataFlow) -> bool:
    mode = flow.fields.get("ProcessorConfig")
    distributed = isinstance(mode, Mapping) and mode.get("Mode") == "DISTRIBUTED"
    return distributed or any(name.startswith("Tolerated") for name in flow.fields)


def _ask[T](
    sit: Situation, step: ActiveStep, question: Callable[[DataFlow, Seen], T], conditions: Sequence[str] = ()
) -> T:
    flow = _flow(sit, step)
    try:
        return question(flow, _seen(sit, step, flow, conditions))
    except FlowError as error:
        told: Any = {"name": sayable(error.error), "message": sayable(error.cause), "step": step.key}
        raise Broken(Fault(**told, retryable=False, final=error.final)) from error


def _flow(sit: Situation, step: ActiveStep) -> DataFlow:
    flow = sit.definition(step).flow
    assert flow is not None, "only steps with a flow are asked"
    return flow


def _seen(sit: Situation, step: ActiveStep, flow: DataFlow, conditions: Sequence[str]) -> Seen:
    """All that the flow may look at; nothing is looked up that it does not read."""
    token = _token(sit, step.scope)
    homes = {name: sit.homes(name, step.scope) for name in dataflow.reads(flow, conditions)}
    around = _references_around(sit, step, flow, conditions)
    found = sit.read([token, *around, *(home for places in homes.values() for home in places)])
    nearest = {
        name: next((found[home] for home in places if found[home] is not ABSENT), ABSENT)
        for name, places in homes.items()
    }
    return Seen(
        input=_or_null(found[token]),
        now=sit.at,
        variables={name: value for name, value in nearest.items() if value is not ABSENT},
        context=_context(sit, step, found) if around else {},
        seed=f"{sit.values.run.get('id', '')}:{step.no}:{max(step.tries, 1)}",
    )


def _token(sit: Situation, scope: str) -> Reference:
    """Where the value stands that a step of this scope is given."""
    known = sit.state.scopes[scope]
    if known.token is not None:
        return TokenOf(known.token)
    if scope == ROOT:
        return RunInput()
    if scopes.index_of(scope) is not None and (item := sit.item(scope)) and item.no == known.opener:
        return item
    if sit.graph.opener(scopes.place(scope))[0].flow is not None:
        return GivenTo(known.opener)
    return _token(sit, scopes.outside(scope))


def _references_around(
    sit: Situation, step: ActiveStep, flow: DataFlow, conditions: Sequence[str]
) -> tuple[Reference, ...]:
    """What the context object is made of, if the flow reads it at all."""
    text = json.dumps([flow.fields, *conditions])
    if "$$" not in text and "context" not in text:
        return ()
    item = sit.item(step.scope)
    return (RunInput(),) if item is None else (RunInput(), item)


def _context(sit: Situation, step: ActiveStep, found: Mapping[Reference, Any]) -> dict[str, Any]:
    """ASL's context object, as far as it means something here."""
    run, tries = sit.values.run, max(step.tries - 1, sum(step.spent.values()), 0)
    name, definition = str(run.get("id", "")), sit.definition(step)
    context: dict[str, Any] = {
        "Execution": {
            "Id": name,
            "Name": run.get("key") or name,
            "Input": _or_null(found[RunInput()]),
            "RoleArn": "",
            "StartTime": _moment(run.get("started_at", sit.at)),
        },
        "State": {"Name": definition.title or step.key, "EnteredTime": _moment(step.since or sit.at)},
        "StateMachine": {"Id": str(run.get("version", sit.graph.key)), "Name": sit.graph.key},
    }
    if not isinstance(definition, EASY):
        context["State"]["RetryCount"] = tries
    if isinstance(definition, Wait | Review | Emit) or getattr(definition, "resource", "").endswith(AWAITED):
        context["Task"] = {"Token": f"{name}.{step.no}.{tries}"}
    if (item := sit.item(step.scope)) is not None:
        context["Map"] = {"Item": {"Index": item.index, "Value": _as_listed(sit, step, item, found)}}
    return context


def _as_listed(sit: Situation, step: ActiveStep, item: ItemOf, found: Mapping[Reference, Any]) -> Any:
    """An item as it stands in the list of its map, whatever was selected of it; one that was added as it is."""
    opener = sit.state.steps[item.no]
    flow = sit.definition(opener).flow
    if flow is None or not dataflow.selects(flow) or "Map" not in json.dumps(_flow(sit, step).fields):
        return _or_null(found[item])
    listed = _ask(sit, opener, dataflow.listed)
    return listed[item.index] if item.index < len(listed) else _or_null(found[item])


def _moment(at: datetime | str) -> str:
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _or_null(value: Any) -> Any:
    return None if value is ABSENT else value


def _result(sit: Situation, step: ActiveStep, output: Any, *, by_hand: bool) -> Any:
    """What the flow calls the result; what does no work of its own has been given it."""
    template = sit.definition(step).returns
    if template is not None and not by_hand:
        more = _arguments(sit, step, template)
        return sit.fill(template, step.scope, output=sit.output_value(output), **more)
    match sit.definition(step):
        case SetVariables() | Succeed() | Choice() | Wait(signal=None, first=()):
            return _ask(sit, step, dataflow.given)
        case Wait(first=()) if not by_hand:
            return output["data"]
        case Parallel(branches=branches) if isinstance(output, Gathered):
            parts = sit.output_value(output)
            return [parts.get(branch.name) for branch in branches]
    return sit.output_value(output)


def _arguments(sit: Situation, step: ActiveStep, template: Any) -> dict[str, Any]:
    if sit.definition(step).flow is None:
        return {}
    named = any(path[0] == "arguments" for path in references(template))
    return {"arguments": given(sit, step)} if named else {}


def _kept(sit: Situation, handed: HandedOn) -> HandedOn:
    sit.kept([handed.output, dict(handed.assigned)])
    if any(len(name) > LONGEST_NAME for name in handed.assigned):
        message = f"The name of a variable has at most {LONGEST_NAME} characters."
        raise Broken(Fault(name=RUNTIME, message=message, retryable=False))
    return handed


def as_of(step: ActiveStep, tries: int) -> ActiveStep:
    """The step as it will be at a further try."""
    return amended(step, tries=tries)
