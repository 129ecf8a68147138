"""What every step has, and the whole of the simplest kinds."""

from django import forms

from designer.graph import Fail, Succeed

from .fields import DurationField, MessageField, WaitField
from .section import Section
from .widgets import QUIET

WITHOUT: dict[type, tuple[str, ...]] = {
    Succeed: ("deadline",),
    Fail: ("deadline",),
}


class GeneralSection(Section):
    key, heading = "general", "General"
    template = "designer/sections/general.html"
    about = ("",)

    title = forms.CharField(
        label="Title", max_length=200, required=False, widget=forms.TextInput(attrs=QUIET)
    )
    owner = forms.CharField(
        label="Owner", max_length=200, required=False, widget=forms.TextInput(attrs=QUIET)
    )
    deadline = DurationField(label="Deadline", help_text="For all attempts and waits together.")
    notes = forms.CharField(
        label="Notes", max_length=10_000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def prepare(self) -> None:
        for name in WITHOUT.get(type(self.step), ()):
            del self.fields[name]


class WaitSection(Section):
    key, heading = "wait", "Wait"
    picks = True

    duration = WaitField(label="For how long", help_text="A duration such as 30m, or ${ input.delay }.")
    until = WaitField(
        label="Or until when",
        moment=True,
        help_text="A moment such as 2026-01-31T12:00:00Z, or ${ input.at }.",
    )


class ErrorSection(Section):
    key, heading = "error", "Error"
    picks = True

    error = forms.CharField(label="Error name", max_length=200, widget=forms.TextInput(attrs=QUIET))
    message = MessageField(label="Message", help_text="What people read. It may hold ${ expressions }.")
    compensate = forms.BooleanField(label="Undo the steps that succeeded", required=False)
