"""Names with values: variables, outputs, what a review shows and lets people edit; and who decides it."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import slugify

from designer.graph import AnyStep, Review, Reviewers, Shown, Template
from designer.queries import NO_VALUE, Value, example_text

from .expressions import ABSENT
from .fields import DurationField, KeyField, NamesField, ValueField, shown
from .rows import Row
from .section import Section
from .widgets import NAME, QUIET


class NamedRow(Row):
    name = forms.CharField(label="Name", max_length=64, widget=forms.TextInput(NAME))
    value = ValueField(label="Value", required=True)

    @staticmethod
    def read(item: tuple[str, Template]) -> dict[str, Any]:
        return {"name": item[0], "value": shown(ValueField(), item[1])}

    def made(self) -> tuple[str, Template]:
        return self.cleaned_data["name"], self.cleaned_data["value"]


class VariableRow(NamedRow):
    name = KeyField(label="Variable")


class NamedValues(Section):
    """A section of one list of names with values."""

    picks = True

    def items(self, name: str) -> tuple[Any, ...]:
        return tuple(getattr(self.step, name).items())

    def changed(self) -> AnyStep:
        made = {name: dict(rows.made()) for name, rows in self.rows.items()}
        return replace(self.any_step, **made)


class VariablesSection(NamedValues):
    key, heading = "variables", "Variables"
    template = "designer/sections/variables.html"
    sees_output = True
    lists = {"assign": VariableRow}


class PromiseSection(VariablesSection):
    """What the step gives to those after it, and which variables it sets."""

    key, heading = "output", "Output"
    template = "designer/sections/promise.html"
    has_examples = True

    @property
    def path(self) -> str:
        """Where later steps find it."""
        return f"steps.{self.any_step.key}.output"

    @cached_property
    def promised(self) -> list[Value]:
        """What is known of the output, as later steps would read it."""
        held = [value for source in self.available for value in source.values]
        return [value for value in held if value.path.startswith("output.")]

    def examples(self, values: Mapping[str, Any]) -> dict[str, str]:
        """What the fields of the output were."""
        return {
            f"{self.ids}-{slugify(value.path)}-example": _example(values, value.path)
            for value in self.promised
        }


def _example(values: Mapping[str, Any], path: str) -> str:
    held: Any = values
    for name in path.split("."):
        if not isinstance(held, Mapping) or name not in held:
            return NO_VALUE
        held = held[name]
    return example_text(held)


class OutputSection(NamedValues):
    """What the workflow, or the branch, ends with: an object by name, or one value."""

    key, heading = "output", "Output"
    template = "designer/sections/output.html"
    of: ClassVar[str] = "output"  # the field of the step
    lists = {"output": NamedRow}

    whole = ValueField(label="Or one value for all of it")

    def items(self, name: str) -> tuple[Any, ...]:
        output = getattr(self.any_step, self.of)
        return tuple(output.items()) if isinstance(output, Mapping) else ()

    def read(self) -> dict[str, Any]:
        output = getattr(self.any_step, self.of)
        one = output is not None and not (isinstance(output, Mapping) and output)
        return {"whole": shown(self.fields["whole"], output) if one else ""}

    def clean(self) -> None:
        if self.cleaned_data.get("whole", ABSENT) is not ABSENT and len(self.rows[self.of]):
            raise ValidationError("Give either names with values or one value for all of it, not both.")

    def changed(self) -> AnyStep:
        whole, fields = self.cleaned_data["whole"], dict(self.rows[self.of].made())
        made = whole if whole is not ABSENT else fields or None
        return replace(self.any_step, **{self.of: made})


class EndSection(OutputSection):
    template = "designer/sections/end.html"

    ends_run = forms.BooleanField(
        label="End the whole run",
        required=False,
        help_text="Not only its branch: everything else that is under way is cancelled.",
    )

    def read(self) -> dict[str, Any]:
        return {**super().read(), "ends_run": self.any_step.ends_run}

    def changed(self) -> AnyStep:
        return replace(super().changed(), ends_run=self.cleaned_data["ends_run"])


class EvidenceRow(Row):
    label = forms.CharField(
        label="Label", max_length=200, required=False, widget=forms.TextInput(attrs=QUIET)
    )
    value = ValueField(label="Value", required=True)

    @staticmethod
    def read(item: Shown) -> dict[str, Any]:
        return {"label": item.label, "value": shown(ValueField(), item.value)}

    def made(self) -> Shown:
        return Shown(**self.cleaned_data)


class EvidenceSection(Section):
    key, heading = "evidence", "Evidence"
    template = "designer/sections/evidence.html"
    picks = True
    lists = {"show": EvidenceRow, "edit": NamedRow}

    def items(self, name: str) -> tuple[Any, ...]:
        held = getattr(self.step, name)
        return tuple(held.items()) if name == "edit" else tuple(held)

    def changed(self) -> AnyStep:
        show, edit = self.rows["show"].made(), dict(self.rows["edit"].made())
        return replace(self.any_step, show=show, edit=edit)


class ReviewSection(Section):
    key, heading = "review", "Review"
    template = "designer/sections/review.html"
    about = ("reviewers",)

    groups = NamesField(
        label="Teams who decide", help_text="Names with commas between them. None: every reviewer."
    )
    approvals = forms.IntegerField(
        label="Approvals needed",
        min_value=1,
        max_value=100,
        widget=forms.TextInput({**QUIET, "inputmode": "numeric"}),
    )
    four_eyes = forms.BooleanField(label="Whoever started the run may not decide", required=False)
    due = DurationField(label="Due within", help_text="From when it is asked.")
    on_due = forms.ChoiceField(
        label="When it is late",
        help_text="Remind and escalate leave it open. An answer counts like that of a person.",
    )

    def prepare(self) -> None:
        review: Review = self.any_step
        answers = {one.name: f"Take it as “{one.title or one.name}”" for one in review.outcomes}
        choices = {"remind": "Remind", "escalate": "Escalate", **answers}
        choices.setdefault(review.on_due, f"{review.on_due} (no outcome)")
        self.fields["on_due"].choices = list(choices.items())  # type: ignore[attr-defined]

    def read(self) -> dict[str, Any]:
        review: Review = self.any_step
        who = {name: getattr(review.reviewers, name) for name in ("approvals", "four_eyes")}
        groups = shown(self.fields["groups"], review.reviewers.groups)
        return {
            **who,
            "groups": groups,
            "due": shown(self.fields["due"], review.due),
            "on_due": review.on_due,
        }

    def changed(self) -> AnyStep:
        written = self.cleaned_data
        who = Reviewers(**{name: written[name] for name in ("groups", "approvals", "four_eyes")})
        return replace(self.any_step, reviewers=who, due=written["due"], on_due=written["on_due"])
