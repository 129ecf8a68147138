"""Trying again: four numbers, which errors, and what that comes to."""

from dataclasses import replace
from typing import Any

from django import forms

from designer.graph import AnyStep, OnExhausted, Retry
from designer.queries import TriesPicture, total_text, tries_picture

from .fields import ChipsField, NamesField, SecondsField, shown
from .rows import Row
from .section import Section
from .widgets import NUMBER, QUIET

BY_THE_ENGINE = ["Timeout", "WorkerLost"]  # errors that no contract declares
EXHAUSTED = [
    (OnExhausted.FAIL, "Fail: hand the error on"),
    (OnExhausted.COMPENSATE, "Fail the run at once and undo what was done"),
    (OnExhausted.DEAD_LETTER, "Park it until a person decides"),
    (OnExhausted.CONTINUE, "Go on without a result"),
]


class FactorField(forms.FloatField):
    def prepare_value(self, value: Any) -> Any:
        return f"{value:g}" if isinstance(value, float) else value


class ExhaustedField(forms.ChoiceField):
    def __init__(self) -> None:
        super().__init__(label="When it gives up and nothing catches the error", choices=EXHAUSTED)

    def clean(self, value: Any) -> OnExhausted:
        return OnExhausted(super().clean(value))


def jitter_field(label: str = "Vary the waits") -> forms.BooleanField:
    said = "By up to a half, so that steps that failed together do not come back together."
    return forms.BooleanField(label=label, required=False, help_text=said)


class RetryingSection(Section):
    """A section with the numbers of a `Retry`."""

    attempts = forms.IntegerField(
        label="Attempts",
        min_value=1,
        max_value=1_000,
        widget=forms.TextInput({**QUIET, "inputmode": "numeric"}),
    )
    wait = SecondsField(label="First wait", required=True)
    factor = FactorField(
        label="Factor",
        min_value=1,
        max_value=1_000,
        widget=forms.TextInput({**QUIET, "inputmode": "decimal"}),
    )
    longest = SecondsField(label="Longest", required=True)

    def retry(self) -> Retry:
        raise LookupError(self.key)

    def read(self) -> dict[str, Any]:
        retry = self.retry()
        names = [name for name in self.fields if hasattr(retry, name) and name not in self.chips]
        return {name: shown(self.fields[name], getattr(retry, name)) for name in names}

    def numbers(self) -> dict[str, Any]:
        return {
            name: said
            for name, said in self.cleaned_data.items()
            if name in ("attempts", "wait", "factor", "longest", "jitter")
        }

    @property
    def chips(self) -> tuple[str, ...]:
        return tuple(name for name, field in self.fields.items() if isinstance(field, ChipsField))

    @property
    def picture(self) -> TriesPicture:
        return tries_picture(self.retry())

    @property
    def gives_up_after(self) -> str:
        """The waiting in all; empty where there is none."""
        return total_text(self.retry()) if self.retry().attempts > 1 else ""


class TriesSection(RetryingSection):
    """What matters most about retrying a step: how often, how soon, and after which errors."""

    key, heading = "tries", "Retry"
    template = "designer/sections/tries.html"

    on = ChipsField(label="Retry on")

    def retry(self) -> Retry:
        retry: Retry = self.any_step.retry
        return retry

    def prepare(self) -> None:
        names = [*self.worth_a_retry, *BY_THE_ENGINE, *self.not_worth_it]
        for name in self.chips:
            self.fields[name].offer(names, getattr(self.retry(), name))  # type: ignore[attr-defined]

    def read(self) -> dict[str, Any]:
        return {**super().read(), **{name: list(getattr(self.retry(), name)) for name in self.chips}}

    @property
    def implied(self) -> list[str]:
        """The errors after which it is retried because the contract says so, and nobody says otherwise."""
        retry = self.retry()
        return [] if retry.on else [name for name in self.worth_a_retry if name not in retry.never_on]

    @property
    def worth_a_retry(self) -> list[str]:
        return [error.name for error in self._declared() if error.retryable]

    @property
    def not_worth_it(self) -> list[str]:
        return [error.name for error in self._declared() if not error.retryable]

    def changed(self) -> AnyStep:
        chosen = {name: self.cleaned_data[name] for name in self.chips}
        step = self.any_step
        return replace(step, retry=replace(step.retry, **self.numbers(), **chosen))

    def _declared(self) -> tuple[Any, ...]:
        contract = self.graph.contracts.get(getattr(self.any_step, "does", ""))
        return contract.errors if contract else ()


class RuleRow(Row):
    """A rule for other errors than the first one's."""

    told_by = ("on",)

    on = NamesField(label="After these errors", help_text="Names with commas between them; * is any error.")
    attempts = forms.IntegerField(
        label="Its attempts", min_value=1, max_value=1_000, initial=4, widget=forms.TextInput(NUMBER)
    )
    wait = SecondsField(label="Its first wait", required=True, initial="1")
    factor = FactorField(
        label="Its factor", min_value=1, max_value=1_000, initial=2.0, widget=forms.TextInput(NUMBER)
    )
    longest = SecondsField(label="Its longest", required=True, initial="300")
    jitter = jitter_field("Vary its waits")

    @staticmethod
    def read(item: Retry) -> dict[str, Any]:
        return {name: shown(field, getattr(item, name)) for name, field in RuleRow.base_fields.items()}

    @property
    def name_of_it(self) -> Any:
        return self.initial.get("on") or self.number

    def made(self) -> Retry:
        return Retry(**{**self.kept, **self.cleaned_data})

    @property
    def kept(self) -> dict[str, Any]:
        """What the row has no place for."""
        held = self.step.retry.others if self.step else ()
        return {"never_on": held[self.number].never_on} if self.number < len(held) else {}


class RetrySection(TriesSection):
    """All of it, and what happens in the end."""

    key, heading = "retry", "Retry"
    template = "designer/sections/retry.html"
    about = ("retry",)
    lists = {"others": RuleRow}

    jitter = jitter_field("Vary its waits")
    never_on = ChipsField(label="Never retry on")
    on_exhausted = ExhaustedField()

    def read(self) -> dict[str, Any]:
        return {**super().read(), "on_exhausted": self.any_step.on_exhausted}

    def items(self, name: str) -> tuple[Any, ...]:
        return self.retry().others

    def changed(self) -> AnyStep:
        step = super().changed()
        written = {"on_exhausted": self.cleaned_data["on_exhausted"]} if "on_exhausted" in self.fields else {}
        return replace(step, **written, retry=replace(step.retry, others=self.rows["others"].made()))


class AgainSection(RetrySection):
    """Of what begins anew as a whole. What happens in the end it says where it says where it leads."""

    def prepare(self) -> None:
        super().prepare()
        del self.fields["on_exhausted"]

    def read(self) -> dict[str, Any]:
        found = super().read()
        return {name: value for name, value in found.items() if name in self.fields}
