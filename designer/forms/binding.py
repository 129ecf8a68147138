"""What each step is bound to that a document of another language left open."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from designer.graph import Action, Contract, Graph
from designer.interop.asl import (
    AnswerAlways,
    AskPeople,
    AwaitSignal,
    Binding,
    CallHttp,
    PublishSignal,
    RunAnother,
    UseStepType,
    suggest,
)
from designer.queries import ImportReport, likely_step_type, unbound_steps
from designer.step_types import offered_contracts

from .calls import step_type_choices
from .expressions import check_expressions
from .fields import LONGEST_TEXT, NamesField
from .header import JsonField
from .starting import workflow_choices
from .widgets import NUMBER, QUIET, SuggestingInput

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
WAYS = {
    "": "Leave it unbound",
    "step": "Use a step type",
    "http": "Call a service over HTTP",
    "signal": "Publish what is asked, and wait for the answer",
    "review": "Ask a person",
    "publish": "Publish a signal and go on",
    "workflow": "Start a run of another workflow",
    "stub": "Always give the same answer",
}
WAY_OF: Mapping[type, str] = {
    UseStepType: "step",
    CallHttp: "http",
    AwaitSignal: "signal",
    AskPeople: "review",
    PublishSignal: "publish",
    RunAnother: "workflow",
    AnswerAlways: "stub",
}
NEEDED = {
    "step": {"does": "Choose the step type."},
    "http": {
        "url": "Give the address, such as https://example.com/orders.",
        "method": "Give the method, such as POST.",
    },
    "signal": {"answer": "Name the signal that is waited for, such as payment.decided."},
    "publish": {"signal": "Name the signal, such as order.paid."},
    "workflow": {"runs": "Choose the workflow."},
}


class Offered:
    """What steps of a workflow of this team can be bound to, read once for all of them."""

    def __init__(self, team: int | None) -> None:
        self.contracts: Mapping[str, Contract] = offered_contracts()
        self.workflows = workflow_choices("", team)


def mono(label: str, **options: Any) -> forms.CharField:
    widget = forms.TextInput({**QUIET, "class": "mono"})
    return forms.CharField(
        **{"label": label, "required": False, "max_length": LONGEST_TEXT, "widget": widget, **options}
    )


class BindingForm(forms.Form):
    """One step: how it is done, and what that way has to know. The other ways' fields are there, and count nothing."""

    use_required_attribute = False

    way = forms.ChoiceField(label="Bind it to", required=False)
    does = forms.ChoiceField(label="Step type", required=False)
    method = mono("Method", widget=SuggestingInput(METHODS, {"class": "mono"}), max_length=400)
    url = mono("Address")
    asks = mono("Publish what is asked as", max_length=100, help_text="Empty: nothing is published.")
    answer = mono("Wait for the signal", max_length=100)
    groups = NamesField(
        label="Teams who decide", help_text="Names with commas between them. None: every reviewer."
    )
    approvals = forms.IntegerField(
        label="Approvals", required=False, min_value=1, max_value=100, widget=forms.NumberInput(NUMBER)
    )
    signal = mono("Signal", max_length=100)
    runs = forms.ChoiceField(label="Workflow", required=False)
    awaited = forms.BooleanField(label="Wait for its end", required=False)
    result = JsonField(
        label="The answer, as JSON",
        widget=forms.Textarea({**QUIET, "class": "code mono", "rows": 2}),
        help_text="Empty: {}.",
    )

    def __init__(self, step: Action, data: Any = None, *, offered: Offered, advice: str = "") -> None:
        self.step, self.advice = step, advice
        self.suggestion = suggest(step.resource)
        likely = likely_step_type(step, offered.contracts)
        self.suggested = "step" if likely else WAY_OF.get(type(self.suggestion), "")
        super().__init__(
            data, prefix=step.key, auto_id="bind-%s", label_suffix="", initial=self._begin_with(likely)
        )
        self.fields["way"].choices = [  # type: ignore[attr-defined]
            (way, f"{words} (suggested)" if way and way == self.suggested else words)
            for way, words in WAYS.items()
        ]
        self.fields["does"].choices = step_type_choices(likely)  # type: ignore[attr-defined]
        self.fields["runs"].choices = offered.workflows  # type: ignore[attr-defined]

    def clean_url(self) -> str:
        check_expressions(self.cleaned_data["url"])
        return str(self.cleaned_data["url"])

    def clean_method(self) -> str:
        method = str(self.cleaned_data["method"])
        check_expressions(method)
        if method and "${" not in method and method.upper() not in METHODS:
            raise ValidationError(f"“{method[:20]}” is no method. There is {', '.join(METHODS)}.")
        return method if "${" in method else method.upper()

    def clean(self) -> None:
        for name, sentence in NEEDED.get(self.cleaned_data.get("way", ""), {}).items():
            if name in self.cleaned_data and not self.cleaned_data[name]:
                self.add_error(name, sentence)

    def binding(self) -> Binding | None:
        """What was chosen; None where it stays unbound."""
        written = self.cleaned_data
        match written["way"]:
            case "step":
                return UseStepType(does=written["does"])
            case "http":
                called = self.suggestion if isinstance(self.suggestion, CallHttp) else CallHttp(url="")
                return replace(called, url=written["url"], method=written["method"])
            case "signal":
                return AwaitSignal(asks=written["asks"], answer=written["answer"])
            case "review":
                return AskPeople(groups=written["groups"], approvals=written["approvals"] or 1)
            case "publish":
                return PublishSignal(signal=written["signal"])
            case "workflow":
                return RunAnother(runs=written["runs"], awaited=written["awaited"])
            case "stub":
                return AnswerAlways(result={} if written["result"] is None else written["result"])
        return None

    def _begin_with(self, likely: str) -> dict[str, Any]:
        """The suggestion's values, and for the other ways what they mostly are."""
        begun: dict[str, Any] = {"method": "POST", "approvals": 1, "awaited": True, "does": likely}
        match self.suggestion:
            case CallHttp(url=url, method=method):
                begun |= {"url": url, "method": method}
            case AwaitSignal(asks=asks, answer=answer):
                begun |= {"asks": asks, "answer": answer}
            case PublishSignal(signal=signal):
                begun |= {"signal": signal}
            case RunAnother(awaited=awaited):
                begun |= {"awaited": awaited}
        return {**begun, "way": self.suggested if self._is_whole(begun) else ""}

    def _is_whole(self, begun: Mapping[str, Any]) -> bool:
        """Whether the suggestion lacks nothing that a person has to say."""
        return all(begun.get(name) for name in NEEDED.get(self.suggested, {}))


class BadBinding(ValueError):
    """Bindings that cannot be read: each place, as a step and perhaps a field, with a sentence."""

    def __init__(self, flaws: Sequence[tuple[tuple[str, ...], str]]) -> None:
        place, sentence = flaws[0]
        super().__init__(f"{'.'.join(place)}: {sentence}")
        self.flaws = flaws


class BindingForms:
    """One form for each step that is unbound."""

    def __init__(
        self, graph: Graph, data: Any = None, *, report: ImportReport | None = None, team: int | None = None
    ) -> None:
        offered = Offered(team)
        self.forms = [
            BindingForm(step, data, offered=offered, advice=report.advice_for(step) if report else "")
            for step in unbound_steps(graph)
        ]

    def __iter__(self) -> Iterator[BindingForm]:
        return iter(self.forms)

    def __len__(self) -> int:
        return len(self.forms)

    def is_valid(self) -> bool:
        return not [form for form in self.forms if not form.is_valid()]  # each says what is wrong with it

    def bindings(self) -> dict[str, Binding]:
        """By step; without those that stay as they are."""
        chosen = {form.step.key: form.binding() for form in self.forms}
        return {key: binding for key, binding in chosen.items() if binding is not None}


def read_bindings(graph: Graph, written: Any, team: int | None = None) -> dict[str, Binding]:
    """The bindings that a program or a file says: ``{"charge": {"way": "http", "url": "https://…"}}``.

    Raises BadBinding.
    """
    if not isinstance(written, Mapping) or not written:
        raise BadBinding([((), "Give an object with the key of a step and how it is bound.")])
    steps, offered = {step.key: step for step in unbound_steps(graph)}, Offered(team)
    found, flaws = {}, []
    for key, said in written.items():
        if key not in steps:
            flaws.append(((str(key),), "There is no step of this key that is unbound."))
        elif not isinstance(said, Mapping) or not said.get("way"):
            flaws.append(((key,), f"Say the way: {', '.join(filter(None, WAYS))}."))
        else:
            found[key], wrong = _read_binding(steps[key], said, offered)
            flaws += [((key, *place), sentence) for place, sentence in wrong]
    if flaws:
        raise BadBinding(flaws)
    return {key: binding for key, binding in found.items() if binding is not None}


def _read_binding(
    step: Action, said: Mapping[str, Any], offered: Offered
) -> tuple[Binding | None, list[tuple[tuple[str, ...], str]]]:
    """By the form of the page, so that both understand the same; what is not said is as the page begins."""
    blank = BindingForm(step, offered=offered)
    unknown = [name for name in said if name not in blank.fields]
    if unknown:
        return None, [((name,), f"There is {', '.join(blank.fields)}.") for name in unknown]
    texts = {name: _as_text(name, value) for name, value in {**blank.initial, **said}.items()}
    form = BindingForm(step, {f"{step.key}-{name}": text for name, text in texts.items()}, offered=offered)
    if form.is_valid():
        return form.binding(), []
    flaws = form.errors.get_json_data().items()
    return None, [((name,), str(error["message"])) for name, errors in flaws for error in errors]


def _as_text(name: str, value: Any) -> Any:
    """As a browser would send it."""
    if name == "result":
        return json.dumps(value)
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return value if isinstance(value, str | bool) else json.dumps(value)
