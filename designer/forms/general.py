"""What every step has, and the whole of the simplest kinds."""

from django import forms

from designer.graph import Fail, Succeed

from .fields import ConditionField, DurationField, MessageField
from .section import Section
from .widgets import QUIET

WITHOUT: dict[type, tuple[str, ...]] = {
    Succeed: ("deadline", "lock", "only_while"),
    Fail: ("deadline", "lock", "only_while"),
}


class GeneralSection(Section):
    key, heading = "general", "General"
    template = "designer/sections/general.html"
    about = ("",)
    picks = True

    title = forms.CharField(
        label="Title", max_length=200, required=False, widget=forms.TextInput(attrs=QUIET)
    )
    owner = forms.CharField(
        label="Owner", max_length=200, required=False, widget=forms.TextInput(attrs=QUIET)
    )
    deadline = DurationField(label="Deadline", help_text="For all attempts and waits together.")
    only_while = ConditionField(
        label="Only while",
        help_text="A condition, such as 'pack' in run.active. Where it does not hold the step fails: NotAllowed.",
    )
    lock = MessageField(
        label="Lock", help_text="A name, such as sku-${ input.sku }: one step of all runs holds it at a time."
    )
    notes = forms.CharField(
        label="Notes", max_length=10_000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def prepare(self) -> None:
        for name in WITHOUT.get(type(self.step), ()):
            del self.fields[name]


class ErrorSection(Section):
    key, heading = "error", "Error"
    picks = True

    error = forms.CharField(label="Error name", max_length=200, widget=forms.TextInput(attrs=QUIET))
    message = MessageField(label="Message", help_text="What people read. It may hold ${ expressions }.")
    compensate = forms.BooleanField(label="Undo the steps that succeeded", required=False)
    ends_run = forms.BooleanField(
        label="End the whole run",
        required=False,
        help_text="Not only its branch, and whatever the steps around it would catch.",
    )

    def prepare(self) -> None:
        self.fields["error"].required = self.any_step.flow is None  # which may say it, or leave it out
