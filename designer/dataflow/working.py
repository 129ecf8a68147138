"""What the engine asks a flow."""

from collections.abc import Sequence
from typing import Any

from .flow import DataFlow, Flaw, FlowError, HandedOn, Seen


def reads(flow: DataFlow, conditions: Sequence[str] = ()) -> frozenset[str]:
    """The names of the variables that the flow, and these conditions of its options, look at."""
    return frozenset()


def given(flow: DataFlow, seen: Seen) -> Any:
    """What a step is given: a payload, or what the branches of a Parallel begin with.

    Raises FlowError, as do all below.
    """
    return seen.input


def handed_on(flow: DataFlow, seen: Seen, result: Any) -> HandedOn:
    """What the next step reads, and what is assigned, once the step has its result."""
    return HandedOn(output=result)


def caught(flow: DataFlow, index: int, seen: Seen, error: str, cause: str) -> HandedOn:
    """What the step that the catcher of this number leads to reads."""
    return HandedOn(output={"Error": error, "Cause": cause})


def chosen(flow: DataFlow, conditions: Sequence[str], seen: Seen) -> tuple[int | None, HandedOn]:
    """The number of the first option that holds, None for the default; and what is handed on there."""
    raise FlowError("States.NoChoiceMatched", "No option holds.")


def items(flow: DataFlow, seen: Seen) -> list[Any]:
    """What the scope of each item begins with."""
    return list(seen.input)


def value(flow: DataFlow, name: str, seen: Seen) -> Any | None:
    """The value of one setting, written as it is, as a path or as an expression: `Seconds`, `Error`, ..."""
    return flow.fields.get(name)


def said(rule: str) -> str:
    """A condition as people read it: ``$.total > 100 and $.vip is true``."""
    return rule


def flaws(flow: DataFlow, kind: str) -> tuple[Flaw, ...]:
    """What is wrong with the flow of a state of this kind (`Task`, `Pass`, `Map`, ...) as it is written."""
    return ()
