"""Triggers and limits, as people fill them in."""

import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils import timezone

from designer.models import Version, Workflow
from runs.cron import zones
from runs.models import Limits, Trigger
from runs.models.lanes import DEFAULT_PRIORITY, MOST_URGENT, queue_named
from runs.models.trigger import CatchUp, TriggerKind

from .schema_fields import JSONText

MONO = {"autocomplete": "off", "spellcheck": "false", "class": "mono"}


class TriggerForm(forms.Form):
    """What all kinds have. ``kind`` is said by the subclass, and never sent."""

    kind = ""
    own: tuple[str, ...] = ()
    title = forms.CharField(
        label="What is it for?", max_length=120, widget=forms.TextInput({"autocomplete": "off"})
    )
    version = forms.ChoiceField(label="Version", required=False)

    def __init__(self, data: Any = None, *, workflow: Workflow, trigger: Trigger | None = None) -> None:
        known = {} if trigger is None else {name: getattr(trigger, name) for name in self.base_fields}
        super().__init__(data, initial=self.shown(known), label_suffix="")
        self.order_fields(["title", *self.own, "input", "version"])
        self.versions = {str(version.number): version for version in workflow.versions.all()}
        pinned = [(number, f"v{number}") for number in self.versions]
        version = self.fields["version"]
        assert isinstance(version, forms.ChoiceField)
        version.choices = [("", "The newest, whichever it is"), *pinned]

    def shown(self, known: Mapping[str, Any]) -> dict[str, Any]:
        version, template = known.get("version"), known.get("input")
        written = "" if template is None else json.dumps(template, indent=2, ensure_ascii=False)
        return {**known, "version": str(version.number) if version else "", "input": written}

    def clean_version(self) -> Version | None:
        return self.versions.get(self.cleaned_data["version"])

    def refuse(self, field: str, sentence: str) -> None:
        self.add_error(field if field in self.fields else None, sentence)


def template_field(said: str) -> JSONText:
    return JSONText(label="Input of the run", required=False, help_text=said)


class CronForm(TriggerForm):
    kind = TriggerKind.CRON
    own = ("cron", "zone", "catch_up")
    cron = forms.CharField(
        label="When",
        max_length=100,
        help_text="Minute, hour, day of the month, month, day of the week: 0 6 * * 1-5 is six o’clock on working days.",
        widget=forms.TextInput(MONO),
    )
    zone = forms.ChoiceField(
        label="Time zone",
        choices=lambda: [(name, name) for name in zones()],
        initial=timezone.get_current_timezone_name,
    )
    catch_up = forms.ChoiceField(
        label="Moments missed while nothing ran", choices=CatchUp.choices, initial=CatchUp.SKIP
    )
    input = template_field("JSON. ${ input.scheduled_at } is the moment it was meant for. Empty: no input.")

    def clean_input(self) -> Any:
        given = self.cleaned_data["input"]
        return {} if given is None else given


class WebhookForm(TriggerForm):
    kind = TriggerKind.WEBHOOK
    own = ("headers",)
    headers = forms.CharField(
        label="Headers that the template may read",
        required=False,
        max_length=500,
        help_text="With commas, such as x-shop-id.",
        widget=forms.TextInput(MONO),
    )
    input = template_field(
        "JSON. ${ input.body } is what was sent, ${ input.headers } what it came with. Empty: the body."
    )

    def shown(self, known: Mapping[str, Any]) -> dict[str, Any]:
        return {**super().shown(known), "headers": ", ".join(known.get("headers", ()))}

    def clean_headers(self) -> list[str]:
        return [name.strip().lower() for name in self.cleaned_data["headers"].split(",") if name.strip()]


class SignalForm(TriggerForm):
    kind = TriggerKind.SIGNAL
    own = ("signal", "condition")
    signal = forms.CharField(label="Signal", max_length=100, widget=forms.TextInput(MONO))
    condition = forms.CharField(
        label="Only if",
        required=False,
        max_length=1_000,
        help_text="Such as input.data.amount > 100.",
        widget=forms.TextInput(MONO),
    )
    input = template_field("JSON. ${ input.data } and ${ input.key } are the signal’s. Empty: its data.")


FORMS: Mapping[str, type[TriggerForm]] = {form.kind: form for form in (CronForm, WebhookForm, SignalForm)}


class LimitsForm(forms.Form):
    max_running = forms.IntegerField(
        label="Runs in flight at once",
        required=False,
        min_value=1,
        max_value=1_000_000,
        help_text="Empty: as many as there are. The others wait, in the order they came.",
    )
    starts_per_minute = forms.IntegerField(
        label="Runs that begin in a minute", required=False, min_value=1, max_value=1_000_000
    )
    priority = forms.IntegerField(
        label="Priority",
        min_value=0,
        max_value=MOST_URGENT,
        initial=DEFAULT_PRIORITY,
        help_text="0 to 9. Where several runs have something to do, 9 comes first.",
    )
    queue = forms.CharField(
        label="Queue",
        required=False,
        max_length=32,
        help_text="Hosts may serve some queues only: work --queues heavy,default. Empty: the default queue.",
        widget=forms.TextInput(MONO),
    )

    def __init__(self, data: Any = None, *, limits: Limits) -> None:
        super().__init__(
            data, initial={name: getattr(limits, name) for name in self.base_fields}, label_suffix=""
        )

    def clean_queue(self) -> str:
        try:
            return queue_named(self.cleaned_data["queue"].strip())
        except ValueError as flaw:
            raise forms.ValidationError(str(flaw)) from flaw


class UploadForm(forms.Form):
    file = forms.FileField(label="CSV file", allow_empty_file=True)
