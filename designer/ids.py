"""Ids that sort by the time they were made."""

import secrets
import time
import uuid

NANOSECONDS = 1_000_000  # in a millisecond


def uuid7() -> uuid.UUID:
    """A version 7 UUID (RFC 9562, 5.7): 48 bits of milliseconds, 12 of their fraction (6.2, method 3), 62 random."""
    milliseconds, rest = divmod(time.time_ns(), NANOSECONDS)
    fraction = rest * 4096 // NANOSECONDS
    return uuid.UUID(int=milliseconds << 80 | 0x7 << 76 | fraction << 64 | 0x2 << 62 | secrets.randbits(62))
