"""Semantic versions and the ranges a workflow may ask for.

A range is written as people write it in a package file: `^2.1` (same major), `~2.1` (same minor), `2` or
`2.1` (anything that starts so), `2.1.0` (exactly this one), or nothing at all (any). Versions are three plain
numbers.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)", re.ASCII)
RANGE = re.compile(r"([\^~]?)(0|[1-9]\d*)(?:\.(0|[1-9]\d*))?(?:\.(0|[1-9]\d*))?", re.ASCII)


class Semver(NamedTuple):
    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"


class Range(NamedTuple):
    """All versions from `lowest` up to, and without, `bound`; no bound means every later version."""

    lowest: Semver
    bound: Semver | None

    def __contains__(self, version: object) -> bool:
        if not isinstance(version, Semver):
            return False
        return self.lowest <= version and (self.bound is None or version < self.bound)


def parse_version(text: str) -> Semver:
    match = VERSION.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise ValueError(f"{text!r} is not a semantic version; write three numbers such as 1.2.0.")
    return Semver(*map(int, match.groups()))


@lru_cache(maxsize=1_024)
def parse_range(text: str) -> Range:
    if text == "":
        return Range(Semver(0, 0, 0), None)
    match = RANGE.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a version range; write ^1, ~1.2, 1, 1.2 or 1.2.0.")
    sign, *parts = match.groups()
    given = [int(part) for part in parts if part is not None]
    lowest = Semver(*(given + [0, 0, 0])[:3])
    return Range(lowest, BOUNDS[sign](lowest, len(given)))


def _within_same_leading_part(lowest: Semver, given: int) -> Semver:
    """`^`: nothing to the right of the first number that is not zero may break us."""
    if lowest.major or given == 1:
        return Semver(lowest.major + 1, 0, 0)
    if lowest.minor or given == 2:
        return Semver(0, lowest.minor + 1, 0)
    return Semver(0, 0, lowest.patch + 1)


def _within_same_minor(lowest: Semver, given: int) -> Semver:
    return Semver(lowest.major + 1, 0, 0) if given == 1 else Semver(lowest.major, lowest.minor + 1, 0)


def _starting_so(lowest: Semver, given: int) -> Semver:
    return Semver(*lowest[:2], lowest.patch + 1) if given == 3 else _within_same_minor(lowest, given)


BOUNDS: dict[str, Callable[[Semver, int], Semver]] = {
    "^": _within_same_leading_part,
    "~": _within_same_minor,
    "": _starting_so,
}
