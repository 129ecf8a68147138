"""Documents as text: JSON and YAML in and out.

The law of this room: a text is data and nothing more. No aliases that expand, no tags that build, no words that
turn into something else (``no``, ``12:30:45`` and dates stay text), no nesting deeper than Python recurses, no
duplicate names of which one wins silently. What is refused is refused with a sentence, a line and a column.
"""

from typing import Any

from designer.graph.limits import MOST_BYTES

from .json_reader import read_json
from .places import ahead, refusal
from .writers import write_json, write_yaml
from .yaml_reader import read_yaml

__all__ = ["read_document", "read_value", "write_json", "write_yaml"]


def read_document(text: str) -> dict[str, Any]:
    """The object a JSON or YAML text describes. Raises DocumentError."""
    value = read_value(text)
    if not isinstance(value, dict):
        raise refusal("A document is an object of names and values; it begins with “choreo: 1”.", text, 0)
    return value


def read_value(text: str) -> Any:
    """The value that a JSON or YAML text describes, whatever it is. Raises DocumentError.

    A text that opens with ``{"`` is JSON; any other is YAML.
    """
    if len(text) > MOST_BYTES or len(text.encode(errors="surrogatepass")) > MOST_BYTES:
        raise refusal(f"The document is larger than {MOST_BYTES // 1024} KiB.", text, 0)
    ahead(text)
    bare = text.removeprefix("\ufeff")
    return read_json(bare) if _is_json(bare) else read_yaml(bare)


def _is_json(text: str) -> bool:
    start = text.lstrip()
    return start.startswith("{") and start[1:].lstrip()[:1] in ('"', "}")
