"""Connecting a step: which of its exits, and where it leads from now on."""

from typing import Any

from django import forms

from designer.graph import AnyStep, Connect, Connection, Graph, Opener, connections


class ConnectForm(forms.Form):
    """Offers the exits that the step has, and the steps that they may lead to."""

    use_required_attribute = False
    exit = forms.ChoiceField(label="Way out")
    target = forms.ChoiceField(label="Leads to", required=False)

    def __init__(self, graph: Graph, step: AnyStep, data: Any = None) -> None:
        self.step = step
        held = connections(step)
        open_first = sorted(held, key=lambda way: bool(way.target))
        wanted = open_first[0] if open_first else None
        initial = {"exit": wanted.exit, "target": wanted.target} if wanted else {}
        super().__init__(data, initial=initial, auto_id="connect-%s", label_suffix="")
        self.fields["exit"].choices = [(way.exit, _said(graph, way)) for way in held]  # type: ignore[attr-defined]
        self.fields["target"].choices = [("", "Nothing"), *_targets(graph, step)]  # type: ignore[attr-defined]
        self.fields["target"].widget.attrs["autofocus"] = True

    def operation(self) -> Connect:
        return Connect(self.step.key, self.cleaned_data["exit"], self.cleaned_data["target"] or None)


def _said(graph: Graph, way: Connection) -> str:
    part, _, name = way.exit.partition(".")
    words = {
        "next": "Next",
        "otherwise": "Otherwise",
        "options": f"If {way.label}",
        "outcomes": f"When a person says “{way.label}”",
        "catch": f"On {way.label}",
        "branches": f"Branch {name} begins with",
        "first": f"When “{way.label}” comes first",
        "start": "Its body begins with",
    }
    target = graph.steps.get(way.target)
    return f"{words[part]}, now to {target.name}" if target else f"{words[part]}, leads nowhere yet"


def _targets(graph: Graph, step: AnyStep) -> list[tuple[str, str]]:
    """The steps beside it, and those in its branches."""
    inner = [step.scope_of(body.name) for body in step.bodies] if isinstance(step, Opener) else []
    return [
        (one.key, f"{one.name} ({scope or one.key})")
        for scope in (step.scope, *inner)
        for one in graph.within(scope)
        if one.key != step.key
    ]
