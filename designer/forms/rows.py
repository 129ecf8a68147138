"""Rows: a list of small forms, with a blank one at the end to add another.

A row keeps its number while it is on the page, whatever is moved or removed around it; `order` says how they stand.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django import forms

from designer.graph import AnyStep, Graph

MOST = 200
type Move = tuple[str, int]  # what to do with which row: ("remove", 2), ("up", 1), ("down", 0)


class Row(forms.Form):
    """One row."""

    use_required_attribute = False
    told_by: ClassVar[
        tuple[str, ...]
    ] = ()  # the fields of which one is filled in a row that counts; all where empty

    def __init__(self, graph: Graph, step: AnyStep | None, *, number: int, **options: Any) -> None:
        super().__init__(**options)
        self.graph, self.step, self.number = graph, step, number
        self.prepare()

    def prepare(self) -> None:
        """Offer what the graph has to choose from."""

    @staticmethod
    def read(item: Any) -> dict[str, Any]:
        """What the row shows of an item."""
        return dict(item)

    def made(self) -> Any:
        """The item that was written."""
        return self.cleaned_data

    @property
    def name_of_it(self) -> Any:
        """What tells the row from others when two versions are compared: its name, else its place."""
        return self.initial.get("name") or self.number

    @property
    def is_blank(self) -> bool:
        """Whether nothing was written into it: the row to add another, or one to forget."""
        told = self.told_by or tuple(self.fields)
        return self.is_bound and not any(
            self.fields[name].widget.value_from_datadict(self.data, self.files, self.add_prefix(name))
            for name in told
        )


class Rows[R: Row]:
    """All rows of one list in one form."""

    def __init__(
        self,
        row: type[R],
        graph: Graph,
        step: AnyStep | None,
        *,
        name: str,
        items: Sequence[Any],
        data: Mapping[str, Any] | None,
        ids: str,
        move: Move | None = None,
        typing: bool = False,
    ) -> None:
        """``typing`` says that somebody is still at it: a new row that lacks something is let wait."""
        self.row, self.graph, self.step, self.name, self.data, self.ids = row, graph, step, name, data, ids
        initials = [row.read(item) for item in items]
        self.initials: dict[int, dict[str, Any]] = dict(enumerate(initials))
        order = list(self.initials) if data is None else _moved(_numbers(data.get(f"{name}-order", "")), move)
        self.forms = [self._form(number) for number in order]
        if data is not None:
            self.forms = [form for form in self.forms if not form.is_blank]
        self.waiting = [form for form in self.forms if typing and self._is_begun(form)]
        self.forms = [form for form in self.forms if form not in self.waiting]

    def __iter__(self) -> Any:
        return iter(self.forms)

    def __len__(self) -> int:
        return len(self.forms)

    @property
    def blank(self) -> R:
        """The row at the end."""
        return self._form(max([-1, *(form.number for form in self.forms)]) + 1, bound=False)

    @property
    def order(self) -> str:
        return ",".join(str(number) for number in [*(form.number for form in self.forms), self.blank.number])

    def row_of(self, number: int) -> R:
        """A row as the draft has it, whatever was sent."""
        return self._form(number, bound=False)

    def is_valid(self) -> bool:
        return not [form for form in self.forms if not form.is_valid()]

    def made(self) -> tuple[Any, ...]:
        return tuple(form.made() for form in self.forms)

    def _is_begun(self, form: R) -> bool:
        """Whether nothing is wrong with a new row but that it is not finished."""
        codes = {error.code for errors in form.errors.as_data().values() for error in errors}
        return form.number not in self.initials and codes == {"required"}

    def _form(self, number: int, *, bound: bool = True) -> R:
        options: dict[str, Any] = {"data": self.data} if bound and self.data is not None else {}
        return self.row(
            self.graph,
            self.step,
            number=number,
            prefix=f"{self.name}-{number}",
            auto_id=f"{self.ids}-%s",
            initial=self.initials.get(number),
            **options,
        )


def _numbers(text: str) -> list[int]:
    """The rows that the page had, in their order; what is not a number is nobody's row."""
    numbers = [int(part) for part in text.split(",") if part.isascii() and part.isdigit() and len(part) < 6]
    return list(dict.fromkeys(numbers))[:MOST]


def _moved(numbers: list[int], move: Move | None) -> list[int]:
    what, number = move or ("", -1)
    if number not in numbers:
        return numbers
    place = numbers.index(number)
    others = [one for one in numbers if one != number]
    if what == "remove":
        return others
    to = place + (-1 if what == "up" else 1)
    return [*others[: max(to, 0)], number, *others[max(to, 0) :]]
