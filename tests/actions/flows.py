"""Small workflows, as documents."""

from typing import Any

from tests.factories import action

UNDO = {"does": "acme.unrecord", "with": {"note": "${ output.note }"}}


def flow(*, start: str = "", **steps: dict[str, Any]) -> dict[str, Any]:
    """A workflow of these steps, the first one first."""
    return {"start": start or next(iter(steps)), "steps": steps}


def echo(value: Any = "", **fields: Any) -> dict[str, Any]:
    return action(**{"with": {"value": value}, **fields})


def undoable(note: str, **fields: Any) -> dict[str, Any]:
    """A step that can be undone; its output is expected to carry its note."""
    return action("acme.record", **{"with": {"note": note}, "compensate": UNDO, **fields})


def branches(next: str = "", join: dict[str, Any] | None = None, **inner: dict[str, Any]) -> dict[str, Any]:
    """A parallel with one step in each branch; the branch is called as its step."""
    step: dict[str, Any] = {
        "kind": "parallel",
        "branches": {key: {"start": key, "steps": {key: fields}} for key, fields in inner.items()},
    }
    return step | ({"next": next} if next else {}) | ({"join": join} if join else {})


def review(**fields: Any) -> dict[str, Any]:
    outcomes = {"approve": {"next": "yes"}, "reject": {"next": "no", "reason": "required"}}
    return {"kind": "review", "title": "Look at it", "outcomes": outcomes, **fields}


SAGA = flow(
    one=undoable("one", next="two"),
    two=undoable("two", next="three"),
    three=echo(retry={"attempts": 1}),
)
