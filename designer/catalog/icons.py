"""What a step type may look like in drawings and lists: the names of symbols that the site has."""

from typing import Final

ICONS: Final = frozenset(
    {
        *("bell", "box", "braces", "card", "check", "clock", "cloud", "database", "document", "gauge"),
        *("globe", "hash", "key", "mail", "person", "table", "truck"),
    }
)
