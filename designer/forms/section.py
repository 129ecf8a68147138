"""A section of the step form: shows a part of a step, and gives the step changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from django import forms

from designer.graph import AnyStep, Graph, Operation, ReplaceStep

from .fields import point_to_offers, shown
from .rows import Move, Row, Rows


@dataclass(frozen=True, slots=True)
class Difference:
    """A field in which the draft is not what the form says: somebody else changed it."""

    label: str
    theirs: str


class Section(forms.Form):
    """What the sections share: their fields are called as those of the step.

    ``step`` is None in the sections of the workflow itself.
    """

    key: ClassVar[str]
    heading: ClassVar[str]
    template: ClassVar[str] = "designer/sections/plain.html"
    about: ClassVar[
        tuple[str, ...]
    ] = ()  # the fields, as problems name them, that it is about besides its own
    lists: ClassVar[Mapping[str, type[Row]]] = {}
    use_required_attribute = False
    moved: str = ""  # that somebody else changed what it shows
    problems: Mapping[str, Sequence[Any]] = {}  # what the editor has to say, by the field as problems name it

    def __init__(
        self,
        graph: Graph,
        step: AnyStep | None,
        data: Mapping[str, Any] | None = None,
        move: tuple[str, Move] | None = None,
        *,
        typing: bool = False,
    ) -> None:
        self.graph, self.step = graph, step
        self.ids = f"{step.key if step else 'workflow'}-{self.key}"
        super().__init__(data, auto_id=f"{self.ids}-%s", label_suffix="")
        self.prepare()
        self.initial = self.read()
        point_to_offers(self, self.offers_name)
        self.rows = {name: self._rows(name, row, data, move, typing) for name, row in self.lists.items()}
        self.waiting = any(rows.waiting for rows in self.rows.values())  # for the rest of a row

    @property
    def offers_name(self) -> str:
        return f"{self.ids}-available"

    @property
    def any_step(self) -> Any:
        """The step; sections know its kind, and mypy does not."""
        return self.step

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
        return all([super().is_valid(), *(rows.is_valid() for rows in self.rows.values())])

    def operation(self) -> Operation:
        """The edit that was asked for; of a valid form only."""
        return ReplaceStep(self.changed())

    def changed(self) -> AnyStep:
        """The step with what was written."""
        made = {name: rows.made() for name, rows in self.rows.items()}
        return replace(self.any_step, **self.cleaned_data, **made)

    def differences(self) -> list[Difference]:
        """Where what was written and the draft differ."""
        forms_ = [self, *(form for rows in self.rows.values() for form in rows)]
        return [
            Difference(str(form.fields[name].label or name), _said(form, name))
            for form in forms_
            for name in form.changed_data
        ]

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


def _said(form: forms.Form, name: str) -> str:
    value = form.get_initial_for_field(form.fields[name], name)
    return "nothing" if value in (None, "", [], ()) else str(value)
