"""The ways out of a step as a drawing shows them: by the names edits give them, with the words beside the line."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from designer.graph.edits import connections
from designer.graph.model import AnyStep, Choice, Graph, Review
from designer.graph.policies import ANY_ERROR

_READ = re.compile(r"\b(?:steps\.\w+\.output|input|vars)\.(?=\w)")
_SIGNS = ((">=", "≥"), ("<=", "≤"), ("!=", "≠"), ("==", "="), ("&&", "and"), ("||", "or"))


@dataclass(frozen=True, slots=True)
class Led:
    """An exit and the step of the same scope that it leads to."""

    exit: str
    target: str
    label: str = ""
    caught: bool = False


def exits_of(graph: Graph, step: AnyStep) -> tuple[Led, ...]:
    """Where ``step`` leads within its scope, one for each target. Usual ways come before caught errors."""
    found: dict[tuple[str, bool], Led] = {}
    for led in _exits(step):
        target = graph.steps.get(led.target)
        if target is None or target.scope != step.scope:
            continue
        known = found.get((led.target, led.caught))
        found[led.target, led.caught] = _joined(known, led) if known else led
    return tuple(found.values())


def _exits(step: AnyStep) -> Iterator[Led]:
    for one in connections(step):
        part, _, _which = one.exit.partition(".")
        if part not in ("branches", "start"):
            yield Led(one.exit, one.target, _label(step, part, one.label), part == "catch")


def _joined(known: Led, other: Led) -> Led:
    label = " / ".join(word for word in (known.label, other.label) if word)
    return Led(known.exit, known.target, label, known.caught)


def _label(step: AnyStep, part: str, said: str) -> str:
    if part == "catch":
        return "any error" if ANY_ERROR in said.split(", ") else said
    if part == "options":
        return condition(said)
    return said if isinstance(step, Choice | Review) else ""


def condition(text: str) -> str:
    """“score ≥ 70” of ``${ steps.risk.output.score >= 70 }``; words that people wrote stay as they are."""
    if "${" not in text:
        return text
    text = _READ.sub("", text.strip().removeprefix("${").removesuffix("}").strip())
    for sign, word in _SIGNS:
        text = text.replace(sign, word)
    return text
