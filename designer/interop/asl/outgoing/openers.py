"""Parallels, maps and loops as states."""

from collections.abc import Callable
from typing import Any

from designer.graph import Branch, Join, Loop, Map, Parallel

from .jsonata import bracketed
from .native import NOTHING, finished, mended
from .scenery import Scenery, States

Inside = Callable[[str], dict[str, Any]]  # the machine of a scope


def parallel(scene: Scenery, step: Parallel, inside: Inside) -> States:
    _tell_of_join(scene, step, step.join)
    branches = [_branch(scene, step, branch, inside) for branch in step.branches]
    state = {"Type": "Parallel", "Branches": branches, **mended(scene, step)}
    parts = ", ".join(
        f"'{branch.name}': $states.result[{number}]" for number, branch in enumerate(step.branches)
    )
    return {scene.names.of[step.key]: finished(scene, step, state, f"{{{parts}}}")}


def _branch(scene: Scenery, step: Parallel, branch: Branch, inside: Inside) -> dict[str, Any]:
    """The machine of a branch; one with a condition begins by asking for it."""
    name = branch.title or branch.name
    machine = inside(step.scope_of(branch.name))
    if branch.needs:
        scene.lose(step, f"The branch “{name}” begins at once, and waits for no other.")
    if not branch.when:
        return machine
    scene.lose(step, f"The branch “{name}”, where it is not opened, gives null instead of nothing.")
    asked, skipped = scene.names.free(f"{name}?"), scene.names.free(f"{name}: not needed")
    rule = {
        "Condition": scene.condition(step, f"The condition of “{name}”", branch.when),
        "Next": machine["StartAt"],
    }
    states = {
        asked: {"Type": "Choice", "Choices": [rule], "Default": skipped},
        skipped: {"Type": "Succeed", "Output": NOTHING},
        **machine["States"],
    }
    return {"StartAt": asked, "States": states}


def map_over(scene: Scenery, step: Map, inside: Inside) -> States:
    items, index = f"{step.key}_item", f"{step.key}_index"
    machine = inside(step.scope_of(Map.BODY))
    take = scene.names.free(f"{step.name}: item")
    taken = {items: bracketed("$states.input.item"), index: bracketed("$states.input.index")}
    entry = {"Type": "Pass", "Assign": taken, "Next": machine["StartAt"]}
    processor = {"StartAt": take, "States": {take: entry, **machine["States"]}}
    state: dict[str, Any] = {
        "Type": "Map",
        "Items": scene.value(step, "The list of items", step.items),
        "ItemSelector": {
            "item": "{% $states.context.Map.Item.Value %}",
            "index": "{% $states.context.Map.Item.Index %}",
        },
        "MaxConcurrency": step.max_concurrency,
        "ItemProcessor": {"ProcessorConfig": {"Mode": "INLINE"}, **processor},
    }
    if step.join.tolerate:
        written = str(step.join.tolerate)
        name = "ToleratedFailurePercentage" if written.endswith("%") else "ToleratedFailureCount"
        state[name] = int(written.removesuffix("%"))
    if step.batch > 1:
        scene.lose(step, "Items are worked on one by one, not in batches.")
    if step.open_ended:
        scene.lose(step, "No items can be added while it runs.")
    _tell_of_join(scene, step, step.join)
    return {
        scene.names.of[step.key]: finished(scene, step, {**state, **mended(scene, step)}, "$states.result")
    }


def _tell_of_join(scene: Scenery, step: Parallel | Map, join: Join) -> None:
    usual = Join(tolerate=join.tolerate) if isinstance(step, Map) else Join()
    if join != usual:
        scene.lose(step, "It waits for all, and one that fails fails it: AWS knows no other join.")
    if step.deadline is not None:
        scene.lose(step, "It has no deadline of its own.")


def loop(scene: Scenery, step: Loop, inside: Inside) -> States:
    """Rounds among the states around them: a head that asks, the body, and a tail that counts."""
    name, names, scope = scene.names.of[step.key], scene.names, step.scope_of(Loop.BODY)
    head, tail = names.free(f"{step.name}: next round"), names.free(f"{step.name}: round done")
    asked, after = names.free(f"{step.name}: until"), names.free(f"{step.name}: done")
    too_many = names.free(f"{step.name}: too many rounds")
    index, output = f"{step.key}_index", scene.outputs[step.key]
    scene.tails[scope] = tail
    body = inside(scope)
    rules = [{"Condition": bracketed(f"${index} >= {step.limit}"), "Next": too_many}]
    if step.goes_on:
        goes_on = scene.condition(step, "The condition of another round", step.goes_on)[3:-3]
        rules = [{"Condition": bracketed(f"$not({goes_on})"), "Next": after}, *rules]
    elif step.times is not None:
        times = scene.value(step, "The number of rounds", step.times)
        said = times[3:-3] if isinstance(times, str) and times.startswith("{% ") else times
        rules = [{"Condition": bracketed(f"${index} >= {said}"), "Next": after}, *rules]
    counted = {
        "Type": "Pass",
        "Assign": {index: bracketed(f"${index} + 1")},
        "Next": asked if step.until else head,
    }
    states: States = {
        name: {"Type": "Pass", "Assign": {index: 0, output: None}, "Next": head},
        head: {"Type": "Choice", "Choices": rules, "Default": body["StartAt"]},
        **body["States"],
        tail: counted,
        after: finished(scene, step, {"Type": "Pass"}, f"${output}"),
        too_many: {
            "Type": "Fail",
            "Error": "TooManyRounds",
            "Cause": f"{step.name} took more than {step.limit} rounds.",
        },
    }
    if step.until:
        rule = {
            "Condition": scene.condition(step, "The condition of its end", step.until, scope),
            "Next": after,
        }
        states[asked] = {"Type": "Choice", "Choices": [rule], "Default": head}
    if step.retry.most > 1 or step.deadline is not None:
        scene.lose(step, "It is not tried again as a whole, and has no deadline of its own.")
    return states
