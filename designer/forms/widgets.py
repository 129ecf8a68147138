"""Inputs that carry something beside them."""

from typing import Any

from django import forms

QUIET = {"autocomplete": "off", "spellcheck": "false"}
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


class UnitInput(forms.TextInput):
    """A number with its unit after it."""

    template_name = "designer/sections/unit_input.html"

    def __init__(self, unit: str) -> None:
        super().__init__({**QUIET, "inputmode": "decimal"})
        self.unit = unit

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        return {**super().get_context(name, value, attrs), "unit": self.unit}
