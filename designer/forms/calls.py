"""Calls of step types: which one, and what it is given, field by field as its contract asks."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField

from designer.graph import (
    MISSING,
    Action,
    AnyStep,
    Compensate,
    Contract,
    EvaluationError,
    Retry,
    Template,
    fill,
    property_names,
    required_names,
    sample_values,
    schema_at,
    undo_inputs,
)
from designer.queries import NO_VALUE, Source, available, example_text, note_of, secrets_offered, words_for
from designer.step_types import offered_contracts, undoing

from .expressions import ABSENT, check_expressions
from .fields import SecondsField, ValueField, given, shown
from .header import JsonField
from .merging import seen_in
from .retrying import RetryingSection, TriesSection, jitter_field
from .section import Section
from .widgets import QUIET

WITH = "with-"
AS_JSON = "as_json"


@dataclass(frozen=True, slots=True)
class MappingRow:
    """One field that a call is given."""

    name: str
    type: str
    note: str
    required: bool
    known: bool  # whether the contract speaks of it
    example: str
    field: BoundField
    problems: Sequence[Any]

    @property
    def example_id(self) -> str:
        return f"{self.field.auto_id}-example"


def step_type_choices(
    chosen: str, *, first: str = "Choose a step type", suggested: str = ""
) -> list[tuple[str, str]]:
    """References as steps write them, for the newest version of each major."""
    offered = {
        reference: f"{reference} · {contract.title}" for reference, contract in offered_contracts().items()
    }
    if suggested in offered:
        offered = {suggested: f"{offered.pop(suggested)} (undoes this step)", **offered}
    if chosen and chosen not in offered:
        offered[chosen] = chosen
    return [("", first), *offered.items()]


class CallSection(Section):
    """A section with a step type and its mapping, which may also be written as JSON."""

    mapped: ClassVar[str]  # the mapping, as problems name it
    picks = has_examples = True

    def called(self) -> str:
        """The reference that the step has now."""
        raise LookupError(self.key)

    def inputs(self) -> Mapping[str, Template]:
        raise LookupError(self.key)

    @cached_property
    def available(self) -> list[Source]:
        """What its expressions can read, and the secrets: only a step type is handed those."""
        return [*available(self.graph, self.step, output=self.sees_output), *secrets_offered(self.team)]

    @property
    def contract(self) -> Contract | None:
        return self.graph.contracts.get(self.called())

    def prepare(self) -> None:
        self.redrawn = self.is_bound and self._json_written() is not None
        schema = self.contract.input if self.contract else {}
        for name in dict.fromkeys([*property_names(schema), *self.inputs()]):
            self.fields[WITH + name] = ValueField(label=name)
        self.fields[AS_JSON] = JsonField(
            label="The whole input as JSON",
            wanted=dict,
            such_as='{"amount": "${ input.amount }"}',
            widget=forms.Textarea({**QUIET, "class": "code mono", "rows": 8}),
        )

    def shown_inputs(self) -> dict[str, str]:
        fields = {
            field: shown(self.fields[field], self.inputs()[field.removeprefix(WITH)])
            for field in self.fields
            if field.startswith(WITH) and field.removeprefix(WITH) in self.inputs()
        }
        return {**fields, AS_JSON: json.dumps(dict(self.inputs()), indent=2, ensure_ascii=False)}

    def clean_as_json(self) -> Any:
        written = self.cleaned_data[AS_JSON]
        if self._json_written() is None:
            return None
        if written is None:
            raise ValidationError("Write {} where it is given nothing.")
        check_expressions(written)
        return written

    def written_inputs(self) -> dict[str, Template]:
        """The mapping, in the order it had; what is new comes last. Where the JSON was changed it holds."""
        whole: dict[str, Template] | None = self.cleaned_data.get(AS_JSON)
        if whole is not None:
            return whole
        written = {n.removeprefix(WITH): v for n, v in self.cleaned_data.items() if n.startswith(WITH)}
        order = dict.fromkeys([*self.inputs(), *written])
        return given({name: written.get(name, ABSENT) for name in order})

    @cached_property
    def mapping(self) -> list[MappingRow]:
        return list(self._mapping())

    @property
    def needed(self) -> list[MappingRow]:
        """What is asked for, and what is given already."""
        return [row for row in self.mapping if row.required or not row.known or row.field.value()]

    @property
    def optional(self) -> list[MappingRow]:
        return [row for row in self.mapping if not row.required and row.known and not row.field.value()]

    @property
    def problems_apart(self) -> list[Any]:
        beside = {
            f"{self.mapped}.{field.removeprefix(WITH)}" for field in self.fields if field.startswith(WITH)
        }
        return [one for field, held in self.problems.items() if field not in beside for one in held]

    def examples(self, values: Mapping[str, Any]) -> dict[str, str]:
        """What each field would be given."""
        return {row.example_id: self._example(row.name, values) for row in self.mapping}

    def _example(self, name: str, values: Mapping[str, Any]) -> str:
        if name not in self.inputs():
            return ""
        try:
            return example_text(fill(self.inputs()[name], values))
        except EvaluationError:
            return NO_VALUE

    def _mapping(self) -> Iterator[MappingRow]:
        schema = self.contract.input if self.contract else {}
        required, known = required_names(schema), property_names(schema)
        values = sample_values(self.graph, self.step, output=self.sees_output)
        for name in [field.removeprefix(WITH) for field in self.fields if field.startswith(WITH)]:
            said = schema_at(schema, (name,)) if name in known else None
            said = None if said is MISSING else said
            problems = self.problems.get(f"{self.mapped}.{name}", ())
            if problems:
                self.fields[WITH + name].widget.attrs["aria-invalid"] = "true"
            yield MappingRow(
                name=name,
                type=words_for(said),
                note=note_of(said),
                required=name in required,
                known=name in known,
                example=self._example(name, values),
                field=self[WITH + name],
                problems=problems,
            )

    def _json_written(self) -> str | None:
        """The JSON, where somebody wrote into it; the fields beside it say the same otherwise."""
        seen = seen_in(self.data).get(AS_JSON)
        text = self.data.get(AS_JSON)
        return None if text is None or seen is None or _same_json(text, "".join(seen)) else str(text)


class InputSection(CallSection):
    key, heading = "input", "Input"
    template = "designer/sections/input.html"
    about, mapped = ("inputs",), "inputs"
    part_types = {"tries": TriesSection}

    does = forms.ChoiceField(label="Step type", required=False)
    timeout = SecondsField(label="Time limit", unit="seconds", help_text="For one attempt.")

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
    sees_output = True

    does = forms.ChoiceField(label="Undo step", required=False)
    timeout = SecondsField(
        label="Time limit of the undo", unit="seconds", help_text="For one attempt to undo."
    )
    jitter = jitter_field()

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
        if not self.called():  # how often something is tried is asked when it is known what
            self.fields = {name: self.fields[name] for name in ("does", "timeout")}

    def read(self) -> dict[str, Any]:
        undo = self.compensate
        call = {"does": undo.does, "timeout": shown(self.fields["timeout"], undo.timeout)}
        return {**super().read(), **call, **(self.shown_inputs() if self.called() else {})}

    def changed(self) -> Action:
        written = {name: self.cleaned_data[name] for name in ("does", "timeout")}
        retry = replace(self.compensate.retry, **self.numbers())
        inputs = self.written_inputs() or self._told_by_names(written["does"])
        undo = Compensate(**written, inputs=inputs, retry=retry) if written["does"] else None
        return replace(self.any_step, compensate=undo)

    def _told_by_names(self, does: str) -> dict[str, Template]:
        """What an undo that has just been chosen is probably given."""
        contract, undo = self.graph.contracts.get(self.any_step.does), offered_contracts().get(does)
        fresh = does != self.called() and contract and undo
        return undo_inputs(contract, undo, self.any_step.inputs) if fresh and contract and undo else {}


def _same_json(one: str, other: str) -> bool:
    """Browsers send line ends of their own."""
    return one.split() == other.split()
