"""Steps that start runs of other workflows: which one, what it is given, and whether its end is waited for."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django import forms

from designer.graph import AnyStep, Template
from designer.queries import Source, available
from designer.workflow_contracts import offered_workflows

from .calls import CallSection


def workflow_choices(chosen: str, team: int | None) -> list[tuple[str, str]]:
    """The newest of each workflow, and those that are compatible with the newest of now."""
    offered: dict[str, str] = {}
    for key, contract in offered_workflows(team).items():
        title = contract.title or key
        compatible = f"{key}@^{contract.version.partition('.')[0]}"
        offered[key] = f"{title} ({key}), the newest when it starts"
        offered[compatible] = f"{title} ({compatible}), now {contract.version}"
        offered[contract.reference] = f"{title} ({contract.reference}), always this one"
    if chosen:
        offered.setdefault(chosen, chosen)
    return [("", "Choose a workflow"), *offered.items()]


class StartSection(CallSection):
    key, heading = "workflow", "Workflow"
    template = "designer/sections/start.html"
    about, mapped = ("inputs",), "inputs"

    runs = forms.ChoiceField(label="Workflow", required=False)
    awaited = forms.BooleanField(
        label="Wait for its end",
        required=False,
        help_text="Its output is the step's, its failure too; it is cancelled and undone with this run.",
    )

    @property
    def available(self) -> list[Source]:
        """Secrets are for step types alone."""
        return available(self.graph, self.step)

    def called(self) -> str:
        return str(self.any_step.runs)

    def inputs(self) -> Mapping[str, Template]:
        return self.any_step.inputs

    def prepare(self) -> None:
        super().prepare()
        self.fields["runs"].choices = workflow_choices(self.called(), self.team)  # type: ignore[attr-defined]

    def read(self) -> dict[str, Any]:
        return {"runs": self.called(), "awaited": self.any_step.awaited, **self.shown_inputs()}

    def changed(self) -> AnyStep:
        written = {name: self.cleaned_data[name] for name in ("runs", "awaited")}
        return replace(self.any_step, **written, inputs=self.written_inputs())
