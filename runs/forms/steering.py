"""What people send to steer a parallel or a map that is under way."""

import json
from typing import Any

from django import forms


class AddItemsForm(forms.Form):
    """Items, as a JSON list."""

    items = forms.CharField(
        strip=True,
        widget=forms.Textarea(attrs={"rows": 8, "class": "mono", "spellcheck": "false"}),
        label="Items",
        help_text='A JSON list, such as ["a.csv", "b.csv"].',
        error_messages={"required": 'Write a JSON list, such as ["a.csv", "b.csv"].'},
    )

    def clean_items(self) -> list[Any]:
        try:
            items = json.loads(self.cleaned_data["items"], parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as problem:
            raise forms.ValidationError(f"This is no JSON: {_where(problem)}.") from problem
        if not isinstance(items, list):
            raise forms.ValidationError('The items must be a list: put them in brackets, as in ["a.csv"].')
        if not items:
            raise forms.ValidationError("The list is empty: there is nothing to add.")
        return items


class CloseItemsForm(forms.Form):
    """Nothing has to be told to close a list."""


class ForceForm(forms.Form):
    reason = forms.CharField(
        max_length=2000,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 3}),
        label="Reason",
        help_text="It is kept with the run.",
        error_messages={"required": "Say why: it is kept with the run."},
    )


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no value of JSON")


def _where(problem: Exception) -> str:
    if isinstance(problem, json.JSONDecodeError):
        return f"{problem.msg.lower()} at line {problem.lineno}, column {problem.colno}"
    return "it is nested too deeply" if isinstance(problem, RecursionError) else str(problem)
