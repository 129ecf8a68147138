"""The data flow of JSONPath states.

InputPath, Parameters, [the work], ResultSelector, Assign, ResultPath, OutputPath: in this order, each reading what the
one before it gave.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .batches import batched
from .flow import RUNTIME, DataFlow, FlowError, HandedOn, Seen
from .paths import Path
from .payloads import answer, fill
from .payloads import paths_in as paths_in_payload
from .reference_paths import put
from .rules import holds, read_rule
from .rules import paths_in as paths_in_rule
from .settings import checked
from .view import View

_TEMPLATES = ("Parameters", "ResultSelector", "ItemSelector", "Assign", "ItemReader", "ResultWriter")
_PATHS = ("InputPath", "OutputPath", "ItemsPath")


def given(flow: DataFlow, seen: Seen) -> Any:
    data = _at(flow, "InputPath", seen.input, seen)
    if "Parameters" not in flow.fields:
        return data
    return fill(flow.fields["Parameters"], View(data, seen), "Parameters")


def own_result(flow: DataFlow, seen: Seen) -> Any:
    """What a state that does no work has for a result. Result is taken as it is written."""
    return flow.fields["Result"] if "Result" in flow.fields else given(flow, seen)


def handed_on(flow: DataFlow, seen: Seen, result: Any) -> HandedOn:
    fields = flow.fields
    if "ResultSelector" in fields:
        result = fill(fields["ResultSelector"], View(result, seen), "ResultSelector")
    assigned = _assigned(fields, View(result, seen), "Assign")
    merged = put(result, fields.get("ResultPath", "$"), seen.input)
    return HandedOn(output=_output(flow, merged, seen), assigned=assigned)


def caught(flow: DataFlow, index: int, seen: Seen, failure: dict[str, str]) -> HandedOn:
    fields = _nth(flow, "Catch", index)
    return HandedOn(
        output=put(failure, fields.get("ResultPath", "$"), seen.input),
        assigned=_assigned(fields, View(failure, seen), f"Catch[{index}].Assign"),
    )


def chosen(flow: DataFlow, conditions: Sequence[str], seen: Seen) -> tuple[int | None, HandedOn]:
    view = View(given(flow, seen), seen)
    index = next((at for at, condition in enumerate(conditions) if holds(read_rule(condition), view)), None)
    fields = flow.fields if index is None else _nth(flow, "Choices", index)
    return index, HandedOn(output=_output(flow, view.data, seen), assigned=_assigned(fields, view, "Assign"))


def listed(flow: DataFlow, seen: Seen) -> list[Any]:
    data = _at(flow, "InputPath", seen.input, seen)
    text = flow.fields.get("ItemsPath", "$")
    found = View(data, seen).look_up(text, "ItemsPath")
    if not isinstance(found, list):
        raise FlowError(RUNTIME, f"Reference path {text!r} must point to array.")
    return found


def items(flow: DataFlow, seen: Seen) -> list[Any]:
    fields = flow.fields
    data = _at(flow, "InputPath", seen.input, seen)
    found = listed(flow, seen)
    selector = fields.get("ItemSelector", fields.get("Parameters"))
    if selector is not None:
        found = [_selected(selector, data, seen, index, item) for index, item in enumerate(found)]
    if "ItemBatcher" not in fields:
        return found
    view, batcher = View(data, seen), fields["ItemBatcher"]
    extra = batcher.get("BatchInput") if isinstance(batcher, Mapping) else None
    return batched(
        found, batcher, lambda options, name: _option(options, name, view), fill(extra, view, "BatchInput")
    )


def _selected(selector: Any, data: Any, seen: Seen, index: int, item: Any) -> Any:
    return fill(selector, View(data, seen.at_item(index, item)), "ItemSelector")


def value(flow: DataFlow, name: str, seen: Seen) -> Any | None:
    fields, source = flow.fields, f"{name}Path"
    if fields.get(source) is None:
        return fields.get(name)
    text = fields[source]
    view = View(_at(flow, "InputPath", seen.input, seen), seen)
    return checked(name, answer(text, view, source), source, text)


def reads(flow: DataFlow, conditions: Sequence[str]) -> Iterator[str]:
    for path in (*_all_paths(flow.fields), *(path for text in conditions for path in _of_condition(text))):
        if path.variable is not None:
            yield path.variable


def _all_paths(fields: Mapping[str, Any]) -> Iterator[Path]:
    for name, field in fields.items():
        if name in _TEMPLATES:
            yield from paths_in_payload(field)
        elif name in ("Catch", "Choices"):
            for inner in field if isinstance(field, list | tuple) else ():
                yield from _all_paths(inner if isinstance(inner, Mapping) else {})
        elif name == "ItemBatcher" and isinstance(field, Mapping):
            yield from paths_in_payload({**field, **{f"{key}.$": text for key, text in field.items()}})
        elif name.endswith("Path"):
            yield from paths_in_payload({f"{name}.$": field})


def _of_condition(text: str) -> Iterator[Path]:
    try:
        yield from paths_in_rule(read_rule(text))
    except FlowError:
        return


def _at(flow: DataFlow, field: str, data: Any, seen: Seen) -> Any:
    """What the path in that field points at; everything where there is no such field, {} where it is null."""
    text = flow.fields.get(field, "$")
    return {} if text is None else View(data, seen).look_up(text, field)


def _output(flow: DataFlow, data: Any, seen: Seen) -> Any:
    try:
        return _at(flow, "OutputPath", data, seen)
    except FlowError as error:
        raise FlowError(error.error, error.cause, final=True) from None


def _assigned(fields: Mapping[str, Any], view: View, field: str) -> Mapping[str, Any]:
    template = fields.get("Assign")
    return fill(template, view, field) if isinstance(template, dict) else {}


def _nth(flow: DataFlow, field: str, index: int) -> Mapping[str, Any]:
    several = flow.fields.get(field, ())
    return several[index] if index < len(several) else {}


def _option(options: Mapping[str, Any], name: str, view: View) -> Any:
    text = options.get(f"{name}Path")
    return options.get(name) if text is None else view.look_up(text, f"ItemBatcher.{name}Path")
