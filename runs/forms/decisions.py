from typing import Any

from django import forms

from runs.engine import Resolution
from runs.models import Review


class CancelForm(forms.Form):
    reason = forms.CharField(
        max_length=500, required=False, strip=True, widget=forms.Textarea(attrs={"rows": 2}), label="Reason"
    )
    undo = forms.BooleanField(required=False, initial=True, label="Undo the steps that have finished")


class ResolveForm(forms.Form):
    HOW = [
        (Resolution.RETRY, "Try it again"),
        (Resolution.SKIP, "Skip it"),
        (Resolution.DONE, "Mark it as done"),
    ]

    how = forms.ChoiceField(choices=HOW, widget=forms.RadioSelect, label="What should happen?")
    reason = forms.CharField(
        max_length=2000, strip=True, widget=forms.Textarea(attrs={"rows": 3}), label="Reason"
    )

    def clean_how(self) -> Resolution:
        return Resolution(self.cleaned_data["how"])

    def said(self, step: str) -> str:
        words = {
            Resolution.RETRY: f"{step} is tried again.",
            Resolution.SKIP: f"{step} was passed over.",
            Resolution.DONE: f"{step} was marked as done.",
        }
        return words[self.cleaned_data["how"]]


class DecisionForm(forms.Form):
    """An answer to a review: one of its outcomes, and why."""

    outcome = forms.ChoiceField(
        choices=[], widget=forms.RadioSelect, error_messages={"required": "Choose an answer."}
    )
    reason = forms.CharField(
        max_length=5000, required=False, strip=True, widget=forms.Textarea(attrs={"rows": 3}), label="Reason"
    )

    def __init__(self, *args: Any, review: Review, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.review = review
        field = self.fields["outcome"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(known["name"], self.title(known)) for known in review.outcomes]

    @staticmethod
    def title(outcome: dict[str, Any]) -> str:
        return outcome["title"] or outcome["name"].replace("_", " ").capitalize()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        chosen = next(
            (known for known in self.review.outcomes if known["name"] == cleaned.get("outcome")), None
        )
        if chosen and chosen["reason_required"] and not cleaned.get("reason", "").strip():
            self.add_error("reason", f"“{self.title(chosen)}” needs a reason: it is kept with the run.")
        return cleaned

    def said(self, review: Review) -> str:
        chosen = next(known for known in review.outcomes if known["name"] == self.cleaned_data["outcome"])
        if review.decided_at is None:
            return f"Your answer “{self.title(chosen)}” is kept; another person's is needed."
        return f"{review.title} of {review.run.name} is decided: {self.title(chosen)}."
