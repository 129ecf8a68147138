"""The join, as a sentence with fields in it: when an opener goes on, and what becomes of the rest."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField

from designer.graph import MOST_ITEMS, Join, OnBranchFailure, Rest

from .section import Section
from .widgets import SuggestingInput

SHARE = re.compile(r"(100|[1-9]?\d)\s*%", re.ASCII)
NAMES = ("wait_for", "tolerate", "on_failure", "rest")


class AmountField(forms.CharField):
    """How many of the scopes: a word, a number or a share."""

    def __init__(self, *words: str, least: int, suggestions: tuple[str, ...] = (), **options: Any) -> None:
        widget = SuggestingInput([*words, *suggestions], {"size": "6"})
        super().__init__(**{"max_length": 10, "widget": widget, **options})
        self.words, self.least = words, least

    def clean(self, value: Any) -> str | int:
        text = super().clean(value).strip().lower()
        if text in self.words:
            return str(text)
        if share := SHARE.fullmatch(text):
            return f"{share[1]}%"
        if text.isascii() and text.isdigit() and self.least <= int(text) <= MOST_ITEMS:
            return int(text)
        known = "".join(f"{word}, " for word in self.words)
        raise ValidationError(f"Write {known}a number from {self.least} or a share such as 60%.")


class JoinSection(Section):
    """A section with the fields of a join."""

    scopes = "branches"

    wait_for = AmountField("all", "any", least=1, suggestions=("50%", "60%"), label="Go on when")
    tolerate = AmountField(least=0, suggestions=("0", "1", "10%"), label="Let fail")
    on_failure = forms.ChoiceField(
        label="When it can no longer go on",
        choices=[
            (OnBranchFailure.STOP, "stop the others at once, and fail"),
            (OnBranchFailure.WAIT, "let the others end, then fail"),
            (OnBranchFailure.CONTINUE, "let the others end, and go on with what there is"),
        ],
    )
    rest = forms.ChoiceField(
        label="What it has not waited for",
        choices=[(Rest.CANCEL, "cancelled"), (Rest.ABSORB, "left to end by itself")],
    )

    @property
    def join_fields(self) -> list[BoundField]:
        return [self[name] for name in NAMES]

    def joined(self) -> dict[str, Any]:
        """What the fields show."""
        join: Join = self.any_step.join
        return {name: str(getattr(join, name)) for name in NAMES}

    def join(self) -> Join:
        written = self.cleaned_data
        return Join(
            wait_for=written["wait_for"],
            tolerate=written["tolerate"],
            on_failure=OnBranchFailure(written["on_failure"]),
            rest=Rest(written["rest"]),
        )
