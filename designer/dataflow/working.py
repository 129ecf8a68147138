"""What the engine asks a flow, whichever language it is written in."""

from collections.abc import Callable, Sequence
from typing import Any

from . import by_expression, by_path
from .flow import RUNTIME, DataFlow, FlowError, HandedOn, Language, Seen

_OWN: Any = object()


def _by(flow: DataFlow) -> Any:
    return by_expression if flow.language is Language.JSONATA else by_path


def _shielded[**P, R](ask: Callable[P, R]) -> Callable[P, R]:
    """Data that is nested without end is a failure of the flow, like any other."""

    def shielded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return ask(*args, **kwargs)
        except RecursionError:
            raise FlowError(RUNTIME, "The data is nested too deeply.") from None

    return shielded


def reads(flow: DataFlow, conditions: Sequence[str] = ()) -> frozenset[str]:
    """The names of the variables that the flow, and these conditions of its options, may look at.

    There may be names among them that are no variables: functions, and what an expression defines for itself.
    """
    return frozenset(_by(flow).reads(flow, conditions))


@_shielded
def given(flow: DataFlow, seen: Seen) -> Any:
    """What a step is given: a payload, or what the branches of a Parallel begin with.

    Raises FlowError, as do all below.
    """
    return _by(flow).given(flow, seen)


@_shielded
def handed_on(flow: DataFlow, seen: Seen, result: Any = _OWN) -> HandedOn:
    """What the next step reads, and what is assigned. Pass, Wait, Succeed and Choice have no result of a work."""
    own = _by(flow).own_result
    found: HandedOn = _by(flow).handed_on(flow, seen, own(flow, seen) if _is_own(flow, result) else result)
    return found


def _is_own(flow: DataFlow, result: Any) -> bool:
    return result is _OWN or "Result" in flow.fields


@_shielded
def caught(flow: DataFlow, index: int, seen: Seen, error: str, cause: str) -> HandedOn:
    """What the step that the catcher of this number leads to reads."""
    found: HandedOn = _by(flow).caught(flow, index, seen, {"Error": error, "Cause": cause})
    return found


@_shielded
def chosen(flow: DataFlow, conditions: Sequence[str], seen: Seen) -> tuple[int | None, HandedOn]:
    """The number of the first option that holds, None for the default; and what is handed on there."""
    found: tuple[int | None, HandedOn] = _by(flow).chosen(flow, conditions, seen)
    return found


@_shielded
def items(flow: DataFlow, seen: Seen) -> list[Any]:
    """What the scope of each item begins with."""
    found: list[Any] = _by(flow).items(flow, seen)
    return found


def selects(flow: DataFlow) -> bool:
    """Whether an item begins with something else than stood in the list, one for one."""
    return bool({"ItemSelector", "Parameters"} & flow.fields.keys()) and "ItemBatcher" not in flow.fields


@_shielded
def listed(flow: DataFlow, seen: Seen) -> list[Any]:
    """The items as they stand in the list of a map."""
    found: list[Any] = _by(flow).listed(flow, seen)
    return found


@_shielded
def value(flow: DataFlow, name: str, seen: Seen) -> Any | None:
    """The value of one setting, written as it is, as a path or as an expression: `Seconds`, `Error`, ..."""
    return _by(flow).value(flow, name, seen)
