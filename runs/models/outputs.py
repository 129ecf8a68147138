"""Outputs that are made of other step runs' outputs: those of parallels and maps."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .item import ItemStatus
from .run import Run
from .values import Envelope

type Parts = Mapping[str, Envelope | None] | Sequence[Envelope | None]


def made_of(run: Run, envelope: Envelope) -> Parts | None:
    """The envelopes that this one stands for: by branch, or in the order of the items. None where it is a value.

    It takes two statements at most, however many they are.
    """
    if "gathered" in envelope:
        numbers = envelope["gathered"]
        known = [no for no in numbers.values() if no]
        found = dict(run.step_runs.filter(no__in=known).values_list("no", "output"))
        return {name: found.get(no) for name, no in numbers.items()}
    return outputs_of_items(run, envelope["collected"]) if "collected" in envelope else None


def each_part(parts: Parts, told: Callable[[Envelope | None], Any]) -> Any:
    """The parts as people or programs are told them."""
    if isinstance(parts, Mapping):
        return {name: told(part) for name, part in parts.items()}
    return [told(part) for part in parts]


def outputs_of_items(run: Run, no: int) -> list[Envelope | None]:
    """In the order of the items; None for those that have none."""
    items = run.items.filter(no=no).order_by("index")
    ended = items.filter(status=ItemStatus.SUCCEEDED).exclude(last=None)
    outputs = dict(run.step_runs.filter(no__in=ended.order_by().values("last")).values_list("no", "output"))
    lasts = dict(ended.values_list("index", "last"))
    return [outputs.get(lasts.get(index) or 0) for index in items.values_list("index", flat=True)]
