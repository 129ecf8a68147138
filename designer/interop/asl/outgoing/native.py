"""Steps of ours as states in JSONata: outputs and variables become variables, expressions what says the same."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from designer.graph import (
    Action,
    AnyStep,
    BadDuration,
    Choice,
    Emit,
    Fail,
    OnExhausted,
    Retry,
    Review,
    RunWorkflow,
    SetVariables,
    Succeed,
    Wait,
    parse_duration,
)
from designer.interop.asl.checks.shapes import is_expression
from designer.interop.asl.mending import error_names, whole_seconds, write_retry

from .calls import Call, call_of
from .jsonata import bracketed
from .scenery import Scenery, States

OUR_ERRORS = {"Timeout": "States.Timeout", "DeadlinePassed": "States.Timeout", "*": "States.ALL"}
EVERYTHING = "States.ALL"
ERROR = "{% $states.errorOutput %}"
NOTHING = "{% null %}"


def finished(scene: Scenery, step: AnyStep, state: dict[str, Any], result: str) -> dict[str, Any]:
    """The state with what it assigns and hands on, and where it leads."""
    assign: dict[str, Any] = {}
    if step.key in scene.outputs:
        assign[scene.outputs[step.key]] = bracketed(result)
    if step.key in scene.undoings.order and not scene.undoings.certain:
        assign[f"{step.key}_done"] = True
    named = scene.values(step, "The variable", dict(step.assign), result)
    assign |= {scene.variables[name]: value for name, value in named.items()}
    if step.next is None and step.scope in scene.tails:
        assign[scene.outputs[scene.graph.opener(step.scope)[0].key]] = bracketed(result)
    state = {**state, **({"Assign": assign} if assign else {})}
    state["Output"] = bracketed("$states.input") if scene.carries else bracketed(result)
    return {**state, **scene.leads(step, step.next)}


def tell_of_unsaid(scene: Scenery, step: AnyStep) -> None:
    """What no state can do."""
    if step.only_while:
        scene.lose(step, "It is made whether or not its milestone holds.")
    if step.lock:
        scene.lose(step, "It does not wait for its lock: several runs may be at it at once.")
    if step.cancels:
        scene.lose(step, "Its success cancels nothing in other branches.")
    if step.on_exhausted is OnExhausted.DEAD_LETTER:
        scene.lose(step, "When it gives up, the run fails instead of waiting for a person.")


# --- what calls something ----------------------------------------------------------------------------------


def call_state(scene: Scenery, step: AnyStep, call: Call) -> dict[str, Any]:
    given = scene.values(step, "The input", dict(call.given))
    arguments: dict[str, Any] = {**call.fixed, **given}
    if call.within == "Payload" or call.within == "Input":
        arguments = {**call.fixed, call.within: given}
    elif call.within == "MessageBody":
        message = {name: value for name, value in call.fixed.items() if name != "QueueUrl"}
        arguments = {"QueueUrl": call.fixed["QueueUrl"], "MessageBody": {**message, **given}}
    elif call.within == "Entries":
        arguments = {"Entries": [{**call.fixed, "Detail": given}]}
    return {"Type": "Task", "Resource": call.resource, "Arguments": arguments}


def calling(scene: Scenery, step: AnyStep) -> States:
    call = call_of(step)
    assert call is not None
    state = call_state(scene, step, call)
    limit = step.timeout if isinstance(step, Action) else None
    if limit is None and step.deadline is not None:
        limit = step.deadline
        if step.most_tries > 1:
            scene.lose(step, "Its deadline counts for each try, not for all of them together.")
    if limit is not None:
        state["TimeoutSeconds"] = max(1, whole_seconds(limit))
    state |= mended(scene, step)
    return {scene.names.of[step.key]: finished(scene, step, state, call.result)}


def answered(scene: Scenery, step: AnyStep) -> States:
    """A review, or a wait for the first of several: a task that somebody reports to, and a choice after it."""
    call = call_of(step)
    assert call is not None and isinstance(step, Review | Wait)
    name, variable = scene.names.of[step.key], scene.outputs[step.key]
    choice = scene.names.free(f"{step.name}: answer")
    state = call_state(scene, step, call)
    late = _late(scene, step)
    if late is not None:
        seconds, after = late
        state["TimeoutSeconds"] = seconds
        state["Catch"] = [{"ErrorEquals": ["States.Timeout"], "Next": after}]
    caught = mended(scene, step)
    state |= {**caught, "Catch": [*state.get("Catch", []), *caught.get("Catch", [])]}
    if not state["Catch"]:
        del state["Catch"]
    asked = "outcome" if isinstance(step, Review) else "first"
    ways = step.outcomes if isinstance(step, Review) else step.first
    rules = [
        {"Condition": bracketed(f"${variable}.{asked} = '{way.name}'"), "Next": scene.target(step, way.next)}
        for way in ways
    ]
    scene.lose(
        step,
        f"What reads the queue answers with the token and with {{{asked}, …}}; nobody is asked by AWS itself.",
    )
    asking = finished(scene, step, state, call.result)
    asking.pop("End", None)
    return {
        name: {**asking, "Next": choice},
        choice: {"Type": "Choice", "Choices": rules},
    }


def _late(scene: Scenery, step: Review | Wait) -> tuple[int, str] | None:
    """After how many seconds nobody is waited for any more, and what follows then."""
    if isinstance(step, Review):
        outcome = step.outcome(step.on_due) if step.due else None
        if step.due and outcome is None:
            scene.lose(step, "Nobody is reminded when it is due.")
        if step.due is None or outcome is None:
            return None
        return max(1, whole_seconds(step.due)), scene.target(step, outcome.next)
    timed = [arrival for arrival in step.first if arrival.duration or arrival.until]
    literal = next((arrival for arrival in timed if arrival.duration and "${" not in arrival.duration), None)
    if len(timed) > (literal is not None):
        scene.lose(
            step,
            "Only one plain duration among what may come first is kept by the machine; the queue keeps the others.",
        )
    if literal is None:
        return None
    return max(1, whole_seconds(parse_duration(literal.duration))), scene.target(step, literal.next)


# --- when things go wrong ----------------------------------------------------------------------------------


def mended(scene: Scenery, step: AnyStep) -> dict[str, Any]:
    """Retry and Catch."""
    retry = retriers(step.retry)
    catch = [*_caught(scene, step), *_caught_around(scene, step)]
    if not any(EVERYTHING in entry["ErrorEquals"] for entry in catch):
        catch += _given_up(scene, step)
    return {**({"Retry": retry} if retry else {}), **({"Catch": catch} if catch else {})}


def retriers(retry: Retry) -> list[dict[str, Any]]:
    if retry.attempts == 1 and not retry.others:
        return []
    never = [{"ErrorEquals": _errors(retry.never_on), "MaxAttempts": 0}] if retry.never_on else []
    return [
        *never,
        *({**entry, "ErrorEquals": _errors(entry["ErrorEquals"])} for entry in write_retry(retry)),
    ]


def _errors(names: tuple[str, ...] | list[str]) -> list[str]:
    return error_names(OUR_ERRORS.get(name, name) for name in names)


def _caught(scene: Scenery, step: AnyStep) -> list[dict[str, Any]]:
    return [
        {
            "ErrorEquals": _errors(catch.on),
            "Next": scene.target(step, catch.next),
            "Assign": {"caught": ERROR},
        }
        for catch in step.catch
    ]


def _caught_around(scene: Scenery, step: AnyStep) -> list[dict[str, Any]]:
    """What the loops around a step catch: their rounds stand among the states around them."""
    found: list[dict[str, Any]] = []
    while step.scope in scene.tails:
        step = scene.graph.opener(step.scope)[0]
        found += _caught(scene, step)
    return found


def _given_up(scene: Scenery, step: AnyStep) -> list[dict[str, Any]]:
    if step.on_exhausted is OnExhausted.CONTINUE:
        return [{"ErrorEquals": [EVERYTHING], "Next": scene.target(step, step.next)}]
    if not (done := scene.done_before(step)):
        return []
    return [{"ErrorEquals": [EVERYTHING], "Next": undo_name(scene, done), "Assign": {"failure": ERROR}}]


def undo_name(scene: Scenery, done: tuple[str, ...]) -> str:
    """The state that undoing begins with when these were done."""
    return f"Undo {scene.graph.name_of(done[-1])}"[:70] + ("" if scene.undoings.certain else "?")


def undo_states(scene: Scenery) -> States:
    """The chain of undoing: one task for each step that can be undone, the newest first, and the failure at its end."""
    states: States = {}
    end = scene.names.free("Failed")
    before = end
    for key in scene.undoings.order:
        step = scene.graph.step(key)
        assert isinstance(step, Action) and step.compensate is not None
        undo, call = step.compensate, call_of_undo(step)
        result = f"${scene.outputs[key]}"
        given = {
            name: scene.value(step, f"The input “{name}” of its undo", part, result)
            for name, part in undo.inputs.items()
        }
        arguments = {**call.fixed, call.within: given} if call.within else {**call.fixed, **given}
        name = f"Undo {step.name}"[:70]
        scene.names.taken.add(name)
        state: dict[str, Any] = {"Type": "Task", "Resource": call.resource, "Arguments": arguments}
        if retry := retriers(undo.retry):
            state["Retry"] = retry
        if scene.graph.undoing.after_failure.value == "go_on":
            state["Catch"] = [{"ErrorEquals": [EVERYTHING], "Next": before}]
        states[name] = {**state, "Next": before}
        if not scene.undoings.certain:
            scene.tested.add(f"{key}_done")
            scene.homes[f"{key}_done"] = ""
            rule = {"Condition": bracketed(f"${key}_done = true"), "Next": name}
            states[f"{name}?"] = {"Type": "Choice", "Choices": [rule], "Default": before}
            name = f"{name}?"
        before = name
    failure = {"Error": "{% $failure.Error %}", "Cause": "{% $failure.Cause %}"}
    return {**states, end: {"Type": "Fail", **failure}}


def call_of_undo(step: Action) -> Call:
    assert step.compensate is not None
    call = call_of(Action(key=step.key, does=step.compensate.does, inputs=step.compensate.inputs))
    assert call is not None
    return call


# --- what calls nothing ------------------------------------------------------------------------------------


def choice(scene: Scenery, step: Choice) -> States:
    rules = [
        {"Condition": scene.condition(step, f"The condition of {option.label or option.when}", option.when),
         "Next": scene.target(step, option.next)}
        for option in step.options
    ]  # fmt: skip
    state: dict[str, Any] = {"Type": "Choice", "Choices": rules}
    if step.otherwise:
        state["Default"] = scene.target(step, step.otherwise)
    elif scene.done_before(step):
        scene.lose(step, "Where no option holds, the run fails without undoing anything.")
    return {scene.names.of[step.key]: state}


def set_variables(scene: Scenery, step: SetVariables) -> States:
    return {scene.names.of[step.key]: finished(scene, step, {"Type": "Pass"}, "$states.input")}


def wait(scene: Scenery, step: Wait) -> States:
    state: dict[str, Any] = {"Type": "Wait"}
    if step.until:
        state["Timestamp"] = scene.value(step, "The moment", step.until)
    else:
        try:
            state["Seconds"] = whole_seconds(parse_duration(step.duration))
        except BadDuration:
            state["Seconds"] = scene.value(step, "The duration", step.duration)
            scene.lose(step, "Its duration must be a number of seconds when it is worked out.")
    if step.catch or step.deadline:
        scene.lose(step, "A Wait of AWS cannot fail, so that nothing is caught here.")
    return {scene.names.of[step.key]: finished(scene, step, state, "null")}


def succeed(scene: Scenery, step: Succeed) -> States:
    output = scene.value(step, "The output", step.output)
    if not isinstance(output, dict | list) and not is_expression(output):
        output = bracketed(json.dumps(output, ensure_ascii=False))  # validators refuse a bare value
    if step.scope in scene.tails:
        variable = scene.outputs[scene.graph.opener(step.scope)[0].key]
        return {
            scene.names.of[step.key]: {
                "Type": "Pass",
                "Assign": {variable: output},
                **scene.leads(step, None),
            }
        }
    if step.ends_run and step.scope:
        scene.lose(step, "It ends its branch alone, not the whole run.")
    return {scene.names.of[step.key]: {"Type": "Succeed", "Output": output}}


def fail(scene: Scenery, step: Fail) -> States:
    error = {"Error": scene.value(step, "The error", step.error)}
    if step.message:
        error["Cause"] = scene.value(step, "The message", step.message)
    done = scene.done_before(step) if step.compensate else ()
    if done:
        state = {
            "Type": "Pass",
            "Assign": {"failure": {"Cause": "", **error}},
            "Next": undo_name(scene, done),
        }
        return {scene.names.of[step.key]: state}
    if step.ends_run and step.scope:
        scene.lose(step, "A catch around it may let the run go on.")
    return {scene.names.of[step.key]: {"Type": "Fail", **error}}


def called_or_awaited(scene: Scenery, step: AnyStep) -> States:
    if isinstance(step, Wait) and step.signal is None and not step.first:
        return wait(scene, step)
    several = isinstance(step, Review) or (isinstance(step, Wait) and step.first)
    return answered(scene, step) if several else calling(scene, step)


WRITERS: Mapping[type, Callable[..., States]] = {
    Action: calling,
    RunWorkflow: calling,
    Emit: calling,
    Review: called_or_awaited,
    Wait: called_or_awaited,
    Choice: choice,
    SetVariables: set_variables,
    Succeed: succeed,
    Fail: fail,
}
