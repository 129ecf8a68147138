"""The forms that make something: a workflow, a step, a branch, a version."""

from pathlib import PurePath
from typing import Any

from django import forms
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from designer.graph import (
    ROOT,
    AddStep,
    AnyStep,
    Branch,
    Connection,
    DocumentError,
    Fail,
    Flaw,
    Graph,
    Opener,
    Parallel,
    Succeed,
    connections,
    read_document,
    spoken,
    suggest_key,
)
from designer.interop.asl import BadAsl, located
from designer.step_types import offered_contracts

from .fields import KeyField
from .widgets import QUIET

KIND_CHOICES = [
    ("action", "Action: do a step type's work"),
    ("choice", "Choice: go one way or another"),
    ("parallel", "Parallel: branches side by side"),
    ("map", "Map: the same for each item of a list"),
    ("loop", "Loop: the same again, in rounds"),
    ("review", "Review: ask a person"),
    ("wait", "Wait: for a time, a signal, or the first of several"),
    ("emit", "Emit: publish a signal"),
    ("workflow", "Workflow: start a run of another one"),
    ("set", "Set: remember values"),
    ("succeed", "Succeed: end well"),
    ("fail", "Fail: end with an error"),
]
LARGEST_FILE = 2 * 1024 * 1024


class TeamField(forms.ModelChoiceField):
    """Everybody, or one of the teams that whoever asks is in: these are set where the form is made."""

    def __init__(self) -> None:
        super().__init__(
            label="Who sees it",
            queryset=Group.objects.none(),
            required=False,
            empty_label="Everybody",
            help_text="Of a team’s workflow others see neither its runs nor its reviews.",
        )


class NewWorkflowForm(forms.Form):
    title = forms.CharField(
        label="Title", max_length=200, widget=forms.TextInput({**QUIET, "autofocus": True})
    )
    key = KeyField(
        label="Key",
        required=False,
        help_text="Its name in addresses. Left empty, it is made from the title.",
    )
    owner = forms.CharField(
        label="Owner",
        max_length=64,
        required=False,
        widget=forms.TextInput(QUIET),
        help_text="The team it belongs to.",
    )
    team = TeamField()

    def __init__(self, data: Any = None, *, teams: QuerySet[Group]) -> None:
        super().__init__(data)
        self.fields["team"].queryset = teams  # type: ignore[attr-defined]

    def clean(self) -> None:
        if "key" in self.cleaned_data and not self.cleaned_data["key"]:
            self.cleaned_data["key"] = suggest_key(self.cleaned_data.get("title", ""))


class ImportForm(forms.Form):
    """A document, as a file or pasted: one of our own, or a state machine. ``flaws`` says what is wrong with it, place
    by place."""

    file = forms.FileField(
        label="A file", required=False, widget=forms.ClearableFileInput({"accept": ".json,.yaml,.yml"})
    )
    document = forms.CharField(
        label="The document",
        required=False,
        max_length=LARGEST_FILE,
        strip=False,
        widget=forms.Textarea({**QUIET, "class": "code", "rows": 16}),
    )
    title = forms.CharField(label="Call it", max_length=200, required=False, widget=forms.TextInput(QUIET))
    key = KeyField(label="Key", required=False, help_text="Left empty, it is made from the name.")
    team = TeamField()
    flaws: tuple[Flaw, ...] = ()
    text = ""  # of the document, as it came

    def __init__(self, data: Any = None, files: Any = None, *, teams: QuerySet[Group]) -> None:
        super().__init__(data, files)
        self.fields["team"].queryset = teams  # type: ignore[attr-defined]

    @property
    def source(self) -> dict[str, str]:
        """What the document was read from, and what a state machine is called: without another name, as its file."""
        upload = self.cleaned_data.get("file")
        stem = PurePath(upload.name).name.partition(".")[0] if upload else ""
        title = self.cleaned_data["title"] or spoken(stem)
        return {"key": self.cleaned_data["key"], "title": title, "text": self.text}

    def clean(self) -> None:
        text = self.text = self._written()
        if not text.strip():
            raise ValidationError("Choose a file or paste a document.")
        try:
            self.cleaned_data["document"] = read_document(text)
        except DocumentError as error:
            self.refuse(error)

    def refuse(self, error: DocumentError | BadAsl) -> None:
        if isinstance(error, BadAsl):
            stopping = located((one for one in error.problems if one.stops), self.text)
            self.flaws = tuple(Flaw(one.place, one.message, one.line) for one in stopping)
        else:
            self.flaws = error.problems
        count = len(self.flaws)
        said = "One thing is" if count == 1 else f"{count} things are"
        self.add_error(None, f"{said} not right with the document.")

    def _written(self) -> str:
        upload = self.cleaned_data.get("file")
        if not upload:
            return str(self.cleaned_data.get("document", ""))
        if upload.size > LARGEST_FILE:
            raise ValidationError("The file is larger than 2 MB.")
        try:
            text = upload.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            raise ValidationError("The file is not text in UTF-8.") from None
        self.data = {**self.data, "document": text}
        return str(text)


class AddStepForm(forms.Form):
    kind = forms.ChoiceField(label="Kind", choices=KIND_CHOICES, widget=forms.Select({"autofocus": True}))
    does = forms.CharField(
        label="Step type",
        max_length=200,
        required=False,
        widget=forms.TextInput({**QUIET, "list": "step-types", "placeholder": "Search, such as payments"}),
    )
    title = forms.CharField(label="Title", max_length=200, required=False, widget=forms.TextInput(QUIET))
    key = KeyField(label="Key", required=False, help_text="Left empty, it is made from the title.")
    where = forms.ChoiceField(label="Where")

    def __init__(
        self,
        graph: Graph,
        data: Any = None,
        *,
        selected: AnyStep | None = None,
        exit: str = "",
        scope: str = "",
    ) -> None:
        self.graph = graph
        places = places_for_a_step(graph)
        before = selected.key if selected else next(iter(list(graph.steps)[-1:]), "")
        wanted = f"after:{before}" if before else places[0][0]
        if exit and f"after:{before}:{exit}" in dict(places):
            wanted = f"after:{before}:{exit}"
        if scope and f"in:{scope}" in dict(places):
            wanted = f"in:{scope}"
        super().__init__(data, initial={"kind": "action", "where": wanted}, auto_id="add-%s", label_suffix="")
        self.fields["where"].choices = places  # type: ignore[attr-defined]

    @property
    def step_types(self) -> list[tuple[str, str]]:
        return [(reference, contract.title) for reference, contract in offered_contracts().items()]

    def clean_does(self) -> str:
        does: str = self.cleaned_data["does"].strip()
        if self.cleaned_data.get("kind") != "action" or not does or "@" in does:
            return does
        # A key without a version, as one types it, means the newest.
        return next((known for known in offered_contracts() if known.partition("@")[0] == does), does)

    def clean(self) -> None:
        written = self.cleaned_data
        if written.get("kind") != "action":
            written["does"] = ""
        contract = offered_contracts().get(written.get("does", ""))
        if not written.get("title") and contract:
            written["title"] = contract.title
        if "key" in written and not written["key"]:
            named = (
                written.get("title") or written.get("does", "").partition("@")[0] or written.get("kind", "")
            )
            written["key"] = suggest_key(named, self.graph.steps)

    def operation(self) -> AddStep:
        written = dict(self.cleaned_data)
        how, _, place = written.pop("where").partition(":")
        if how == "in":
            return AddStep(**written, scope=place)
        after, _, exit = place.partition(":")
        return AddStep(**written, after=after, exit=exit)


def places_for_a_step(graph: Graph) -> list[tuple[str, str]]:
    """After a step, or first in a branch or a body, in the order of the definition."""
    places = [(f"in:{ROOT}", "Not connected yet" if graph.steps else "First in the workflow")]
    for step in graph.steps.values():
        if not isinstance(step, Succeed | Fail):
            places.append((f"after:{step.key}", f"After {step.name} ({step.key})"))
            places += [_on_a_way(graph, step, way) for way in connections(step) if way.target in graph.steps]
        if isinstance(step, Opener):
            places += [_in_body(step, body) for body in step.bodies]
    return places


def _on_a_way(graph: Graph, step: AnyStep, way: Connection) -> tuple[str, str]:
    by = "" if way.exit == "next" else f", by “{way.label}”"
    return f"after:{step.key}:{way.exit}", f"Between {step.name} and {graph.steps[way.target].name}{by}"


def _in_body(step: Opener, body: Branch) -> tuple[str, str]:
    scope = step.scope_of(body.name)
    called = f"branch {body.title or body.name}" if isinstance(step, Parallel) else f"each {body.name}"
    return f"in:{scope}", f"In {called} of {step.name} ({scope})"


class KeyForm(forms.Form):
    """Another key for a step."""

    key = KeyField(label="Key")


class BranchForm(forms.Form):
    """A branch to add to a parallel, or another name for one it has."""

    name = KeyField(label="Name")
    title = forms.CharField(label="Title", max_length=200, required=False, widget=forms.TextInput(QUIET))


class PublishForm(forms.Form):
    note = forms.CharField(
        label="Note",
        max_length=5_000,
        widget=forms.Textarea({"rows": 3}),
        help_text="Why this version exists, for those who read the history.",
        error_messages={"required": "Say why this version exists."},
    )
    revision = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
