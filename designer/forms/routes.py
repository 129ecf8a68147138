"""Where steps lead: the ways of a choice, the answers to a review, and catches."""

from dataclasses import replace
from typing import Any

from django import forms

from designer.dataflow import said
from designer.graph import (
    Action,
    AnyStep,
    Catch,
    Choice,
    Option,
    Outcome,
    Review,
    Wait,
    steps_beside,
    suggest_key,
)
from designer.interop.asl import label_of
from designer.queries import Arrival, arrivals, consequence

from .fields import LONGEST_TEXT, ChipsField, ConditionField, KeyField, NamesField, StepField, shown
from .flowing import kept_by_number
from .retrying import ExhaustedField
from .rows import Row
from .section import Section
from .widgets import QUIET

TO_NOWHERE = "Not connected yet"


class NextRow(Row):
    """A row that leads to a step."""

    next = StepField(label="Next", nowhere=TO_NOWHERE)

    def prepare(self) -> None:
        assert self.step is not None
        self.fields["next"].offer(self.graph, self.step.scope, self.initial.get("next"))  # type: ignore[attr-defined]

    @property
    def consequence(self) -> str:
        """What comes of it."""
        return consequence(self.graph, self.initial.get("next") or "")


class OptionRow(NextRow):
    label = forms.CharField(
        label="Called", max_length=200, required=False, widget=forms.TextInput(attrs=QUIET)
    )
    when = ConditionField(label="If")

    field_order = ("when", "label", "next")

    @staticmethod
    def read(item: Option) -> dict[str, Any]:
        return {"label": item.label, "when": shown(ConditionField(), item.when), "next": item.next}

    def made(self) -> Option:
        return Option(**self.cleaned_data)


class ChoicesSection(Section):
    key, heading = "choices", "Choices"
    template = "designer/sections/choices.html"
    picks = True
    lists = {"options": OptionRow}

    otherwise = StepField(label="Otherwise", nowhere="Not connected yet", empty=None)

    def prepare(self) -> None:
        field = self.fields["otherwise"]
        field.offer(self.graph, self.any_step.scope, self.any_step.otherwise)  # type: ignore[attr-defined]


class RuleRow(NextRow):
    """An option whose condition came from ASL: a rule as JSON, or a JSONata expression."""

    when = forms.CharField(
        label="Rule",
        max_length=LONGEST_TEXT,
        widget=forms.Textarea({**QUIET, "class": "code mono", "rows": 2}),
    )
    label = forms.CharField(
        label="Called", max_length=200, required=False, widget=forms.TextInput(attrs=QUIET)
    )

    field_order = ("when", "label", "next")

    @staticmethod
    def read(item: Option) -> dict[str, Any]:
        own = item.label if item.label != label_of(item.when) else ""
        return {"label": own, "when": item.when, "next": item.next}

    def made(self) -> Option:
        """Without a name of its own it is called what it says."""
        written = self.cleaned_data
        return Option(**{**written, "label": written["label"] or label_of(written["when"])})

    @property
    def said(self) -> str:
        """The condition as people read it."""
        return said(self.initial.get("when") or "")


class RulesSection(ChoicesSection):
    """The choices of a step whose data goes ASL's way."""

    template = "designer/sections/rules.html"
    picks = False
    lists = {"options": RuleRow}

    def changed(self) -> AnyStep:
        step = super().changed()
        assert step.flow is not None
        numbers = [row.number for row in self.rows["options"]]
        return replace(step, flow=kept_by_number(step.flow, "Choices", numbers))


class OutcomeRow(NextRow):
    told_by = ("name", "title", "next")

    name = KeyField(label="Name", required=False)
    title = forms.CharField(
        label="Button", max_length=200, required=False, widget=forms.TextInput(attrs=QUIET)
    )
    reason_required = forms.BooleanField(label="Reason required", required=False)
    approvals = forms.IntegerField(
        label="People",
        required=False,
        min_value=1,
        max_value=100,
        help_text="How many must give it. Empty: one where it ends in an error, else as many as the review asks for.",
    )
    groups = NamesField(
        label="Only for groups",
        required=False,
        help_text="Names with commas between them. Empty: every reviewer.",
    )

    field_order = ("title", "name", "next", "reason_required", "approvals", "groups")

    @staticmethod
    def read(item: Outcome) -> dict[str, Any]:
        plain = ("name", "title", "next", "reason_required", "approvals")
        return {name: getattr(item, name) for name in plain} | {"groups": ", ".join(item.groups)}

    def clean(self) -> None:
        if "name" in self.cleaned_data and not self.cleaned_data["name"]:
            self.cleaned_data["name"] = suggest_key(self.cleaned_data.get("title") or "outcome")

    def made(self) -> Outcome:
        return Outcome(**self.cleaned_data)


class OutcomesSection(Section):
    key, heading = "outcomes", "Outcomes"
    template = "designer/sections/outcomes.html"
    lists = {"outcomes": OutcomeRow}

    def is_valid(self) -> bool:
        if not super().is_valid():
            return False
        seen: set[str] = set()
        for row in self.rows["outcomes"]:
            name = row.cleaned_data["name"]
            if name in seen:
                row.add_error("name", f"There are two outcomes “{name}”. Names are unique.")
            seen.add(name)
        return all(not row.errors for row in self.rows["outcomes"])


class CatchRow(NextRow):
    on = NamesField(label="On these errors", help_text="Names with commas between them; * is any error.")

    field_order = ("on", "next")

    @staticmethod
    def read(item: Catch) -> dict[str, Any]:
        return {"on": ", ".join(item.on), "next": item.next}

    def made(self) -> Catch:
        return Catch(**self.cleaned_data)


class LinksSection(Section):
    """What leads here, and where the step leads: when it succeeds, and when it fails."""

    key, heading = "links", "Links"
    template = "designer/sections/links.html"
    lists = {"catch": CatchRow}

    next = StepField(label="Next step", empty=None)
    on_exhausted = ExhaustedField()
    cancels = ChipsField(label="Cancel")

    def prepare(self) -> None:
        if isinstance(self.step, Choice | Review) or (isinstance(self.step, Wait) and self.step.first):
            del self.fields["next"]  # their ways on are their options, outcomes and arrivals
        if isinstance(self.step, Action):  # says it where it says how often it is tried
            del self.fields["on_exhausted"]
        beside = {step.key: step.name for step in steps_beside(self.graph, self.any_step)}
        if beside or self.any_step.cancels:
            self.fields["cancels"].offer(beside, self.any_step.cancels)  # type: ignore[attr-defined]
        else:
            del self.fields["cancels"]
        if isinstance(field := self.fields.get("next"), StepField):
            field.offer(self.graph, self.any_step.scope, self.any_step.next)

    def read(self) -> dict[str, Any]:
        held = super().read()
        return {**held, "cancels": list(self.any_step.cancels)} if "cancels" in held else held

    def changed(self) -> AnyStep:
        step = super().changed()
        if step.flow is None:
            return step
        numbers = [row.number for row in self.rows["catch"]]
        return replace(step, flow=kept_by_number(step.flow, "Catch", numbers))

    @property
    def arrivals(self) -> list[Arrival]:
        return arrivals(self.graph, self.any_step)

    @property
    def is_first(self) -> bool:
        return self.graph.start_of(self.any_step.scope) == self.any_step.key
