"""Paths into JSON values, as people read them: ``order.items[0].sku``."""

import re
from collections.abc import Iterable

Path = tuple[str | int, ...]
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def dotted(path: Iterable[str | int]) -> str:
    """The path as text; empty for the value itself."""
    text = ""
    for part in path:
        if isinstance(part, str) and _PLAIN.fullmatch(part):
            text += f".{part}" if text else part
        else:
            text += f"[{part}]" if isinstance(part, int) else f'["{part}"]'
    return text
