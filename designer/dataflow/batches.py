"""Items that are handed on in batches."""

from collections.abc import Callable, Mapping
from typing import Any

from .filters import is_number
from .flow import RUNTIME, FlowError
from .functions import json_to_string

type Read = Callable[[Mapping[str, Any], str], Any]


def batched(items: list[Any], batcher: Any, read: Read, extra: Any) -> list[Any]:
    """The items in groups: no more of them, and no more bytes of them, than the batcher says.

    Raises FlowError.
    """
    if not isinstance(batcher, Mapping):
        raise FlowError(RUNTIME, "ItemBatcher should say MaxItemsPerBatch or MaxInputBytesPerBatch.")
    most, most_bytes = (
        _limit(read(batcher, name), name) for name in ("MaxItemsPerBatch", "MaxInputBytesPerBatch")
    )
    shared = {} if extra is None else {"BatchInput": extra}
    return [{**shared, "Items": group} for group in _groups(items, most, most_bytes)]


def _limit(value: Any, name: str) -> float:
    if value is None:
        return float("inf")
    if not is_number(value) or value < 1:
        raise FlowError(RUNTIME, f"ItemBatcher.{name} should be a number above 0, and is {value!r:.100}.")
    return float(value)


def _groups(items: list[Any], most: float, most_bytes: float) -> list[list[Any]]:
    groups: list[list[Any]] = []
    size = 0
    for item in items:
        weight = len(json_to_string(item)) if most_bytes != float("inf") else 0
        if not groups or len(groups[-1]) >= most or size + weight > most_bytes:
            groups.append([])
            size = 0
        groups[-1].append(item)
        size += weight
    return groups
