"""A section of the step form: shows a part of a step, and gives the step changed."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, ClassVar

from django import forms

from designer.graph import AnyStep, Graph, Operation, ReplaceStep, sample_values
from designer.queries import Source, available

from .fields import said, shown
from .merging import Conflict, sent
from .rows import Move, Row, Rows


class Section(forms.Form):
    """What the sections share: their fields are called as those of the step.

    ``step`` is None in the sections of the workflow itself. A section may have ``parts``: other sections that stand
    in it, and are sent and saved with it.
    """

    key: ClassVar[str]
    heading: ClassVar[str]
    template: ClassVar[str] = "designer/sections/plain.html"
    about: ClassVar[
        tuple[str, ...]
    ] = ()  # the fields, as problems name them, that it is about besides its own
    lists: ClassVar[Mapping[str, type[Row]]] = {}
    part_types: ClassVar[Mapping[str, type["Section"]]] = {}
    picks: ClassVar[bool] = False  # whether it has fields for values
    sees_output: ClassVar[bool] = False  # whether its expressions see the step's own output
    has_examples: ClassVar[bool] = False  # whether it shows what values may be like
    use_required_attribute = False
    redrawn: bool = (
        False  # whether fields hold something else after it is saved than what was typed into them
    )
    moved: str = ""  # that somebody else changed what it shows
    conflicts: Sequence[Conflict] = ()  # where they did otherwise than what was written
    problems: Mapping[str, Sequence[Any]] = {}  # what the editor has to say, by the field as problems name it

    def __init__(
        self,
        graph: Graph,
        step: AnyStep | None,
        data: Mapping[str, Any] | None = None,
        move: tuple[str, Move] | None = None,
        *,
        typing: bool = False,
        team: int | None = None,
    ) -> None:
        self.graph, self.step, self.team = graph, step, team
        self.ids = f"{step.key if step else 'workflow'}-{self.key}"
        super().__init__(data, auto_id=f"{self.ids}-%s", label_suffix="")
        self.prepare()
        self.initial = self.read()
        self.rows = {name: self._rows(name, row, data, move, typing) for name, row in self.lists.items()}
        self.parts = {
            name: part(graph, step, data, typing=typing, team=team) for name, part in self.part_types.items()
        }
        self.waiting = any(rows.waiting for rows in self.rows.values())  # for the rest of a row

    @property
    def any_step(self) -> Any:
        """The step; sections know its kind, and mypy does not."""
        return self.step

    @cached_property
    def available(self) -> list[Source]:
        """What its expressions can read."""
        return available(self.graph, self.step, output=self.sees_output)

    def examples(self, values: Mapping[str, Any]) -> dict[str, str]:
        """What its examples are on these values, as text; by the id of their place on the page."""
        return {}

    def samples(self) -> dict[str, str]:
        """The same on values that are made from what is known of them."""
        return self.examples(sample_values(self.graph, self.step, output=self.sees_output))

    @property
    def seen(self) -> str:
        """What it showed, for the page to send back: so that what was changed is told from what was left."""
        return json.dumps(sent(self))

    def all_forms(self) -> Iterator[forms.Form]:
        """Itself, its rows and its parts."""
        yield self
        for rows in self.rows.values():
            yield from rows
        for part in self.parts.values():
            yield from part.all_forms()

    def prepare(self) -> None:
        """Offer what the graph has to choose from, and add the fields that depend on it."""

    def read(self) -> dict[str, Any]:
        """What the fields show."""
        return {name: shown(field, getattr(self.step, name)) for name, field in self.fields.items()}

    def items(self, name: str) -> tuple[Any, ...]:
        """What the rows of a list show."""
        return tuple(getattr(self.step, name))

    @property
    def problems_apart(self) -> list[Any]:
        """The problems that no field shows beside itself."""
        return [problem for held in self.problems.values() for problem in held]

    def is_valid(self) -> bool:
        parts: list[Any] = [*self.rows.values(), *self.parts.values()]
        return all([super().is_valid(), *(part.is_valid() for part in parts)])

    def operation(self) -> Operation:
        """The edit that was asked for; of a valid form only."""
        return ReplaceStep(self.made())

    def made(self) -> AnyStep:
        """The step with what was written here and in the parts."""
        step = self.changed()
        for part in self.parts.values():
            part.step = step
            step = part.changed()
        return step

    def changed(self) -> AnyStep:
        """The step with what was written."""
        made = {name: rows.made() for name, rows in self.rows.items()}
        return replace(self.any_step, **self.cleaned_data, **made)

    def compare(self, published: Graph) -> None:
        """Remember beside each field what the published version says, where it says something else."""
        before = published.steps.get(self.step.key) if self.step else None
        if self.step and (before is None or before.kind != self.step.kind):
            return
        old = type(self)(published, before)
        _compare(self, old)
        for name, part in self.parts.items():
            _compare(part, old.parts[name])
        for name, rows in self.rows.items():
            known = {row.name_of_it: row for row in old.rows[name]}
            for row in rows:
                if row.name_of_it in known:
                    _compare(row, known[row.name_of_it])

    def _rows(
        self, name: str, row: type[Row], data: Any, move: tuple[str, Move] | None, typing: bool
    ) -> Rows[Any]:
        moved = move[1] if move and move[0] == name else None
        return Rows(
            row,
            self.graph,
            self.step,
            name=name,
            items=self.items(name),
            data=data,
            ids=self.ids,
            move=moved,
            typing=typing,
        )


def _compare(form: forms.Form, old: forms.Form) -> None:
    for name, field in form.fields.items():
        now, was = form.initial.get(name), old.initial.get(name)
        if name in old.fields and now != was:
            field.was = said(old.fields[name], was)  # type: ignore[attr-defined]
