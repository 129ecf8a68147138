"""Chance without dice: a hash of a seed, so that the same question asked again has the same answer."""

import hashlib
import uuid

_BITS = 53  # what a decimal number of JSON holds exactly


def fraction(seed: str) -> float:
    """At least 0, less than 1."""
    return float((_number(seed) >> (256 - _BITS)) / (1 << _BITS))


def whole(seed: str, first: int, end: int) -> int:
    """At least ``first``, less than ``end``."""
    return first + _number(seed) % (end - first)


def identifier(seed: str) -> str:
    """A UUID."""
    return str(uuid.UUID(int=_number(seed) >> 128, version=4))


def _number(seed: str) -> int:
    return int.from_bytes(hashlib.sha256(seed.encode("utf-8", "surrogatepass")).digest(), "big")
