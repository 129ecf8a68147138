"""The sections of the workflow itself: its settings, and what a run of it takes."""

import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from designer.graph import (
    ROOT,
    AfterFailedUndo,
    OnFailure,
    Operation,
    SetHeader,
    UndoOrder,
    check_schema,
    format_duration,
)

from .expressions import refuse_constant
from .fields import DurationField, OptionalValueField, StepField, shown
from .rows import Row
from .section import Section
from .widgets import NAME, QUIET

UNDOING = ("failed_step", "order", "after_failure")  # as the graph holds them, under one name
OWN = (
    "type",
    "title",
    "default",
    "enum",
    "sensitive",
)  # the parts of a field's schema that have a place of their own


class SettingsSection(Section):
    key, heading = "settings", "Workflow"
    template = "designer/sections/settings.html"
    about = ("", "steps", "key", "undoing")
    picks = True

    title = forms.CharField(
        label="Title", max_length=200, required=False, widget=forms.TextInput(attrs=QUIET)
    )
    owner = forms.CharField(label="Owner", max_length=64, required=False, widget=forms.TextInput(attrs=QUIET))
    business_key = OptionalValueField(
        label="Business key",
        help_text="What people call a run, such as input.order_id.",
    )
    start = StepField(label="First step", nowhere="None yet")
    on_failure = forms.ChoiceField(
        label="What becomes of what was done",
        choices=[
            (OnFailure.COMPENSATE, "Undo the steps that succeeded"),
            (OnFailure.KEEP, "Leave everything as it is"),
        ],
    )
    order = forms.ChoiceField(
        label="In which order",
        choices=[
            (UndoOrder.REVERSE, "The newest success first"),
            (UndoOrder.AT_ONCE, "All at once"),
        ],
    )
    after_failure = forms.ChoiceField(
        label="When an undo gives up",
        choices=[
            (AfterFailedUndo.STOP, "Stop, and ask a person"),
            (AfterFailedUndo.GO_ON, "Go on with the others"),
        ],
    )
    failed_step = forms.BooleanField(
        label="Undo the step that failed too",
        required=False,
        help_text="For steps that may have done something before they failed. Their undo sees no output.",
    )
    deadline = DurationField(
        label="Deadline of a run", help_text="When it has passed the run fails: DeadlinePassed."
    )
    visit_limit = forms.IntegerField(
        label="Visit limit",
        min_value=1,
        max_value=1_000_000,
        widget=forms.TextInput({**QUIET, "inputmode": "numeric"}),
        help_text="How often one step may be entered.",
    )
    notes = forms.CharField(
        label="Notes", max_length=10_000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def prepare(self) -> None:
        self.fields["start"].offer(self.graph, ROOT, self.graph.start)  # type: ignore[attr-defined]

    def read(self) -> dict[str, Any]:
        held = {name: self.graph.undoing if name in UNDOING else self.graph for name in self.fields}
        return {name: shown(field, getattr(held[name], name)) for name, field in self.fields.items()}

    def operation(self) -> Operation:
        business_key = self.cleaned_data["business_key"]
        text = business_key if isinstance(business_key, str) else json.dumps(business_key)
        deadline = self.cleaned_data["deadline"]
        written = {"business_key": text, "deadline": deadline and format_duration(deadline)}
        said = {name: value for name, value in self.cleaned_data.items() if name not in UNDOING}
        undoing = {name: self.cleaned_data[name] for name in UNDOING}
        return SetHeader({**said, **written, "undoing": undoing})


class JsonField(forms.CharField):
    """A JSON value; None where nothing is written."""

    def __init__(self, *, wanted: type = object, such_as: str = '{"minLength": 1}', **options: Any) -> None:
        super().__init__(**{"required": False, "max_length": 200_000, **options})
        self.wanted, self.such_as = wanted, such_as

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            found = json.loads(text, parse_constant=refuse_constant) if text else None
        except (ValueError, RecursionError) as error:
            raise ValidationError(f"This is not JSON: {error}.") from None
        if found is not None and not isinstance(found, self.wanted):
            raise ValidationError(f"This must be a JSON object, such as {self.such_as}.")
        return found


class InputRow(Row):
    """One field of a run's input, as a property of its schema."""

    told_by = ("name", "title", "default", "choices", "more")

    name = forms.CharField(label="Field", max_length=100, widget=forms.TextInput(NAME))
    type = forms.ChoiceField(
        label="Type",
        choices=[
            ("string", "text"),
            ("integer", "whole number"),
            ("number", "number"),
            ("boolean", "yes or no"),
            ("array", "list"),
            ("object", "object"),
            ("", "any value"),
        ],
        required=False,
    )
    required = forms.BooleanField(label="Required", required=False)
    sensitive = forms.BooleanField(label="Sensitive", required=False)
    title = forms.CharField(
        label="Title", max_length=200, required=False, widget=forms.TextInput(attrs=QUIET)
    )
    default = forms.CharField(
        label="Default", max_length=10_000, required=False, widget=forms.TextInput({**QUIET, "class": "mono"})
    )
    choices = forms.CharField(
        label="One of",
        max_length=10_000,
        required=False,
        widget=forms.TextInput({**QUIET, "placeholder": "any value, or a, b, c"}),
    )
    more = JsonField(
        label="More rules",
        wanted=dict,
        widget=forms.Textarea({**QUIET, "rows": 3, "class": "mono"}),
        help_text="The rest of the field's JSON Schema: minimum, pattern, an object's fields, a list's items.",
    )

    @staticmethod
    def read(item: tuple[str, Mapping[str, Any], bool]) -> dict[str, Any]:
        name, schema, required = item
        kind = schema.get("type") if isinstance(schema.get("type"), str) else ""
        more = {
            part: said for part, said in schema.items() if part not in OWN or (part == "type" and not kind)
        }
        return {
            "name": name,
            "type": kind,
            "required": required,
            "sensitive": schema.get("sensitive") is True,
            "title": schema.get("title", ""),
            "default": _shown(schema["default"]) if "default" in schema else "",
            "choices": ", ".join(_shown(one) for one in schema.get("enum", ())),
            "more": json.dumps(more, indent=2, ensure_ascii=False) if more else "",
        }

    def clean(self) -> None:
        written = self.cleaned_data
        for name in ("default", "choices"):
            try:
                texts = written.get(name, "").split(",") if name == "choices" else [written.get(name, "")]
                values = [_value(text.strip(), written.get("type", "")) for text in texts if text.strip()]
            except ValueError:
                self.add_error(
                    name, f"“{written[name]}” is not a {written.get('type') or 'value'}. Write it as JSON."
                )
            else:
                written[name] = values

    def made(self) -> tuple[str, dict[str, Any], bool]:
        written = self.cleaned_data
        schema: dict[str, Any] = {
            "type": written["type"],
            "title": written["title"],
            **(written["more"] or {}),
        }
        schema = {part: said for part, said in schema.items() if said != ""}
        if written["sensitive"]:
            schema["sensitive"] = True
        if written["default"]:
            schema["default"] = written["default"][0]
        if written["choices"]:
            schema["enum"] = written["choices"]
        return written["name"], schema, written["required"]


class FieldsSection(Section):
    """The input's schema as a list of fields; what is unusual about it stays as it is."""

    key, heading = "fields", "Input"
    template = "designer/sections/fields.html"
    about = ("input",)
    lists = {"properties": InputRow}

    closed = forms.BooleanField(label="Refuse fields that are not listed", required=False)

    def items(self, name: str) -> tuple[Any, ...]:
        schema = self.graph.input
        properties, required = schema.get("properties", {}), schema.get("required", ())
        return tuple(
            (name, said, name in required) for name, said in properties.items() if isinstance(said, Mapping)
        )

    def read(self) -> dict[str, Any]:
        return {"closed": self.graph.input.get("additionalProperties") is False}

    def operation(self) -> Operation:
        schema = {"type": "object", **self.graph.input}
        rows = self.rows["properties"].made()
        held = self.graph.input.get("properties", {})
        schema["properties"] = {name: _kept(held.get(name), said) for name, said, _ in rows}
        schema["required"] = [name for name, _, required in rows if required]
        if self.cleaned_data["closed"]:
            schema["additionalProperties"] = False
        elif schema.get("additionalProperties") is False:
            del schema["additionalProperties"]
        return SetHeader({"input": {part: said for part, said in schema.items() if said != []}})


class SchemaSection(Section):
    """The same schema as JSON, for everything the list of fields has no place for."""

    key, heading = "schema", "Input as JSON"
    template = "designer/sections/schema.html"

    input = JsonField(
        label="JSON Schema of the input",
        wanted=dict,
        widget=forms.Textarea({**QUIET, "rows": 16, "class": "code mono"}),
    )

    def read(self) -> dict[str, Any]:
        return {"input": json.dumps(self.graph.input, indent=2, ensure_ascii=False)}

    def clean_input(self) -> dict[str, Any]:
        schema = self.cleaned_data["input"] or {}
        for flaw in check_schema(schema):
            place = f" at “{flaw.path}”" if flaw.path else ""
            raise ValidationError(f"This is not a usable JSON Schema{place}: {flaw.message}")
        return schema

    def operation(self) -> Operation:
        return SetHeader({"input": self.cleaned_data["input"]})


def _kept(held: Any, written: Any) -> Any:
    """What is held, where it says the same in another order."""
    return held if json.dumps(held, sort_keys=True) == json.dumps(written, sort_keys=True) else written


def _shown(value: Any) -> str:
    """A text as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _value(text: str, kind: str) -> Any:
    """Raises ValueError."""
    return text if kind == "string" else json.loads(text)
