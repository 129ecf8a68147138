"""What the address of the list of runs may say."""

from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError

from designer.zones import NoMoment, read_moment, with_zone_word
from runs.queries.lists import STATUSES, WantedRuns

MOMENT = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
MORE = ("step", "error", "since", "until")


class MomentField(forms.DateTimeField):
    """By the viewer's clocks, unless it says an offset."""

    def to_python(self, value: Any) -> datetime | None:
        try:
            return read_moment(value) if value else None
        except NoMoment as flaw:
            raise ValidationError(str(flaw), "invalid") from None

    def prepare_value(self, value: Any) -> Any:
        """By the viewer's clocks, which is all that the widget can show."""
        with suppress(NoMoment):
            value = read_moment(value) if isinstance(value, str) and value else value
        return super().prepare_value(value)


class RunFilter(forms.Form):
    """Bound to the query of an address: each value that makes no sense is an error, and then nothing is asked."""

    status = forms.CharField(required=False)
    q = forms.CharField(
        required=False,
        max_length=200,
        label="Key or id",
        widget=forms.SearchInput(attrs={"placeholder": "Order, run id…"}),
    )
    workflow = forms.ChoiceField(required=False)
    step = forms.CharField(
        required=False,
        max_length=64,
        label="Failed step",
        widget=forms.TextInput(attrs={"placeholder": "book_courier"}),
    )
    error = forms.CharField(
        required=False,
        max_length=200,
        label="Error",
        widget=forms.TextInput(attrs={"placeholder": "Timeout"}),
    )
    since = MomentField(required=False, label=with_zone_word("Started from ({zone})"), widget=MOMENT)
    until = MomentField(required=False, label=with_zone_word("Started before ({zone})"), widget=MOMENT)
    before = forms.UUIDField(required=False)
    after = forms.UUIDField(required=False)

    def __init__(self, data: Any, *, workflows: list[str]) -> None:
        super().__init__(data)
        field: Any = self.fields["workflow"]
        field.choices = [("", "All workflows"), *((key, key) for key in workflows)]
        field.error_messages["invalid_choice"] = "There is no workflow “%(value)s”."
        for name in ("before", "after"):
            self.fields[name].error_messages["invalid"] = (
                "That is no run to page from: the address is damaged."
            )

    def clean_status(self) -> str:
        status = self.cleaned_data["status"] or "all"
        if status not in STATUSES:
            raise ValidationError(f"“{status[:40]}” is no status. There are {', '.join(STATUSES)}.")
        return status

    def clean(self) -> dict[str, Any]:
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and since >= until:
            self.add_error("until", "“Started before” has to be later than “started from”.")
        return self.cleaned_data

    @property
    def wanted(self) -> WantedRuns:
        asked = self.cleaned_data
        return WantedRuns(
            status=asked["status"],
            workflow=asked["workflow"],
            text=asked["q"].strip(),
            step=asked["step"],
            error=asked["error"],
            since=asked["since"],
            until=asked["until"],
        )

    @property
    def place(self) -> dict[str, UUID | None]:
        """Where the page begins or ends."""
        return {"before": self.cleaned_data["before"], "after": self.cleaned_data["after"]}

    @property
    def chosen_status(self) -> str:
        return self.cleaned_data.get("status") or "all"

    @property
    def more(self) -> list[Any]:
        """The less usual fields."""
        return [self[name] for name in MORE]

    @property
    def more_is_asked(self) -> bool:
        return any(self.data.get(name) for name in MORE)

    @property
    def sentences(self) -> list[str]:
        return [str(sentence) for sentences in self.errors.values() for sentence in sentences]
