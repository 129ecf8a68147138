"""What changed between two graphs, said for people: “Charge card: attempts 3 to 5”."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from designer.graph.codec import encode_header, encode_step
from designer.graph.codec.policies import RETRY
from designer.graph.model import AnyStep, Graph
from designer.graph.policies import Compensate, Retry

Path = tuple[str | int, ...]
LONGEST = 60  # characters of a value
WORDS: Mapping[str, str] = {
    "assign": "variable",
    "business_key": "business key",
    "catch": "catch",
    "choose": "option",
    "compensate": "undo",
    "does": "step type",
    "edit": "editable",
    "four_eyes": "four eyes",
    "join": "join",
    "batch": "items at a time",
    "longest": "longest wait",
    "max_concurrency": "at once",
    "never_on": "never retry on",
    "next": "next step",
    "on": "on",
    "on_due": "when due",
    "on_exhausted": "after giving up",
    "on_failure": "on failure",
    "open_ended": "open list",
    "rest": "the rest",
    "tolerate": "lets fail",
    "outcomes": "outcome",
    "branches": "branch",
    "retry": "",
    "reviewers": "",
    "show": "evidence",
    "visit_limit": "visit limit",
    "wait": "first wait",
    "wait_for": "waits for",
    "when": "condition",
    "with": "input",
}
LEADS = ("next", "otherwise", "start")
_TRIES = {field.name: field.shape.write(getattr(Retry(), field.name)) for field in RETRY}
DEFAULTS: Mapping[Path, Any] = {
    **{("retry", name): value for name, value in _TRIES.items()},
    **{("compensate", "retry", name): value for name, value in _TRIES.items()},
    ("compensate", "retry", "attempts"): Compensate().retry.attempts,
}


@dataclass(frozen=True, slots=True)
class Change:
    """One line of “changes since v14”. ``text`` says it whole; the rest is for marking it up."""

    sign: str  # + - ~
    step: str  # its key; empty for the document's header
    text: str
    name: str = ""  # of the step
    what: str = ""
    was: str = ""
    now: str = ""
    leads: bool = False  # whether it says where something leads


def describe_changes(before: Graph, after: Graph) -> tuple[Change, ...]:
    """Every difference, the header's first, then by step in the order of ``after``."""
    return tuple(_all(before, after))


def _all(before: Graph, after: Graph) -> Iterator[Change]:
    names = {step.key: step.name for graph in (before, after) for step in graph.steps.values()}
    yield from _fields("", "", encode_header(before), encode_header(after), names)
    for step in after.steps.values():
        old = before.steps.get(step.key)
        if old is None:
            yield Change("+", step.key, f"{step.name} step", name=step.name)
        elif old is not step:
            yield from _changed(old, step, names)
    for step in before.steps.values():
        if step.key not in after.steps:
            yield Change("-", step.key, f"{step.name} step", name=step.name)
    yield from _moved(before, after)


def _changed(old: AnyStep, new: AnyStep, names: Mapping[str, str]) -> Iterator[Change]:
    if old.kind != new.kind:
        yield _change(new.key, new.name, "kind", old.kind, new.kind)
        return
    if old.scope != new.scope:
        yield _change(new.key, new.name, "branch", old.scope or "top", new.scope or "top")
    changes = tuple(_fields(new.key, new.name, encode_step(old), encode_step(new), names))
    yield from changes
    if not changes and json.dumps(encode_step(old)) != json.dumps(encode_step(new)):
        yield Change("~", new.key, "its parts in another order", new.name)


def _moved(before: Graph, after: Graph) -> Iterator[Change]:
    common = before.steps.keys() & after.steps.keys()
    scopes = dict.fromkeys(step.scope for step in after.steps.values())
    for scope in scopes:
        old = [step.key for step in before.within(scope) if step.key in common]
        new = [step.key for step in after.within(scope) if step.key in common]
        if old != new and set(old) == set(new):
            first = next(key for key, was in zip(new, old, strict=True) if key != was)
            yield Change("~", first, "moved in the outline", name=after.steps[first].name)


def _fields(key: str, name: str, old: Any, new: Any, names: Mapping[str, str]) -> Iterator[Change]:
    was, now = dict(leaves((), _whole(old, new))), dict(leaves((), _whole(new, old)))
    for path in {**was, **now}:
        before, after = was.get(path, _default(path, old)), now.get(path, _default(path, new))
        if before != after or type(before) is not type(after):
            said = (_said(path, value, names) for value in (before, after))
            yield _change(key, name, _called(path), *said, leads=path[-1] in LEADS)


def _change(key: str, name: str, what: str, was: str, now: str, *, leads: bool = False) -> Change:
    text = f"{what} {was} to {now}" if was and now else f"{what} {now or was}"
    if not now:
        text += " removed"
    return Change("~", key, text, name, what, was, now, leads)


def leaves(path: Path, value: Any) -> Iterator[tuple[Path, Any]]:
    """The values at the ends of a document; a list of plain values is one."""
    if isinstance(value, dict) and value:
        for name, item in value.items():
            yield from leaves((*path, name), item)
    elif isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
        for index, item in enumerate(value):
            yield from leaves((*path, index), item)
    else:
        yield path, value


def _whole(document: Mapping[str, Any], other: Mapping[str, Any]) -> Mapping[str, Any]:
    """``document`` with an undo that the other has not said in one word: by which step type."""
    undo = document.get("compensate")
    if not isinstance(undo, Mapping) or "compensate" in other:
        return document
    return {**document, "compensate": undo.get("does", "")}


def _default(path: Path, document: Mapping[str, Any]) -> Any:
    # A retry left out still has its tries; a compensation left out has none.
    return DEFAULTS.get(path) if path[0] in document or path[0] == "retry" else None


def _called(path: Path) -> str:
    words = (
        str(part + 1) if isinstance(part, int) else WORDS.get(part, part.replace("_", " ")) for part in path
    )
    return " ".join(word for word in words if word)


def _said(path: Path, value: Any, names: Mapping[str, str]) -> str:
    if value is None:
        return ""
    if path[-1] in LEADS and isinstance(value, str):
        return names.get(value, value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        text = ", ".join(map(str, value)) or "none"
    else:
        text = str(value) if value not in ({}, "") else "empty"
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
