"""The data flow of JSONata states: Arguments, [the work], Output and Assign, each free to read all there is."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .batches import batched
from .flow import DataFlow, Flaw, FlowError, HandedOn, Seen
from .functions import json_to_string
from .jsonata import QUERY_ERROR, Evaluation, bare, flaw_of, is_expression, kind_of, names_in
from .settings import checked

NO_RESULT: Any = object()


def given(flow: DataFlow, seen: Seen) -> Any:
    return _field(flow.fields, "Arguments", _evaluation(seen), seen.input)


def own_result(flow: DataFlow, seen: Seen) -> Any:
    """A state that does no work hands on its input, and has no $states.result."""
    return NO_RESULT


def handed_on(flow: DataFlow, seen: Seen, result: Any) -> HandedOn:
    extra = {} if result is NO_RESULT else {"result": result}
    return _ending(flow.fields, _evaluation(seen, **extra), seen.input if result is NO_RESULT else result)


def caught(flow: DataFlow, index: int, seen: Seen, failure: dict[str, str]) -> HandedOn:
    return _ending(_nth(flow, "Catch", index), _evaluation(seen, errorOutput=failure), failure)


def chosen(flow: DataFlow, conditions: Sequence[str], seen: Seen) -> tuple[int | None, HandedOn]:
    evaluation = _evaluation(seen)
    index = next((at for at, text in enumerate(conditions) if _holds(text, at, evaluation)), None)
    fields = flow.fields if index is None else _nth(flow, "Choices", index)
    return index, _ending(fields, evaluation, seen.input)


def listed(flow: DataFlow, seen: Seen) -> list[Any]:
    return _listed(flow, seen, _evaluation(seen))


def items(flow: DataFlow, seen: Seen) -> list[Any]:
    evaluation = _evaluation(seen)
    found = _listed(flow, seen, evaluation)
    if "ItemSelector" in flow.fields:
        selector = flow.fields["ItemSelector"]
        found = [
            fill(selector, _evaluation(seen.at_item(index, item)), "ItemSelector")
            for index, item in enumerate(found)
        ]
    batcher = flow.fields.get("ItemBatcher")
    if not isinstance(batcher, Mapping):
        return found
    filled = fill(batcher, evaluation, "ItemBatcher")
    return batched(found, filled, lambda options, name: options.get(name), filled.get("BatchInput"))


def _listed(flow: DataFlow, seen: Seen, evaluation: Evaluation) -> list[Any]:
    if "Items" not in flow.fields:
        if not isinstance(seen.input, list):
            raise FlowError(QUERY_ERROR, f"Map state input must be an array but was: {_excerpt(seen.input)}")
        return seen.input
    found = fill(flow.fields["Items"], evaluation, "Items")
    return found if isinstance(found, list) else _unexpected(flow.fields["Items"], "Items", "array", found)


def value(flow: DataFlow, name: str, seen: Seen) -> Any | None:
    written = flow.fields.get(name)
    if not isinstance(written, str) or not is_expression(written):
        return written
    return checked(name, fill(written, _evaluation(seen), name), name, bare(written), QUERY_ERROR)


def reads(flow: DataFlow, conditions: Sequence[str]) -> Iterator[str]:
    for _, text in expressions(dict(flow.fields), ""):
        yield from names_in(text)
    for text in conditions:
        yield from names_in(text)


def fill(template: Any, evaluation: Evaluation, field: str) -> Any:
    """The template with its expressions answered. A place in it is written `Output/total`.

    Raises FlowError.
    """
    match template:
        case str() if is_expression(template):
            return evaluation.evaluate(bare(template), field)
        case dict():
            return {name: fill(inner, evaluation, f"{field}/{name}") for name, inner in template.items()}
        case list():
            return [fill(inner, evaluation, f"{field}[{index}]") for index, inner in enumerate(template)]
        case _:
            return template


def expressions(template: Any, place: str) -> Iterator[tuple[str, str]]:
    """Each expression in a template, with its place."""
    match template:
        case str() if is_expression(template):
            yield place, bare(template)
        case dict():
            for name, inner in template.items():
                yield from expressions(inner, f"{place}.{name}" if place else name)
        case list():
            for index, inner in enumerate(template):
                yield from expressions(inner, f"{place}[{index}]")


def flaws(fields: Mapping[str, Any]) -> Iterator[Flaw]:
    for place, text in expressions(dict(fields), ""):
        if (message := flaw_of(text)) is not None:
            yield Flaw(path=place, message=message)


def _evaluation(seen: Seen, **extra: Any) -> Evaluation:
    return Evaluation({"input": seen.input, "context": seen.context, **extra}, seen)


def _ending(fields: Mapping[str, Any], evaluation: Evaluation, otherwise: Any) -> HandedOn:
    assigned = fill(fields.get("Assign") or {}, evaluation, "Assign")
    return HandedOn(output=_field(fields, "Output", evaluation, otherwise), assigned=assigned)


def _field(fields: Mapping[str, Any], name: str, evaluation: Evaluation, otherwise: Any) -> Any:
    return fill(fields[name], evaluation, name) if name in fields else otherwise


def _holds(text: str, index: int, evaluation: Evaluation) -> bool:
    field = f"Choices[{index}]/Condition"
    found = evaluation.evaluate(bare(text), field) if is_expression(text) else text
    return found if isinstance(found, bool) else _unexpected(text, field, "boolean", found)


def _unexpected(written: Any, field: str, wanted: str, found: Any) -> Any:
    about = f"The JSONata expression '{bare(written) if is_expression(written) else written}' specified for the field"
    raise FlowError(
        QUERY_ERROR,
        f"{about} '{field}' returned an unexpected result type. Expected '{wanted}', but was '{kind_of(found)}' "
        f"for value: {_excerpt(found)}",
    )


def _excerpt(value: Any) -> str:
    return json_to_string(value)[:200]


def _nth(flow: DataFlow, field: str, index: int) -> Mapping[str, Any]:
    several = flow.fields.get(field, ())
    return several[index] if index < len(several) else {}
