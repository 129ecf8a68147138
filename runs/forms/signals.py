"""A signal that somebody tries."""

from typing import Any

from django import forms

from runs.models import Signal
from runs.models.signal import LONGEST_KEY, LONGEST_NAME

from .schema_fields import JSONText

PLAIN = {"autocomplete": "off", "spellcheck": "false"}


class SignalForm(forms.Form):
    name = forms.CharField(
        label="Signal", max_length=LONGEST_NAME, widget=forms.TextInput({**PLAIN, "list": "signal-names"})
    )
    key = forms.CharField(label="Key", max_length=LONGEST_KEY, widget=forms.TextInput(PLAIN))
    data = JSONText(  # type: ignore[assignment]  # a field of ours
        label="Data", required=False, help_text='JSON, such as {"amount": 12}. Empty: none.'
    )

    def refuse(self, field: str, sentence: str) -> None:
        self.add_error(field if field in self.fields else None, sentence)

    def signal(self, source: str) -> Signal:
        """As it would be sent."""
        return Signal(**self.cleaned_data, source=source, event_id="tried", subject="")

    def sent(self) -> dict[str, Any]:
        return dict(self.cleaned_data)
