"""Where in a text something is wrong."""

import re

from designer.graph.codec import DocumentError, Flaw

_UNFIT = re.compile("[\0\ud800-\udfff]")


def refusal(message: str, text: str, offset: int) -> DocumentError:
    """The error to raise for what is wrong at ``offset``."""
    line = text.count("\n", 0, offset) + 1
    return refusal_at(message, line, offset - text.rfind("\n", 0, offset))


def refusal_at(message: str, line: int, column: int) -> DocumentError:
    return DocumentError((Flaw("", message, line, column),))


def ahead(text: str) -> None:
    """Refuse, before anything is read, the characters that no store takes. Raises DocumentError."""
    unfit = _UNFIT.search(text)
    if unfit:
        raise refusal(f"The text holds U+{ord(unfit[0]):04X}, which is no character.", text, unfit.start())
