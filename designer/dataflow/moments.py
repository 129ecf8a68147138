"""Moments as ASL writes them: ISO 8601 in its extended form, with an offset."""

import re
from datetime import datetime

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)")


def find_moment(text: object) -> datetime | None:
    """The moment that ``text`` names, or None where it names none."""
    if not isinstance(text, str) or not _MOMENT.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
