"""Trying again: four numbers, which errors, and what that comes to."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from django import forms

from designer.graph import Action, Retry, format_duration

from .fields import QUIET, ChipsField, DurationField, shown
from .section import Section

BY_THE_ENGINE = ["Timeout", "WorkerLost"]  # errors that no contract declares
WAITS_SHOWN = 6
NUMBERS = ("attempts", "wait", "factor", "longest", "jitter")


def _plain(wait: timedelta) -> str:
    """As people write it: 1.2s rather than 1s200ms."""
    seconds = wait.total_seconds()
    return f"{seconds:.3g}s" if seconds < 60 else format_duration(timedelta(seconds=round(seconds)))


class FactorField(forms.FloatField):
    def prepare_value(self, value: Any) -> Any:
        return f"{value:g}" if isinstance(value, float) else value


class RetryingSection(Section):
    """A section with the numbers of a `Retry`."""

    attempts = forms.IntegerField(
        label="Attempts",
        min_value=1,
        max_value=1_000,
        widget=forms.TextInput({**QUIET, "inputmode": "numeric"}),
    )
    wait = DurationField(label="First wait", required=True)
    factor = FactorField(
        label="Factor",
        min_value=1,
        max_value=1_000,
        widget=forms.TextInput({**QUIET, "inputmode": "decimal"}),
    )
    longest = DurationField(label="Longest", required=True)
    jitter = forms.BooleanField(label="Vary the waits", required=False)

    def retry(self) -> Retry:
        raise LookupError(self.key)

    def read(self) -> dict[str, Any]:
        retry = self.retry()
        return {name: shown(self.fields[name], getattr(retry, name)) for name in NUMBERS}

    def numbers(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in NUMBERS}

    @property
    def waits(self) -> list[timedelta]:
        """The wait after each attempt but the last, without what varies."""
        retry = self.retry()
        steady = replace(retry, jitter=False)
        return [steady.backoff(tries, "") for tries in range(1, min(retry.attempts, 100))]

    @property
    def waits_shown(self) -> list[str]:
        return [_plain(wait) for wait in self.waits[:WAITS_SHOWN]]

    @property
    def gives_up_after(self) -> str:
        """The waiting in all."""
        return _plain(sum(self.waits, timedelta()))


class RetrySection(RetryingSection):
    key, heading = "retry", "Retry"
    template = "designer/sections/retry.html"
    about = ("retry",)

    on = ChipsField(label="Retry on")
    never_on = ChipsField(label="Never retry on")

    def retry(self) -> Retry:
        return self.any_step.retry

    def prepare(self) -> None:
        retry, names = self.retry(), [*self.worth_a_retry, *self.not_worth_it, *BY_THE_ENGINE]
        self.fields["on"].offer(names, retry.on)  # type: ignore[attr-defined]
        self.fields["never_on"].offer(names, retry.never_on)  # type: ignore[attr-defined]

    def read(self) -> dict[str, Any]:
        return {**super().read(), "on": list(self.retry().on), "never_on": list(self.retry().never_on)}

    @property
    def worth_a_retry(self) -> list[str]:
        return [error.name for error in self._declared() if error.retryable]

    @property
    def not_worth_it(self) -> list[str]:
        return [error.name for error in self._declared() if not error.retryable]

    def changed(self) -> Action:
        chosen = {name: self.cleaned_data[name] for name in ("on", "never_on")}
        return replace(self.any_step, retry=Retry(**self.numbers(), **chosen))

    def _declared(self) -> tuple[Any, ...]:
        contract = self.graph.contracts.get(self.any_step.does)
        return contract.errors if contract else ()
