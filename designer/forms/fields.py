"""The fields of the editor's forms.

A field shows text, and gives what the graph holds: `shown` is the way there, `clean` the way back.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from designer.graph import BadDuration, Graph, Template, format_duration, key_flaw, parse_duration
from designer.zones import NoMoment, with_offset, without_offset

from .expressions import (
    ABSENT,
    Absent,
    check_expressions,
    read_condition,
    read_value,
    write_condition,
    write_value,
)
from .widgets import NAME, QUIET, UnitInput, ValueInput

LONGEST_TEXT = 10_000
NOWHERE = "Ends here"
_PLAIN = re.compile(r"\d*\.?\d+", re.ASCII)


def shown(field: forms.Field, value: Any) -> Any:
    """What ``field`` shows of a value in a graph."""
    return field.shown(value) if hasattr(field, "shown") else value


def said(field: forms.Field, value: Any) -> str:
    """What ``field`` shows, in words: as it is named beside another value."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "nothing"
    if value in (None, ""):
        return "nothing"
    named = {str(key): str(label) for key, label in getattr(field, "choices", ())}
    unit = f" {field.unit}" if isinstance(field, SecondsField) and str(value)[-1:].isdigit() else ""
    return f"{named.get(str(value), value)}{unit}"


class ValueField(forms.CharField):
    """An expression, a constant, or a text with expressions in it: gives a template, or ABSENT."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", ValueInput())
        super().__init__(**{"required": False, "max_length": LONGEST_TEXT, **options})

    def shown(self, template: Template | Absent) -> str:
        return write_value(template)

    def clean(self, value: Any) -> Template | Absent:
        return read_value(super().clean(value))


class OptionalValueField(ValueField):
    """A value of which none is an empty text."""

    def shown(self, template: Template) -> str:
        return write_value(template) if template else ""

    def clean(self, value: Any) -> Template:
        template = super().clean(value)
        return "" if template is ABSENT else template


class ConditionField(forms.CharField):
    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", ValueInput())
        super().__init__(**{"required": False, "max_length": LONGEST_TEXT, **options})

    def shown(self, text: str) -> str:
        return write_condition(text)

    def clean(self, value: Any) -> str:
        return read_condition(super().clean(value))


class MessageField(forms.CharField):
    """A text that may hold ``${ expressions }``."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", ValueInput(text=True))
        super().__init__(**{"required": False, "max_length": LONGEST_TEXT, **options})

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        check_expressions(text)
        return text


class DurationField(forms.CharField):
    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.TextInput(attrs={**QUIET, "placeholder": "such as 30s"}))
        super().__init__(**{"required": False, "max_length": 40, **options})

    def shown(self, value: timedelta | None) -> str:
        return "" if value is None else format_duration(value)

    def clean(self, value: Any) -> timedelta | None:
        text = super().clean(value)
        try:
            return parse_duration(text) if text else None
        except BadDuration as bad:
            raise ValidationError(str(bad)) from None


class SecondsField(DurationField):
    """A duration as a number of seconds; one with units, such as 5m, is understood as well."""

    def __init__(self, *, unit: str = "s", **options: Any) -> None:
        super().__init__(**{"widget": UnitInput(unit), **options})
        self.unit = "s"

    def shown(self, value: timedelta | None) -> str:
        return "" if value is None else f"{value.total_seconds():.10g}"

    def clean(self, value: Any) -> timedelta | None:
        text = str(value or "").strip()
        return super().clean(f"{'0' if text[:1] == '.' else ''}{text}s" if _PLAIN.fullmatch(text) else value)


class WaitField(forms.CharField):
    """A duration or a moment, or an expression that gives one; kept as it is written. To a moment without an offset
    that of the viewer's clocks is added; in a document it is UTC."""

    def __init__(self, *, moment: bool = False, **options: Any) -> None:
        options.setdefault("widget", ValueInput())
        super().__init__(**{"required": False, "max_length": LONGEST_TEXT, **options})
        self.moment = moment

    def shown(self, text: str) -> str:
        naive = without_offset(text) if self.moment else None
        return f"{naive.isoformat()}Z" if naive else text

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        check_expressions(text)
        if text and "${" not in text and not self.moment:
            try:
                parse_duration(text)
            except BadDuration as bad:
                raise ValidationError(f"{bad} An expression stands in ${{ }}.") from None
        try:
            return with_offset(text) if self.moment else text
        except NoMoment as flaw:
            raise ValidationError(str(flaw)) from None


class KeyField(forms.CharField):
    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.TextInput(attrs=NAME))
        super().__init__(**{"max_length": 80, **options})

    def clean(self, value: Any) -> str:
        key = super().clean(value)
        if flaw := key_flaw(key) if key else None:
            raise ValidationError(flaw)
        return key


class NamesField(forms.CharField):
    """Names with commas between them."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.TextInput(attrs=QUIET))
        super().__init__(**{"required": False, "max_length": 2_000, **options})

    def shown(self, names: tuple[str, ...]) -> str:
        return ", ".join(names)

    def clean(self, value: Any) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name.strip() for name in super().clean(value).split(",") if name.strip()))


class ChipsField(forms.MultipleChoiceField):
    """Names to tick. What is ticked and not on offer stays, or a form would take it away unseen."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"required": False, "widget": forms.CheckboxSelectMultiple, **options})

    def offer(self, names: Iterable[str] | Mapping[str, str], ticked: tuple[str, ...]) -> None:
        """``names`` may say what each of them is called."""
        called = names if isinstance(names, Mapping) else {}
        self.choices = [(name, called.get(name, name)) for name in dict.fromkeys([*names, *ticked])]

    def clean(self, value: Any) -> tuple[str, ...]:
        return tuple(super().clean(value))


class StepField(forms.ChoiceField):
    """A step of a scope, by its key. A key that is no step there stays on offer, and is a problem."""

    def __init__(self, *, nowhere: str = NOWHERE, empty: str | None = "", **options: Any) -> None:
        super().__init__(**{"required": False, **options})
        self.nowhere, self.empty = nowhere, empty

    def offer(self, graph: Graph, scope: str, chosen: str | None) -> None:
        steps = {step.key: f"{step.name} ({step.key})" for step in graph.within(scope)}
        if chosen:
            steps.setdefault(chosen, f"{chosen} (not a step here)")
        self.choices = [("", self.nowhere), *steps.items()]

    def shown(self, key: str | None) -> str:
        return key or ""

    def clean(self, value: Any) -> str | None:
        return super().clean(value) or self.empty


def given(values: dict[str, Any]) -> dict[str, Any]:
    """The values that were written."""
    return {name: value for name, value in values.items() if value is not ABSENT}
