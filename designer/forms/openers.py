"""What opens scopes: the branches of a parallel, the items of a map, the rounds of a loop."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from designer.graph import MOST_ITEMS, AnyStep, Branch, Loop, Map, Parallel
from designer.queries import Source, available_after

from .expressions import ABSENT
from .fields import ChipsField, ConditionField, StepField, ValueField, shown
from .joining import NAMES, JoinSection
from .section import Section
from .widgets import NUMBER

NO_STEP = "No step yet"


@dataclass(frozen=True, slots=True)
class BranchFields:
    """One branch with its fields."""

    name: str
    title: BoundField
    start: BoundField
    when: BoundField
    needs: BoundField | None  # None where there is no other branch
    number: int
    is_conditional: bool


class BranchesSection(JoinSection):
    key, heading = "branches", "Branches"
    template = "designer/sections/branches.html"
    about = ("branches", "join")
    picks = True

    def prepare(self) -> None:
        for branch in self.parallel.branches:
            for part, field in self._fields_of(branch).items():
                self.fields[f"{part}-{branch.name}"] = field

    def read(self) -> dict[str, Any]:
        found = self.joined()
        for branch in self.parallel.branches:
            for part in self._fields_of(branch):
                name = f"{part}-{branch.name}"
                held = list(branch.needs) if part == "needs" else getattr(branch, part)
                found[name] = shown(self.fields[name], held)
        return found

    def changed(self) -> AnyStep:
        written = self.cleaned_data
        branches = tuple(
            replace(one, **{part: written[f"{part}-{one.name}"] for part in self._fields_of(one)})
            for one in self.parallel.branches
        )
        return replace(self.parallel, branches=branches, join=self.join())

    @property
    def parallel(self) -> Parallel:
        step: Parallel = self.any_step
        return step

    @property
    def branches(self) -> Iterator[BranchFields]:
        for number, branch in enumerate(self.parallel.branches, start=1):
            parts = self._fields_of(branch)
            held: dict[str, Any] = {part: self[f"{part}-{branch.name}"] for part in parts}
            conditional = bool(branch.when or branch.needs)
            yield BranchFields(
                branch.name, needs=held.pop("needs", None), number=number, is_conditional=conditional, **held
            )

    def _fields_of(self, branch: Branch) -> dict[str, forms.Field]:
        step = self.parallel
        start = StepField(label="First step", nowhere=NO_STEP)
        start.offer(self.graph, step.scope_of(branch.name), branch.start)
        fields: dict[str, forms.Field] = {
            "title": forms.CharField(label="Title", max_length=200, required=False),
            "start": start,
            "when": ConditionField(label="Only if"),
        }
        others = [one.name for one in step.branches if one is not branch]
        if others or branch.needs:
            fields["needs"] = ChipsField(label="After")
            fields["needs"].offer(others, branch.needs)  # type: ignore[attr-defined]
        return fields


class ItemsSection(JoinSection):
    key, heading = "items", "Items"
    template = "designer/sections/items.html"
    about = ("join", "items")
    picks = True
    scopes = "items"

    items_ = ValueField(label="For each item of", help_text="A list such as input.orders.")
    start = StepField(label="Begin each with", nowhere=NO_STEP)
    max_concurrency = forms.IntegerField(
        label="At once", min_value=1, max_value=1_000, widget=forms.TextInput(NUMBER)
    )
    batch = forms.IntegerField(
        label="Items at a time",
        min_value=1,
        max_value=MOST_ITEMS,
        widget=forms.TextInput(NUMBER),
        help_text="With more than one, item is a list.",
    )
    open_ended = forms.BooleanField(
        label="The list stays open",
        required=False,
        help_text="Items may be added while it runs, until somebody closes the list.",
    )

    def prepare(self) -> None:
        step: Map = self.any_step
        self.fields["items"] = self.fields.pop("items_")
        if step.flow is not None:  # which says what is walked, and how many go together
            del self.fields["items"], self.fields["batch"]
        self.fields["start"].offer(self.graph, step.scope_of(step.BODY), step.start)  # type: ignore[attr-defined]

    def read(self) -> dict[str, Any]:
        return {**self.joined(), **{name: self._shown(name) for name in self._own}}

    def changed(self) -> AnyStep:
        written = {name: self.cleaned_data[name] for name in self._own}
        if written.get("items") is ABSENT:
            written["items"] = None
        return replace(self.any_step, **written, join=self.join())

    @property
    def walked(self) -> BoundField:
        """The field of the list: a form's own ``items`` are something else."""
        return self["items"]

    @property
    def _own(self) -> list[str]:
        return [name for name in self.fields if name not in NAMES]

    def _shown(self, name: str) -> Any:
        held = getattr(self.any_step, name)
        return "" if held is None else shown(self.fields[name], held)


class RoundsSection(Section):
    key, heading = "rounds", "Rounds"
    template = "designer/sections/rounds.html"
    picks = True

    goes_on = ConditionField(label="While", help_text="Asked before each round.")
    until = ConditionField(label="Until", help_text="Asked after each round; it sees the steps of the round.")
    times = ValueField(label="So many times", help_text="A number, or an expression that gives one.")
    limit = forms.IntegerField(
        label="Rounds at most",
        min_value=1,
        max_value=MOST_ITEMS,
        widget=forms.TextInput(NUMBER),
        help_text="More are an error.",
    )
    start = StepField(label="Begin each round with", nowhere=NO_STEP)

    def prepare(self) -> None:
        step: Loop = self.any_step
        self.fields["start"].offer(self.graph, step.scope_of(step.BODY), step.start)  # type: ignore[attr-defined]

    @cached_property
    def available(self) -> list[Source]:
        step: Loop = self.any_step
        return [*super().available, *available_after(self.graph, step, step.scope_of(step.BODY), "until")]

    def read(self) -> dict[str, Any]:
        step: Loop = self.any_step
        return {
            **super().read(),
            "times": "" if step.times is None else shown(self.fields["times"], step.times),
        }

    def changed(self) -> AnyStep:
        times = self.cleaned_data["times"]
        return replace(self.any_step, **{**self.cleaned_data, "times": None if times is ABSENT else times})
