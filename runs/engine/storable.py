"""What can be kept: JSON without what no database stores."""

import json
from collections.abc import Mapping
from typing import Any


def storage_flaw(value: Any, *, largest: int) -> str | None:
    """Why ``value`` cannot be kept as JSON of at most ``largest`` bytes, to be read after its name."""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
        size = len(text.encode())
    except UnicodeEncodeError:
        return "holds half a character, which no database stores"
    except ValueError:
        return "holds a number that JSON does not have, such as NaN or infinity"
    except RecursionError:
        return "is nested too deeply"
    except TypeError as error:
        return f"is not JSON: {error}"
    if size > largest:
        return f"has {size:,} bytes as JSON, and the limit is {largest:,}"
    if "\\u0000" in text and _holds_nul(value):
        return "holds a NUL character, which no database stores"
    return None


def _holds_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, Mapping):
        return any("\0" in name or _holds_nul(inner) for name, inner in value.items())
    return isinstance(value, list | tuple) and any(_holds_nul(inner) for inner in value)
