"""The workflow most of these tests edit, and what a browser would send."""

from typing import Any

from django.http import HttpResponse
from django.test import Client

from designer.drafts import graph_of_draft
from designer.forms import Section, find_section
from designer.graph import Graph
from designer.models import Draft

SMALL: dict[str, Any] = {
    "choreo": 1,
    "key": "small",
    "title": "Small",
    "owner": "fulfilment",
    "input": {
        "type": "object",
        "required": ["order_id", "amount", "card"],
        "properties": {
            "order_id": {"type": "string"},
            "amount": {"type": "number"},
            "card": {"type": "string"},
        },
    },
    "business_key": "${ input.order_id }",
    "start": "charge",
    "steps": {
        "charge": {
            "kind": "action",
            "title": "Charge card",
            "does": "payments.charge@^2",
            "with": {
                "order_id": "${ input.order_id }",
                "amount": "${ input.amount }",
                "card": "${ input.card }",
            },
            "timeout": "10s",
            "compensate": {
                "does": "payments.refund@^2",
                "with": {"charge": "${ output.id }"},
                "timeout": "10s",
            },
            "next": "large",
        },
        "large": {
            "kind": "choice",
            "title": "Is it large?",
            "choose": [{"when": "${ input.amount > 100.0 }", "label": "More than 100", "next": "ask"}],
            "otherwise": "done",
        },
        "ask": {
            "kind": "review",
            "title": "Ask a person",
            "reviewers": {"groups": ["risk"]},
            "show": [{"label": "Amount", "value": "${ input.amount }"}],
            "outcomes": {"approve": {"next": "done"}, "reject": {"next": "refused", "reason": "required"}},
        },
        "done": {"kind": "succeed", "title": "Charged", "output": {"charge": "${ steps.charge.output.id }"}},
        "refused": {"kind": "fail", "title": "Refused", "error": "Refused"},
    },
}


def graph_now(draft: Draft) -> Graph:
    """The draft as it is in the database now."""
    return graph_of_draft(Draft.objects.get(pk=draft.pk))


def revision_now(draft: Draft) -> int:
    return Draft.objects.get(pk=draft.pk).revision


def address(draft: Draft, step: str | None, section: str) -> str:
    place = f"steps/{step}" if step else "workflow"
    return f"/workflows/{draft.workflow.key}/edit/{place}/{section}/"


def filled(draft: Draft, step: str | None, section: str, **written: Any) -> dict[str, Any]:
    """What a browser sends of a section in which only ``written`` was changed; None leaves a field out."""
    graph = graph_now(draft)
    chosen = graph.steps[step] if step else None
    kind = find_section(chosen, section)
    assert kind is not None
    data = {**shown(kind(graph, chosen)), "revision": str(revision_now(draft)), **written}
    return {name: value for name, value in data.items() if value is not None}


def save(client: Client, draft: Draft, step: str | None, section: str, **written: Any) -> HttpResponse:
    """Send a section as htmx does."""
    data = filled(draft, step, section, **written)
    return client.post(address(draft, step, section), data, headers={"HX-Request": "true"})


def shown(section: Section) -> dict[str, Any]:
    data: dict[str, Any] = {f"{name}-order": rows.order for name, rows in section.rows.items()}
    data["seen"] = section.seen
    for field in (field for form in section.all_forms() for field in form):
        value = field.value()
        if value is True:
            data[field.html_name] = "on"
        elif value not in (None, False):
            data[field.html_name] = value
    return data
