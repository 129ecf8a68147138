"""Calls of step types: which one, and what it is given, field by field as its contract asks."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from django import forms
from django.forms.boundfield import BoundField

from designer.graph import (
    Action,
    AnyStep,
    Compensate,
    Contract,
    Retry,
    Template,
    property_names,
    required_names,
    schema_at,
    types_of,
)
from designer.step_types import offered_contracts, undoing

from .fields import DurationField, ValueField, given, shown
from .retrying import RetryingSection
from .section import Section

WITH = "with-"
WORDS = {
    "string": "text", "integer": "whole number", "number": "number", "boolean": "yes or no",
    "array": "list", "object": "object", "null": "nothing",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class MappingRow:
    """One field that a call is given."""

    name: str
    type: str
    note: str
    required: bool
    known: bool  # whether the contract speaks of it
    field: BoundField
    problems: Sequence[Any]


def step_type_choices(
    chosen: str, *, first: str = "Choose a step type", suggested: str = ""
) -> list[tuple[str, str]]:
    """References as steps write them, for the newest version of each major."""
    offered = {
        reference: f"{contract.title} · {reference}" for reference, contract in offered_contracts().items()
    }
    if suggested in offered:
        offered = {suggested: f"{offered.pop(suggested)} (undoes this step)", **offered}
    if chosen and chosen not in offered:
        offered[chosen] = chosen
    return [("", first), *offered.items()]


def words_for(schema: Any) -> str:
    types = types_of(schema) if isinstance(schema, Mapping) else None
    return " or ".join(WORDS[name] for name in sorted(types)) if types else "any value"


class CallSection(Section):
    """A section with a step type and its mapping."""

    mapped: ClassVar[str]  # the mapping, as problems name it

    def called(self) -> str:
        """The reference that the step has now."""
        raise LookupError(self.key)

    def inputs(self) -> Mapping[str, Template]:
        raise LookupError(self.key)

    @property
    def contract(self) -> Contract | None:
        return self.graph.contracts.get(self.called())

    def prepare(self) -> None:
        schema = self.contract.input if self.contract else {}
        for name in dict.fromkeys([*property_names(schema), *self.inputs()]):
            self.fields[WITH + name] = ValueField(label=name)

    def shown_inputs(self) -> dict[str, str]:
        return {
            field: shown(self.fields[field], self.inputs()[field.removeprefix(WITH)])
            for field in self.fields
            if field.startswith(WITH) and field.removeprefix(WITH) in self.inputs()
        }

    def written_inputs(self) -> dict[str, Template]:
        """The mapping, in the order it had; what is new comes last."""
        written = {n.removeprefix(WITH): v for n, v in self.cleaned_data.items() if n.startswith(WITH)}
        order = dict.fromkeys([*self.inputs(), *written])
        return given({name: written[name] for name in order})

    @property
    def needed(self) -> list[MappingRow]:
        """What is asked for, and what is given already."""
        return [row for row in self._mapping() if row.required or not row.known or row.field.value()]

    @property
    def optional(self) -> list[MappingRow]:
        return [row for row in self._mapping() if not row.required and row.known and not row.field.value()]

    @property
    def problems_apart(self) -> list[Any]:
        beside = {
            f"{self.mapped}.{field.removeprefix(WITH)}" for field in self.fields if field.startswith(WITH)
        }
        return [one for field, held in self.problems.items() if field not in beside for one in held]

    def _mapping(self) -> Iterator[MappingRow]:
        schema = self.contract.input if self.contract else {}
        required, known = required_names(schema), property_names(schema)
        for name in [field.removeprefix(WITH) for field in self.fields if field.startswith(WITH)]:
            said = schema_at(schema, (name,)) if name in known else None
            note = said.get("title") or said.get("description") or "" if isinstance(said, Mapping) else ""
            problems = self.problems.get(f"{self.mapped}.{name}", ())
            if problems:
                self.fields[WITH + name].widget.attrs["aria-invalid"] = "true"
            yield MappingRow(
                name, words_for(said), note, name in required, name in known, self[WITH + name], problems
            )


class InputSection(CallSection):
    key, heading = "input", "Input"
    template = "designer/sections/input.html"
    about, mapped = ("inputs",), "inputs"

    does = forms.ChoiceField(label="Step type", required=False)
    timeout = DurationField(label="Time limit", help_text="For one attempt.")

    def called(self) -> str:
        return str(self.any_step.does)

    def inputs(self) -> Mapping[str, Template]:
        return self.any_step.inputs

    def prepare(self) -> None:
        super().prepare()
        self.fields["does"].choices = step_type_choices(self.called())  # type: ignore[attr-defined]

    def read(self) -> dict[str, Any]:
        step = self.any_step
        return {
            "does": step.does,
            "timeout": shown(self.fields["timeout"], step.timeout),
            **self.shown_inputs(),
        }

    def changed(self) -> AnyStep:
        written = {name: self.cleaned_data[name] for name in ("does", "timeout")}
        return replace(self.any_step, **written, inputs=self.written_inputs())


class UndoSection(CallSection, RetryingSection):
    """How the step is undone. Without a step type it is not."""

    key, heading = "undo", "Undo"
    template = "designer/sections/undo.html"
    about, mapped = ("compensate",), "compensate.inputs"

    does = forms.ChoiceField(label="Undo step", required=False)
    timeout = DurationField(label="Time limit of the undo")

    @property
    def compensate(self) -> Compensate:
        return self.any_step.compensate or Compensate()

    def called(self) -> str:
        return self.compensate.does

    def inputs(self) -> Mapping[str, Template]:
        return self.compensate.inputs

    def retry(self) -> Retry:
        return self.compensate.retry

    @property
    def suggested(self) -> str:
        return undoing(self.graph.contracts.get(self.any_step.does))

    def prepare(self) -> None:
        super().prepare()
        choices = step_type_choices(self.called(), first="Not undone", suggested=self.suggested)
        self.fields["does"].choices = choices  # type: ignore[attr-defined]

    def read(self) -> dict[str, Any]:
        undo = self.compensate
        call = {"does": undo.does, "timeout": shown(self.fields["timeout"], undo.timeout)}
        return {**super().read(), **call, **self.shown_inputs()}

    def changed(self) -> Action:
        written = {name: self.cleaned_data[name] for name in ("does", "timeout")}
        retry = replace(self.compensate.retry, **self.numbers())
        undo = Compensate(**written, inputs=self.written_inputs(), retry=retry) if written["does"] else None
        return replace(self.any_step, compensate=undo)
