"""Waits and signals: what ends a wait, and what is published."""

from dataclasses import replace
from typing import Any

from django import forms

from designer.graph import AnyStep, Arrival, Awaited, Emit, Reviewers, suggest_key
from designer.zones import with_zone_word

from .expressions import ABSENT
from .fields import DurationField, KeyField, NamesField, OptionalValueField, WaitField, shown
from .routes import NextRow
from .section import Section
from .values import NamedRow, OutputSection
from .widgets import NUMBER, QUIET

NAME_HELP = "What has happened, such as order.paid."
KEY_HELP = "Which one is meant, such as ${ input.order_id }."
LONGEST_NAME = 100
USUAL_KEEP = Emit(key="usual").keep


def name_field(label: str, help_text: str = "") -> forms.CharField:
    widget = forms.TextInput(attrs=QUIET)
    return forms.CharField(
        label=label, max_length=LONGEST_NAME, required=False, widget=widget, help_text=help_text
    )


class ArrivalRow(NextRow):
    """One of the things that may come first: a time, a signal, or a person."""

    told_by = ("name", "title", "next", "duration", "until", "signal_name", "person")

    name = KeyField(label="Name", required=False)
    title = forms.CharField(
        label="Called", max_length=200, required=False, widget=forms.TextInput(attrs=QUIET)
    )
    duration = WaitField(label="After how long")
    until = WaitField(label=with_zone_word("Or at what moment ({zone})"), moment=True)
    signal_name = name_field("Or by the signal")
    signal_key = OptionalValueField(label="With the key")
    person = forms.BooleanField(label="Or a person says so", required=False)
    groups = NamesField(
        label="Only of the groups", help_text="Names with commas between them. Empty: any reviewer."
    )
    approvals = forms.IntegerField(
        label="People", required=False, min_value=1, max_value=100, widget=forms.NumberInput(attrs=NUMBER)
    )

    field_order = ("title", "name", "next")

    @staticmethod
    def read(item: Arrival) -> dict[str, Any]:
        signal, person = item.signal or Awaited(), item.person
        return {
            **{name: getattr(item, name) for name in ("name", "title", "next", "duration")},
            "until": shown(ArrivalRow.base_fields["until"], item.until),
            "signal_name": signal.name,
            "signal_key": shown(OptionalValueField(), signal.key),
            "person": person is not None,
            "groups": ", ".join(person.groups) if person else "",
            "approvals": person.approvals if person else None,
        }

    def clean(self) -> None:
        if "name" in self.cleaned_data and not self.cleaned_data["name"]:
            self.cleaned_data["name"] = suggest_key(self.cleaned_data.get("title") or "arrival")

    def made(self) -> Arrival:
        written = dict(self.cleaned_data)
        groups, approvals = written.pop("groups"), written.pop("approvals") or 1
        asks = written.pop("person")
        signal = _awaited(written.pop("signal_name"), written.pop("signal_key"))
        person = Reviewers(groups=groups, approvals=approvals) if asks else None
        return Arrival(**written, signal=signal, person=person)


class WaitSection(Section):
    key, heading = "wait", "Wait"
    template = "designer/sections/wait.html"
    about = ("signal", "first")
    picks = True
    lists = {"first": ArrivalRow}

    duration = WaitField(label="For how long", help_text="A duration such as 30m, or ${ input.delay }.")
    until = WaitField(
        label="Or until when",
        moment=True,
        help_text=with_zone_word(
            "A moment such as 2026-01-31T12:00 (by your clocks, {zone}), or ${ input.at }."
        ),
    )
    signal_name = name_field("Or for the signal")
    signal_key = OptionalValueField(label="With the key", help_text=KEY_HELP)

    def read(self) -> dict[str, Any]:
        step, signal = self.any_step, self.any_step.signal or Awaited()
        return {
            "duration": step.duration,
            "until": shown(self.fields["until"], step.until),
            "signal_name": signal.name,
            "signal_key": shown(self.fields["signal_key"], signal.key),
        }

    @property
    def shows_one(self) -> bool:
        """Whether there is a place to say the one thing that it waits for: not beside several."""
        return not self.rows["first"] or any(self.initial.values())

    def is_valid(self) -> bool:
        if not super().is_valid():
            return False
        seen: set[str] = set()
        for row in self.rows["first"]:
            name = row.cleaned_data["name"]
            if name in seen:
                row.add_error("name", f"There are two arrivals “{name}”. Names are unique.")
            seen.add(name)
        return all(not row.errors for row in self.rows["first"])

    def changed(self) -> AnyStep:
        written = self.cleaned_data
        return replace(
            self.any_step,
            duration=written["duration"],
            until=written["until"],
            signal=_awaited(written["signal_name"], written["signal_key"]),
            first=self.rows["first"].made(),
        )


class EmitSection(OutputSection):
    """What is published: an object by name, or one value."""

    key, heading = "signal", "Signal"
    template = "designer/sections/emit.html"
    of = "data"
    lists = {"data": NamedRow}

    signal = name_field("Signal", NAME_HELP)
    correlation = OptionalValueField(label="Key", help_text=KEY_HELP)
    keep = DurationField(
        label="Keep it for", help_text="How long it waits for somebody who wants it. 0s: not at all."
    )

    field_order = ("signal", "correlation", "keep", "whole")

    def read(self) -> dict[str, Any]:
        plain = {
            name: shown(self.fields[name], getattr(self.step, name))
            for name in ("signal", "correlation", "keep")
        }
        return {**super().read(), **plain}

    def changed(self) -> AnyStep:
        written = self.cleaned_data
        kept = USUAL_KEEP if written["keep"] is None else written["keep"]
        said: dict[str, Any] = {"signal": written["signal"].strip(), "correlation": written["correlation"]}
        return replace(super().changed(), **{**said, "keep": kept})


def _awaited(name: str, key: Any) -> Awaited | None:
    return Awaited(name=name.strip(), key=key) if name.strip() or key not in ("", None, ABSENT) else None
