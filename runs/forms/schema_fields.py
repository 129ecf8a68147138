"""One Django field for one place of a JSON Schema."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from django import forms

from designer.reading import Unreadable, fits, read_json
from designer.zones import NoMoment, with_offset, with_zone_word

WIDE = 200  # longer texts get a text area


def field_for(schema: Mapping[str, Any], title: str, *, required: bool, default: Any) -> forms.Field:
    """The field for ``schema``; what has no form of its own is edited as JSON."""
    if "const" in schema:
        return _choice([schema["const"]], schema, title, required, schema["const"])
    if "enum" in schema:
        return _choice(schema["enum"], schema, title, required, default)
    make = FIELDS.get(_kind(schema), _json)
    return make(
        schema, label=title, required=required, initial=default, help_text=schema.get("description", "")
    )


def _kind(schema: Mapping[str, Any]) -> str:
    """Its type; where null is allowed beside one, that one: nothing typed is nothing given."""
    kinds = schema.get("type", "")
    named = [kind for kind in kinds if kind != "null"] if isinstance(kinds, list) else [kinds]
    return named[0] if len(named) == 1 else ""


class JSONText(forms.CharField):
    """A value typed as JSON."""

    widget = forms.Textarea(attrs={"rows": 4, "class": "mono", "spellcheck": "false"})

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            return read_json(text.encode(errors="replace"))
        except Unreadable as flaw:
            raise forms.ValidationError(str(flaw)) from flaw


class MomentText(forms.CharField):
    """A moment as text, which is by the viewer's clocks where it says no offset; the schema judges the rest."""

    def to_python(self, value: Any) -> str:
        try:
            return with_offset(super().to_python(value) or "")
        except NoMoment as flaw:
            raise forms.ValidationError(str(flaw)) from None


def _check_fits(number: int) -> None:
    if not fits(number):
        raise forms.ValidationError("This does not fit into 64 bits.")


def _string(schema: Mapping[str, Any], **common: Any) -> forms.Field:
    kinds = {"email": forms.EmailField, "uri": forms.URLField}
    if schema.get("format") in kinds:
        return kinds[schema["format"]](**common)
    if schema.get("format") == "date-time":
        help_text = common.pop("help_text") or with_zone_word(
            "Such as 2026-01-31T12:00, by your clocks ({zone})."
        )
        return MomentText(widget=forms.TextInput(), help_text=help_text, **common)
    inputs = {"date": "date", "time": "time"}
    widget: forms.Widget = forms.TextInput()
    if schema.get("format") in inputs:
        widget = forms.TextInput(attrs={"type": inputs[schema["format"]]})
    elif schema.get("maxLength", 0) > WIDE:
        widget = forms.Textarea(attrs={"rows": 3})
    return forms.CharField(widget=widget, strip=False, **common)


def _integer(schema: Mapping[str, Any], **common: Any) -> forms.Field:
    return forms.IntegerField(
        min_value=schema.get("minimum"), max_value=schema.get("maximum"), validators=[_check_fits], **common
    )


def _number(schema: Mapping[str, Any], **common: Any) -> forms.Field:
    widget = forms.NumberInput(attrs={"step": "any"})
    return forms.FloatField(
        min_value=schema.get("minimum"), max_value=schema.get("maximum"), widget=widget, **common
    )


def _boolean(schema: Mapping[str, Any], **common: Any) -> forms.Field:
    # An unticked box is an answer, not an omission.
    return forms.BooleanField(**{**common, "required": False})


def _json(schema: Mapping[str, Any], **common: Any) -> forms.Field:
    initial = common.pop("initial")
    shown = "" if initial is None else json.dumps(initial, indent=2, ensure_ascii=False)
    return JSONText(initial=shown, **common)


def _choice(
    values: list[Any], schema: Mapping[str, Any], title: str, required: bool, default: Any
) -> forms.Field:
    texts = {json.dumps(value): value for value in values}

    def chosen(text: str) -> Any:
        if text not in texts:  # Django asks this of unchecked texts too, and takes a ValueError only
            raise ValueError(text)
        return texts[text]

    choices = [
        (text, str(value).replace("_", " ") if value is not None else "none") for text, value in texts.items()
    ]
    if not required and default is None:
        choices.insert(0, ("", "–"))
    return forms.TypedChoiceField(
        choices=choices,
        coerce=chosen,
        empty_value=None,
        label=title,
        required=required,
        initial=json.dumps(default) if default is not None else None,
        help_text=schema.get("description", ""),
    )


FIELDS: Mapping[str, Callable[..., forms.Field]] = {
    "string": _string,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
}
