"""Where steps lead, by the names of their exits, and the names of steps inside expressions.

An exit is named as the editor's forms name it: ``next``, ``otherwise``, ``options.0``, ``outcomes.approve``,
``catch.0``, and ``branches.stock`` for the step a branch starts with.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from designer.graph.codec import decode_step, encode_step
from designer.graph.model import (
    ROOT,
    Action,
    AnyStep,
    Choice,
    Emit,
    Fail,
    Graph,
    Loop,
    Map,
    NoSuchStep,
    Opener,
    Parallel,
    Review,
    RunWorkflow,
    SetVariables,
    Succeed,
    Wait,
)

EXITS: Mapping[type[AnyStep], tuple[str, ...]] = {
    Action: ("next", "catch"),
    Choice: ("options", "otherwise", "catch"),
    Parallel: ("branches", "next", "catch"),
    Map: ("start", "next", "catch"),
    Loop: ("start", "next", "catch"),
    Review: ("outcomes", "catch"),
    Wait: ("first", "next", "catch"),
    Emit: ("next", "catch"),
    RunWorkflow: ("next", "catch"),
    SetVariables: ("next", "catch"),
    Succeed: (),
    Fail: (),
}
EXPRESSIONS = (
    *("with", "assign", "choose", "show", "edit", "for", "until", "output", "message", "compensate"),
    *("only_while", "lock", "branches", "items", "while", "times", "signal", "first", "key", "data"),
)
CONDITIONS = ("only_while", "while", "until")  # which may be written bare, as those of options and branches
_TOKEN = re.compile(
    r"(?P<brace>[{}])"
    r"|(?P<text>[rRbB]{0,2}(?:\"\"\".*?\"\"\"|'''.*?'''|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'))"
    r"|(?P<path>(?<![\w.])[a-z]\w*(?:\s*(?:\.\s*[A-Za-z_]\w*|\[\s*(?:\"[^\"\\]*\"|'[^'\\]*')\s*\]))+)"
    r"|\w+|.",
    re.DOTALL,
)
_PART = re.compile(r"(?P<plain>\w+)|\[\s*(?P<quote>[\"'])(?P<text>[^\"']*)(?P=quote)\s*\]")


@dataclass(frozen=True, slots=True)
class Connection:
    """A named exit of a step, and where it leads; empty where nowhere yet."""

    exit: str
    label: str
    target: str


def connections(step: AnyStep) -> tuple[Connection, ...]:
    """Every exit of ``step``, connected or not."""
    return tuple(one for part in EXITS[type(step)] for one in _CONNECTIONS.get(part, _single)(step, part))


def connected(step: AnyStep, exit: str, target: str) -> AnyStep:
    """``step`` with one exit leading to ``target``; an empty target disconnects it."""
    part, _, which = exit.partition(".")
    if isinstance(step, Opener) and part in ("branches", "start"):
        return step.beginning(which, target)
    if part in ("next", "otherwise"):
        led: dict[str, Any] = {part: target or None}
        return replace(step, **led)
    parts: dict[str, Any] = {
        part: tuple(
            replace(item, next=target) if _identity(item, index) == which else item
            for index, item in enumerate(getattr(step, part))
        )
    }
    return replace(step, **parts)


def redirected(step: AnyStep, old: str, new: str) -> AnyStep:
    """``step`` with every exit that led to ``old`` leading to ``new``."""
    for connection in connections(step):
        if connection.target == old:
            step = connected(step, connection.exit, new)
    return step


def leads_on(step: AnyStep) -> str:
    """Where the usual way out of ``step`` leads: what takes its place when it goes."""
    usual = [
        one
        for one in connections(step)
        if one.exit.partition(".")[0] in ("next", "otherwise", "outcomes", "first")
    ]
    return next((one.target for one in usual if one.target), "")


def free_exit(step: AnyStep) -> str | None:
    """The exit by which a step put after this one is reached: the usual one, or one that leads nowhere yet."""
    if "next" in EXITS[type(step)]:
        return "next"
    return next((one.exit for one in connections(step) if not one.target and one.exit[:5] != "catch"), None)


def scope_behind(step: AnyStep, exit: str) -> str:
    """The scope in which an exit of ``step`` leads."""
    part, _, branch = exit.partition(".")
    if isinstance(step, Opener) and part in ("branches", "start"):
        return step.scope_of(branch or step.bodies[0].name)
    return step.scope


def inside(graph: Graph, scope: str) -> set[str]:
    """The keys of all steps in ``scope``, however deep."""
    return {step.key for step in graph.steps.values() if scope in scopes_around(graph, step.scope)}


def scopes_around(graph: Graph, scope: str) -> tuple[str, ...]:
    """``scope`` and the scopes around it, without the workflow's own. Raises NoSuchStep."""
    around = tuple(one for one in graph.enclosing(scope) if one != ROOT)
    for one in around:
        opener, name = graph.opener(one)
        if name not in {body.name for body in opener.bodies}:
            raise NoSuchStep(one)
    return around


def renamed_in_step(step: AnyStep, path: tuple[str, ...], name: str) -> AnyStep:
    """``step`` with the last part of ``path`` called ``name`` wherever one of its expressions reads that path."""
    document = encode_step(step)
    again = {
        part: _renamed(held, path, name) if part in EXPRESSIONS else held for part, held in document.items()
    }
    _rename_bare(again, CONDITIONS, path, name)
    for held in (*again.get("choose", ()), *again.get("branches", {}).values()):
        _rename_bare(held, ("when",), path, name)
    return decode_step(step.key, again, step.scope) if again != document else step


def _rename_bare(held: dict[str, Any], parts: Iterable[str], path: tuple[str, ...], name: str) -> None:
    """Conditions that are written without ``${ }``."""
    for part in parts:
        if "${" not in held.get(part, "${"):
            held[part], _ = _renamed_expression(held[part], 0, path, name)


def _renamed(value: Any, path: tuple[str, ...], name: str) -> Any:
    if isinstance(value, str):
        return _renamed_text(value, path, name) if "${" in value else value
    if isinstance(value, Mapping):
        return {key: _renamed(item, path, name) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_renamed(item, path, name) for item in value]
    return value


def _renamed_text(text: str, path: tuple[str, ...], name: str) -> str:
    written, done = "", 0
    while (start := text.find("${", done)) >= 0:
        written += text[done : start + 2]
        escaped = start > done and text[start - 1] == "$"
        done = start + 2
        if not escaped:
            expression, done = _renamed_expression(text, done, path, name)
            written += expression
    return written + text[done:]


def _renamed_expression(text: str, start: int, path: tuple[str, ...], name: str) -> tuple[str, int]:
    """The expression that starts there, rewritten token by token so that texts in it stay; and where it ends."""
    written, depth = "", 1
    for token in _TOKEN.finditer(text, start):
        depth += {"{": 1, "}": -1}.get(token[0], 0)
        if not depth:
            return written, token.start()
        written += _renamed_path(token[0], path, name) if token["path"] else token[0]
    return written, len(text)


def _renamed_path(read: str, path: tuple[str, ...], name: str) -> str:
    parts = [(part, "plain" if part["quote"] is None else "text") for part in _PART.finditer(read)]
    if tuple(part[group] for part, group in parts[: len(path)]) != path:
        return read
    last, group = parts[len(path) - 1]
    return read[: last.start(group)] + name + read[last.end(group) :]


def _identity(item: Any, index: int) -> str:
    return getattr(item, "name", str(index))


def _single(step: Any, part: str) -> Iterator[Connection]:
    yield Connection(part, part, getattr(step, part) or "")


def _options(step: Any, part: str) -> Iterator[Connection]:
    for index, option in enumerate(step.options):
        yield Connection(f"{part}.{index}", option.label or option.when, option.next)


def _outcomes(step: Any, part: str) -> Iterator[Connection]:
    for outcome in step.outcomes:
        yield Connection(f"{part}.{outcome.name}", outcome.title or outcome.name, outcome.next)


def _branches(step: Any, part: str) -> Iterator[Connection]:
    for branch in step.branches:
        yield Connection(f"{part}.{branch.name}", branch.title or branch.name, branch.start)


def _arrivals(step: Any, part: str) -> Iterator[Connection]:
    for arrival in step.first:
        yield Connection(f"{part}.{arrival.name}", arrival.title or arrival.name, arrival.next)


def _catches(step: Any, part: str) -> Iterator[Connection]:
    for index, catch in enumerate(step.catch):
        yield Connection(f"{part}.{index}", ", ".join(catch.on), catch.next)


_CONNECTIONS: Mapping[str, Callable[[Any, str], Iterator[Connection]]] = {
    "options": _options,
    "outcomes": _outcomes,
    "branches": _branches,
    "first": _arrivals,
    "catch": _catches,
}
