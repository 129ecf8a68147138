"""Maps and loops: whether there is a list to walk, and whether the rounds come to an end."""

from collections.abc import Iterator
from dataclasses import replace

from designer.graph.edits.operations import ReplaceStep
from designer.graph.model import Loop, Map
from designer.graph.schemas import TYPE_NAMES, type_of

from .problem import Fix, Found
from .slots import Slot
from .sources import items_of, result_of
from .view import View

_ENDINGS = {"goes_on": "while", "until": "until", "times": "times"}


def map_without_items(view: View) -> Iterator[Found]:
    for step in view.of(Map):
        if step.items in (None, "") and step.flow is None:
            message = f"“{step.name}” has no items. Say which list it walks, such as ${{ input.orders }}."
            yield Found(message, step.key, "items")


def items_not_a_list(view: View) -> Iterator[Found]:
    for step in view.of(Map):
        types = view.schemas.types(items_of(view, step)) if step.items not in (None, "") else None
        if types and "array" not in types:
            message = f"“{step.name}” needs a list to walk, and its items are {_kinds(types)}."
            yield Found(message, step.key, "items")


def rounds_unclear(view: View) -> Iterator[Found]:
    for step in view.of(Loop):
        given = [name for name in _ENDINGS if _is_given(getattr(step, name))]
        if not given:
            message = (
                f"“{step.name}” does not say how often. Write a condition to go on, one to stop, or a number."
            )
            yield Found(message, step.key, "goes_on")
        for more in given[1:]:
            message = (
                f"“{step.name}” says how often in two ways: {_ENDINGS[given[0]]} and {_ENDINGS[more]}. Keep one of"
                " them."
            )
            fix = Fix(f"Keep “{_ENDINGS[given[0]]}”", ReplaceStep(_without(step, more)))
            yield Found(message, step.key, more, fix)


def times_not_a_number(view: View) -> Iterator[Found]:
    for slot, step in _times(view):
        types = _types(view, slot)
        if types and not types & {"integer", "number"}:
            message = f"“{step.name}” needs a whole number of rounds, and “times” is {_kinds(types)}."
            yield Found(message, step.key, "times")
        elif isinstance(step.times, float) or (isinstance(step.times, int) and step.times < 0):
            message = f"“{step.name}” cannot make {step.times} rounds. Write a whole number from 0 on."
            yield Found(message, step.key, "times", _rounds(step, round(abs(step.times))))


def more_times_than_allowed(view: View) -> Iterator[Found]:
    for step in view.of(Loop):
        if isinstance(step.times, int) and not isinstance(step.times, bool) and step.times > step.limit:
            message = (
                f"“{step.name}” is to make {step.times} rounds, but more than {step.limit} are an error."
            )
            fix = Fix(f"Allow {step.times} rounds", ReplaceStep(replace(step, limit=step.times)))
            yield Found(message, step.key, "limit", fix)


def never_ends_before_its_limit(view: View) -> Iterator[Found]:
    """A condition that asks for nothing that a round changes is the same in each of them."""
    for use, expression in view.reads:
        step = use.slot.step
        if not isinstance(step, Loop) or use.slot.field not in ("goes_on", "until") or not expression.paths:
            continue
        if not any(_changes(view, step, use.slot.field, path) for path in expression.paths):
            kind = "go on" if use.slot.field == "goes_on" else "stop"
            message = (
                f"Whether “{step.name}” is to {kind} depends on nothing that its rounds change, so it never ends"
                f" before its limit of {step.limit} rounds."
            )
            yield Found(message, step.key, use.slot.field)


def _without(step: Loop, ending: str) -> Loop:
    return replace(step, times=None) if ending == "times" else replace(step, until="")


def _is_given(value: object) -> bool:
    return value not in (None, "")


def _times(view: View) -> Iterator[tuple[Slot, Loop]]:
    for slot in view.slots:
        if slot.field == "times" and isinstance(slot.step, Loop) and _is_given(slot.step.times):
            yield slot, slot.step


def _types(view: View, slot: Slot) -> frozenset[str] | None:
    """The JSON types that a template may have when it is filled."""
    alone = next((use for use in view.uses if use.slot is slot and not use.path), None)
    if alone is not None:
        return view.schemas.types(result_of(view, alone))
    return frozenset([type_of(slot.template)])


def _kinds(types: frozenset[str]) -> str:
    return " or ".join(TYPE_NAMES.get(name, name) for name in sorted(types))


def _rounds(step: Loop, times: int) -> Fix:
    return Fix(f"Make {times}", ReplaceStep(replace(step, times=times)))


def _changes(view: View, loop: Loop, field: str, path: tuple[str | int, ...]) -> bool:
    """Whether what a condition of a loop reads may be another in the next round."""
    inside = loop.scope_of(loop.BODY)
    match path:
        case ("now" | "index", *_):
            return field == "until" or path[0] == "now"
        case ("steps", str(key), *_):
            return field == "until" and key in view.graph.steps and view.graph.steps[key].scope == inside
        case ("vars", str(name), *_):
            return any(inside in view.around(each.scope) for each in view.assigning.get(name, ()))
    return path[0] in ("vars", "steps") and len(path) == 1
