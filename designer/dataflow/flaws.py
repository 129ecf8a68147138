"""What is wrong with a flow as it is written, before it ever runs."""

from collections.abc import Iterator, Mapping
from typing import Any

from . import by_expression
from .flow import DataFlow, Flaw, Language
from .payloads import flaws_in, flaws_of

_ONLY_PATH = {"InputPath", "Parameters", "ResultSelector", "ResultPath", "OutputPath", "Result", "ItemsPath",
              "SecondsPath", "TimestampPath", "ErrorPath", "CausePath", "MaxConcurrencyPath", "TimeoutSecondsPath",
              "HeartbeatSecondsPath", "ToleratedFailureCountPath", "ToleratedFailurePercentagePath"}  # fmt: skip
_ONLY_EXPRESSION = {"Arguments", "Output", "Items"}
_WORKING = {"Task", "Parallel", "Map"}
_OF_KIND = {
    "ResultSelector": _WORKING,
    "ResultPath": _WORKING | {"Pass"},
    "Result": {"Pass"},
    "Arguments": {"Task", "Parallel"},
    "Parameters": _WORKING | {"Pass"},
    "Items": {"Map"},
    "ItemsPath": {"Map"},
    "ItemSelector": {"Map"},
    "ItemBatcher": {"Map"},
}
_TEMPLATES = ("Parameters", "ResultSelector", "ItemSelector", "Assign")


def flaws(flow: DataFlow, kind: str) -> tuple[Flaw, ...]:
    """What is wrong with the flow of a state of this kind (`Task`, `Pass`, `Map`, ...) as it is written."""
    inside = by_expression.flaws(flow.fields) if flow.language is Language.JSONATA else _of_paths(flow.fields)
    return (*_misplaced(flow, kind), *inside)


def _misplaced(flow: DataFlow, kind: str) -> Iterator[Flaw]:
    foreign = _ONLY_PATH if flow.language is Language.JSONATA else _ONLY_EXPRESSION
    for name in flow.fields:
        if name in foreign:
            yield Flaw(path=name, message=f"A {flow.language} state has no field {name}.")
        elif kind not in _OF_KIND.get(name, {kind}):
            yield Flaw(path=name, message=f"A {kind} state has no field {name}.")


def _of_paths(fields: Mapping[str, Any], place: str = "") -> Iterator[Flaw]:
    for name, written in fields.items():
        at = f"{place}{name}"
        if name in _TEMPLATES:
            yield from flaws_in(written, at)
        elif name in ("Catch", "Choices") and isinstance(written, list | tuple):
            for index, inner in enumerate(written):
                if isinstance(inner, Mapping):
                    yield from _of_paths(inner, f"{at}[{index}].")
                else:
                    yield Flaw(path=f"{at}[{index}]", message="This should be an object of fields.")
        elif name.endswith("Path") and written is not None:
            yield from flaws_of(written, at)
