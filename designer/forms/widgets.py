"""Inputs that carry something beside them."""

from collections.abc import Sequence
from typing import Any

from django import forms

QUIET = {"autocomplete": "off", "spellcheck": "false"}
NUMBER = {**QUIET, "inputmode": "numeric"}
NAME = {
    **QUIET,
    "class": "mono",
    "data-whole": "",
}  # a name by which others read it: saved whole, when it is left


class ValueInput(forms.TextInput):
    """An input that the value picker knows: it takes an expression, or a text with ``${ expressions }`` in it."""

    template_name = "designer/sections/value_input.html"

    def __init__(self, attrs: dict[str, Any] | None = None, *, text: bool = False) -> None:
        holds = {"data-value": "text"} if text else {"data-value": "expression", "class": "mono"}
        super().__init__({**QUIET, **holds, **(attrs or {})})


class SuggestingInput(forms.TextInput):
    """An input that suggests some of the words it takes."""

    template_name = "designer/sections/suggesting_input.html"

    def __init__(self, suggestions: Sequence[str], attrs: dict[str, Any] | None = None) -> None:
        super().__init__({**QUIET, **(attrs or {})})
        self.suggestions = suggestions

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        list_id = f"{(attrs or {}).get('id', name)}-list"
        context = super().get_context(name, value, {**(attrs or {}), "list": list_id})
        return {**context, "suggestions": self.suggestions, "list_id": list_id}


class UnitInput(forms.TextInput):
    """A number with its unit after it."""

    template_name = "designer/sections/unit_input.html"

    def __init__(self, unit: str) -> None:
        super().__init__({**QUIET, "inputmode": "decimal"})
        self.unit = unit

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        return {**super().get_context(name, value, attrs), "unit": self.unit}
