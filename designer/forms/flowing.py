"""How data goes through a step that came from the Amazon States Language: its fields, word for word."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField

from designer.dataflow import DataFlow, Language, said
from designer.graph import AnyStep, Choice, Wait
from designer.reading import Unreadable, read_json

from .expressions import write_value
from .fields import OptionalValueField
from .section import Section
from .widgets import QUIET

LONGEST = 2_000_000  # what a whole document may be, and how it grows when it is laid out
MOST_LINES = 16
EXPRESSION = "{%"  # how a JSONata expression begins
TEXTS = ("Timestamp", "Error", "Cause")  # besides the paths, what is a text and no value
WORDS: Mapping[str, str] = {
    "InputPath": "What of its input the step sees.",
    "Parameters": "What it is given.",
    "Arguments": "What it is given.",
    "Result": "What it gives, as it stands here.",
    "ItemsPath": "The list to walk.",
    "Items": "The list to walk.",
    "ItemSelector": "What each item begins with.",
    "ItemBatcher": "How many items go together.",
    "Seconds": "How long it waits.",
    "SecondsPath": "Where it is said how long it waits.",
    "Timestamp": "Until when it waits.",
    "TimestampPath": "Where it is said until when it waits.",
    "Error": "What the error is called.",
    "ErrorPath": "Where it is said what the error is called.",
    "Cause": "What people read.",
    "CausePath": "Where it is said what people read.",
    "TimeoutSeconds": "How long an attempt may take.",
    "TimeoutSecondsPath": "Where it is said how long an attempt may take.",
    "HeartbeatSeconds": "How long it may be silent.",
    "HeartbeatSecondsPath": "Where it is said how long it may be silent.",
    "MaxConcurrency": "How many items at once.",
    "MaxConcurrencyPath": "Where it is said how many items at once.",
    "ToleratedFailureCount": "How many items may fail.",
    "ToleratedFailureCountPath": "Where it is said how many items may fail.",
    "ToleratedFailurePercentage": "What share of the items may fail.",
    "ToleratedFailurePercentagePath": "Where it is said what share of the items may fail.",
    "ResultSelector": "What of the result is kept.",
    "ResultPath": "Where in the input the result is put.",
    "Assign": "The variables that get a value.",
    "Output": "What it hands on.",
    **dict.fromkeys(
        ("Credentials", "ResultWriter", "Label", "ProcessorConfig", "ItemReader"), "Kept for exports."
    ),
    "OutputPath": "What of that is handed on.",
}
_PATHS, _RESULT = ("InputPath", "OutputPath"), ("Parameters", "ResultSelector", "ResultPath")
CALL = {
    Language.JSONPATH: (*_PATHS, *_RESULT, "TimeoutSecondsPath", "HeartbeatSecondsPath", "Assign"),
    Language.JSONATA: ("Arguments", "Output", "TimeoutSeconds", "HeartbeatSeconds", "Assign"),
}
_NUMBERS_OF_A_MAP = ("MaxConcurrency", "ToleratedFailureCount", "ToleratedFailurePercentage")
OFFERED: Mapping[str, Mapping[Language, Sequence[str]]] = {
    "set": {
        Language.JSONPATH: (*_PATHS, "Parameters", "Result", "ResultPath", "Assign"),
        Language.JSONATA: ("Output", "Assign"),
    },
    "wait": {
        Language.JSONPATH: (*_PATHS, "SecondsPath", "TimestampPath", "Assign"),
        Language.JSONATA: ("Seconds", "Timestamp", "Output", "Assign"),
    },
    "choice": {Language.JSONPATH: (*_PATHS, "Assign"), Language.JSONATA: ("Output", "Assign")},
    "parallel": {
        Language.JSONPATH: (*_PATHS, *_RESULT, "Assign"),
        Language.JSONATA: ("Arguments", "Output", "Assign"),
    },
    "map": {
        Language.JSONPATH: (
            *(*_PATHS, "ItemsPath", "ItemSelector", "ItemBatcher", "ResultSelector", "ResultPath", "Assign"),
            *(f"{name}Path" for name in _NUMBERS_OF_A_MAP),
        ),
        Language.JSONATA: ("Items", "ItemSelector", "ItemBatcher", "Output", "Assign", *_NUMBERS_OF_A_MAP),
    },
    "succeed": {Language.JSONPATH: _PATHS, Language.JSONATA: ("Output",)},
    "fail": {Language.JSONPATH: ("ErrorPath", "CausePath"), Language.JSONATA: ("Error", "Cause")},
}
# What a catcher or an option says for itself: lists beside the step's own, in its order.
BY_NUMBER = ("Catch", "Choices")
RESULT = "returns"
OF_ITS_OWN = "What is handed on where it leads."


class AslField(forms.CharField):
    """One field as it stands in a document: empty is left out, and null is null."""

    def __init__(self, *, text: bool = False, **options: Any) -> None:
        options.setdefault("widget", forms.Textarea({**QUIET, "class": "code mono", "rows": 1}))
        super().__init__(**{"required": False, "max_length": LONGEST, **options})
        self.text = text

    def shown(self, held: tuple[Any, ...]) -> str:
        """``held`` is the value, or nothing."""
        if not held:
            return ""
        bare = isinstance(held[0], str) and (self.text or held[0].startswith(EXPRESSION))
        return held[0] if bare else json.dumps(held[0], indent=2, ensure_ascii=False)

    def clean(self, value: Any) -> tuple[Any, ...]:
        text = super().clean(value)
        if not text or text.startswith(EXPRESSION) or (self.text and text != "null"):
            return (text,) if text else ()
        try:
            return (read_json(text.encode(errors="replace")),)
        except Unreadable as flaw:
            raise ValidationError(f"{flaw} A text stands in quotes.") from None


@dataclass(frozen=True, slots=True)
class FlowField:
    """A field beside the problems that are put right in it."""

    field: BoundField
    problems: Sequence[Any]


class FlowSection(Section):
    """The fields that the step has, then those that its kind and its language could have."""

    key, heading = "data", "Data"
    template = "designer/sections/flow.html"
    about = ("flow", RESULT)
    picks = sees_output = True

    @property
    def flow(self) -> DataFlow:
        flow: DataFlow = self.any_step.flow
        return flow

    def prepare(self) -> None:
        names = offered_for(self.any_step)
        own = [name for name in self.flow.fields if name not in BY_NUMBER]
        for name in [*(name for name in names if name in own), *own, *names]:
            if name not in self.fields:
                self.fields[name] = _field_for(name)
        if does_work(self.any_step):  # its output is not yet what its state's result was
            help_text = "Made of output, what the call gave. Empty: the output as it is."
            self.fields[RESULT] = OptionalValueField(label="The result", help_text=help_text)
        for name in BY_NUMBER:
            for number, label in enumerate(_labels(self.any_step, name)):
                self.fields[f"{name}.{number}"] = AslField(label=label, help_text=OF_ITS_OWN)
        for name, field in self.asl.items():
            field.widget.attrs["rows"] = min(MOST_LINES, 1 + field.shown(self._held(name)).count("\n"))

    @property
    def asl(self) -> dict[str, AslField]:
        return {name: field for name, field in self.fields.items() if isinstance(field, AslField)}

    def read(self) -> dict[str, Any]:
        result = {RESULT: write_value(self.any_step.returns)} if self.any_step.returns is not None else {}
        return {**result, **{name: field.shown(self._held(name)) for name, field in self.asl.items()}}

    def clean(self) -> None:
        for name, written in list(self.cleaned_data.items()):
            if name.partition(".")[0] in BY_NUMBER and written and not isinstance(written[0], dict):
                self.add_error(name, 'This must be a JSON object, such as {"ResultPath": "$.error"}.')

    def changed(self) -> AnyStep:
        written = {name: self.cleaned_data[name] for name in self.asl if "." not in name}
        fields = {name: written[name][0] for name in self._in_order(written) if written[name]}
        for name in BY_NUMBER:
            own = [value for key, value in self.cleaned_data.items() if key.startswith(f"{name}.")]
            if any(own):
                fields[name] = [value[0] if value else {} for value in own]
        returns = self.cleaned_data.get(RESULT, self.any_step.returns)
        flow = replace(self.flow, fields=fields)
        return replace(self.any_step, flow=flow, returns=None if returns == "" else returns)

    @property
    def present(self) -> list[FlowField]:
        return [row for row in self._own if row.field.value() or row.problems]

    @property
    def absent(self) -> list[FlowField]:
        return [row for row in self._own if not row.field.value() and not row.problems]

    @property
    def problems_apart(self) -> list[Any]:
        beside = {id(problem) for row in self._own for problem in row.problems}
        return [problem for held in self.problems.values() for problem in held if id(problem) not in beside]

    @property
    def _own(self) -> list[FlowField]:
        return [FlowField(self[name], self._problems_of(name)) for name in self.asl]

    def _problems_of(self, name: str) -> list[Any]:
        found = [
            problem
            for place, held in self.problems.items()
            for problem in held
            if place == f"flow.{name}" or place.startswith((f"flow.{name}.", f"flow.{name}["))
        ]
        if found:
            self.fields[name].widget.attrs["aria-invalid"] = "true"
        return found

    def _held(self, name: str) -> tuple[Any, ...]:
        of, _, number = name.partition(".")
        held = self.flow.fields
        if not number:
            return (held[of],) if of in held else ()
        entries = held.get(of, ())
        entry = entries[int(number)] if int(number) < len(entries) else None
        return (entry,) if entry else ()

    def _in_order(self, written: Mapping[str, Any]) -> list[str]:
        """As they stood; what is new comes last."""
        return list(dict.fromkeys([*(name for name in self.flow.fields if name in written), *written]))


def offered_for(step: AnyStep) -> Sequence[str]:
    """The fields that a step's kind may have in the language of its flow."""
    offered = CALL if does_work(step) else OFFERED.get(step.kind, {})
    return offered.get(step.flow.language, ()) if step.flow else ()


def does_work(step: AnyStep) -> bool:
    """Whether it does what a Task did; a wait does where it awaits somebody."""
    if isinstance(step, Wait):
        return bool(step.signal or step.first)
    return step.kind in ("action", "workflow", "review", "emit")


def kept_by_number(flow: DataFlow, name: str, numbers: Sequence[int]) -> DataFlow:
    """``flow`` after its catchers or options were moved: ``numbers`` are where they stood, in their new order."""
    held = flow.fields.get(name)
    if held is None:
        return flow
    moved = [held[number] if number < len(held) else {} for number in numbers]
    return replace(flow, fields={**flow.fields, name: moved})


def _field_for(name: str) -> AslField:
    text = name.endswith("Path") or name in TEXTS
    return AslField(text=text, label=name, help_text=WORDS.get(name, ""))


def _labels(step: AnyStep, name: str) -> list[str]:
    if name == "Catch":
        return [f"Catch {', '.join(one.on)}" for one in step.catch]
    return [f"If {said(one.when)}" for one in step.options] if isinstance(step, Choice) else []
