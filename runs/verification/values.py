"""Of values: what is stored once and referred to is there, and no value is over the limit."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings

from .account import Account


def what_is_referred_to_is_stored(account: Account) -> Iterable[str]:
    for where, envelope in account.beside.envelopes:
        missing = [key for key in references(envelope) if key not in account.beside.stored]
        if missing:
            yield f"{where} refers to the stored values {missing}, which are not there."


def stored_values_are_whole(account: Account) -> Iterable[str]:
    for key, (said, size) in account.beside.stored.items():
        if said != size:
            yield f"the stored value {key} has {size:,} bytes, and its row says {said:,}."
        elif size > settings.CHOREO_VALUE_LIMIT:
            yield f"the stored value {key} has {size:,} bytes; the limit is {settings.CHOREO_VALUE_LIMIT:,}."


def references(envelope: Any) -> Iterator[int]:
    """The stored values that an envelope names."""
    if not isinstance(envelope, dict):
        return
    if "stored" in envelope:
        yield envelope["stored"]
    for part in envelope.get("parts", {}).values():
        yield from references(part)
