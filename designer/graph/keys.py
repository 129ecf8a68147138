"""Keys: how workflows, steps, branches and variables are named.

A key is written into expressions (``steps.charge.output``), so it has to be a name there too.
"""

import re
from collections.abc import Container

LONGEST = 64
PATTERN = r"[a-z][a-z0-9_]*"
_KEY = re.compile(PATTERN)
_NOT_KEY = re.compile(r"[^a-z0-9]+")
_ONE_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
CEL_WORDS = frozenset((
    "as", "break", "const", "continue", "else", "false", "for", "function", "if", "import", "in", "let", "loop",
    "namespace", "null", "package", "return", "true", "var", "void", "while",
))  # fmt: skip


def key_flaw(key: str) -> str | None:
    """Why ``key`` cannot be a key, as a sentence; None where it can."""
    if not _KEY.fullmatch(key):
        return (
            f"“{key[:LONGEST]}” cannot be a key. Use small letters, digits and underscores, a letter first,"
            f" such as {suggest_key(key)}."
        )
    if len(key) > LONGEST:
        return f"“{key[:20]}…” is too long for a key: {len(key)} characters, at most {LONGEST}."
    if key in CEL_WORDS:
        return f"“{key}” is a word of the expression language and cannot be a key. Try {key}_step."
    return None


def spoken(key: str) -> str:
    """The words of a key: ``charge_card`` gives “Charge card”."""
    return key.replace("_", " ").capitalize()


def words_of(name: str) -> str:
    """A name that programs use, in words: ``SendingSMSFailure`` gives “Sending SMS failure”. Any other stays."""
    if not _ONE_WORD.fullmatch(name) or len(humps := _HUMP.split(name)) == 1:
        return name
    first, *rest = humps
    words = [word if word.isupper() and len(word) > 1 else word.lower() for word in rest]
    return " ".join([first[0].upper() + first[1:], *words])


def suggest_key(title: str, taken: Container[str] = ()) -> str:
    """A free key that reads like ``title``: “Charge card” gives ``charge_card``, then ``charge_card_2``."""
    stem = _NOT_KEY.sub("_", title.lower().strip()).strip("_")[: LONGEST - 10].strip("_")
    if not stem or not stem[0].isalpha() or stem in CEL_WORDS:
        stem = f"step_{stem}".strip("_")
    key, number = stem, 1
    while key in taken:
        number += 1
        key = f"{stem}_{number}"
    return key
