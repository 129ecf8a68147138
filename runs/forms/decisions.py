"""What people decide: to cancel a run, what becomes of a dead letter, how a review is answered."""

from collections.abc import Sequence
from typing import Any

from django import forms

from designer.graph import Contract
from designer.people import full_name
from runs.engine import Phase, Resolution
from runs.models import Review
from runs.queries.review_page import CORRECT, ReviewPage

from .corrections import CorrectionForm
from .schema_form import SchemaForm


class CancelForm(forms.Form):
    reason = forms.CharField(
        max_length=500, required=False, strip=True, widget=forms.Textarea(attrs={"rows": 2}), label="Reason"
    )
    undo = forms.BooleanField(required=False, initial=True, label="Undo the steps that have finished")


# What each way out of a dead letter leads to, by what gave up: the undoing or the doing.
LEADS_TO = {
    Phase.UNDO: {
        Resolution.RETRY: "Its tries begin anew. If it gives up again, it waits for a person again.",
        Resolution.SKIP: "What the step did stands. The rollback goes on with the steps before it, "
        "and stays incomplete.",
        Resolution.DONE: "You have undone it yourself, outside of Choreo. The rollback goes on with the steps "
        "before it.",
    },
    Phase.DO: {
        Resolution.RETRY: "Its tries begin anew. If it gives up again, it waits for a person again.",
        Resolution.SKIP: "The run goes on as if the step were over. It gives nothing to later steps.",
        Resolution.DONE: "You have done it yourself, outside of Choreo. The run goes on with what you say came of it.",
    },
}


class ResolveForm(forms.Form):
    """What becomes of a dead letter; of a step that was done by hand, also what came of it."""

    HOW = [
        (Resolution.RETRY, "Try it again"),
        (Resolution.SKIP, "Skip it"),
        (Resolution.DONE, "Mark it as done"),
    ]

    how = forms.ChoiceField(choices=HOW, widget=forms.RadioSelect, label="What should happen?")
    reason = forms.CharField(
        max_length=2000, strip=True, widget=forms.Textarea(attrs={"rows": 3}), label="Reason"
    )

    def __init__(
        self,
        data: Any = None,
        *,
        phase: str,
        contract: Contract | None = None,
        retried: str = "",
        **kwargs: Any,
    ):
        super().__init__(data, **kwargs)
        leads_to = LEADS_TO[Phase(phase)] | ({Resolution.RETRY: retried} if retried else {})
        self.ways = [(how, title, leads_to[how]) for how, title in self.HOW]
        self.output = SchemaForm(contract.output, data, under="output") if contract else None

    @property
    def is_submitted(self) -> bool:
        """Whether it was sent to be used, and not only to add or remove a row of the output."""
        return self.is_bound and (self.output is None or self.output.is_submitted)

    @property
    def tells_output(self) -> bool:
        return self.output is not None and self["how"].value() == Resolution.DONE

    def is_valid(self) -> bool:
        told = self.output is None or not self.tells_output or self.output.is_valid()
        return super().is_valid() and told

    @property
    def decision(self) -> dict[str, Any]:
        """Of a valid form: what `resolve_dead_letter` takes."""
        told = {"output": self.output.value} if self.output and self.tells_output else {}
        return {**self.cleaned_data, **told}

    def clean_how(self) -> Resolution:
        return Resolution(self.cleaned_data["how"])

    def said(self, step: str) -> str:
        words = {
            Resolution.RETRY: f"{step} is tried again.",
            Resolution.SKIP: f"{step} was skipped.",
            Resolution.DONE: f"{step} was marked as done.",
        }
        return words[self.cleaned_data["how"]]


class DecisionForm(forms.Form):
    """An answer to a review: one of its outcomes, with or without corrected data, and why."""

    outcome = forms.ChoiceField(
        choices=[], widget=forms.RadioSelect, error_messages={"required": "Choose an answer."}
    )
    reason = forms.CharField(
        max_length=5000, required=False, strip=True, widget=forms.Textarea(attrs={"rows": 3}), label="Reason"
    )
    claim = forms.IntegerField(required=False, widget=forms.HiddenInput)
    revision = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, page: ReviewPage):
        super().__init__(data)
        self.page, self.review = page, page.review
        field = self.fields["outcome"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(answer.value, answer.title) for answer in page.answers]
        self.correction = CorrectionForm(page.schema, self._corrected(data), values=self.review.data)

    def _corrected(self, data: Any) -> Any:
        """What was sent of the data; nothing where the page showed none."""
        return data if data is not None and any(name.startswith("data.") for name in data) else None

    @property
    def is_submitted(self) -> bool:
        """Whether it was sent to be used, and not only to add or remove a row of the data."""
        return self.is_bound and (self.correction.data is None or self.correction.is_submitted)

    @property
    def corrects(self) -> bool:
        return str(self["outcome"].value() or "").startswith(CORRECT)

    def is_valid(self) -> bool:
        if not super().is_valid():
            return False
        return not self.corrects or self.correction.is_valid()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        name = cleaned.get("outcome", "").removeprefix(CORRECT)
        chosen = self.review.find_outcome(name)
        if chosen and chosen["reason_required"] and not cleaned.get("reason", "").strip():
            self.add_error(
                "reason", f"“{self.review.title_of(name)}” needs a reason: it is kept with the run."
            )
        return cleaned

    @property
    def decision(self) -> dict[str, Any]:
        """Of a valid form: what `decide_review` takes."""
        cleaned = self.cleaned_data
        return {
            "outcome": cleaned["outcome"].removeprefix(CORRECT),
            "reason": cleaned["reason"],
            "data": self.correction.value if self.corrects else None,
            "claim": cleaned["claim"],
            "revision": cleaned["revision"],
        }

    def said(self, review: Review) -> str:
        answer = review.title_of(self.decision["outcome"])
        if review.decided_at is None:
            return f"Your answer “{answer}” is kept; another person's is needed."
        corrected = ", with corrected data" if self.corrects else ""
        return f"{review.title} of {review.run.name} is decided: {answer}{corrected}."


class HandOverForm(forms.Form):
    """To whom, and what they should know."""

    to = forms.ChoiceField(choices=[], label="To", error_messages={"required": "Choose a person."})
    note = forms.CharField(max_length=500, required=False, strip=True, label="What they should know")

    def __init__(self, data: Any = None, *, people: Sequence[Any]):
        super().__init__(data, prefix="hand")
        self.people = {str(person.pk): person for person in people}
        field = self.fields["to"]
        assert isinstance(field, forms.ChoiceField)
        names = {pk: full_name(person) for pk, person in self.people.items()}
        field.choices = [("", "Choose a person"), *names.items()]

    def clean_to(self) -> Any:
        return self.people[self.cleaned_data["to"]]

    @property
    def said(self) -> str:
        return f"{full_name(self.cleaned_data['to'])}’s"
