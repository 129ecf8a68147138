"""Retry and Catch, as policies and back."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from designer.graph import Catch, Retry

LONGEST = timedelta(days=366)  # what a duration of ours can be
MOST_TRIES = 1_000
ATTEMPTS, INTERVAL, RATE = 3, 1, 2.0  # what a retrier means that does not say it


def read_retry(written: Any) -> Retry:
    """The rules of a Retry; one try alone where there are none."""
    rules = [_read_rule(entry) for entry in written or ()]
    return replace(rules[0], others=tuple(rules[1:])) if rules else Retry()


def _read_rule(entry: Mapping[str, Any]) -> Retry:
    return Retry(
        attempts=min(entry.get("MaxAttempts", ATTEMPTS) + 1, MOST_TRIES),
        wait=seconds(entry.get("IntervalSeconds", INTERVAL)),
        factor=float(entry.get("BackoffRate", RATE)),
        longest=seconds(entry["MaxDelaySeconds"]) if "MaxDelaySeconds" in entry else LONGEST,
        jitter=entry.get("JitterStrategy") == "FULL",
        on=tuple(entry["ErrorEquals"]),
    )


def write_retry(retry: Retry) -> list[dict[str, Any]]:
    """The retriers that mean the rules; none where there is one try alone that says nothing of errors."""
    return [_write_rule(rule) for rule in retry.rules if rule.attempts > 1 or rule.on]


def _write_rule(rule: Retry) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "ErrorEquals": error_names(rule.on),
        "IntervalSeconds": max(1, whole_seconds(rule.wait)),
        "MaxAttempts": rule.attempts - 1,
        "BackoffRate": int(rule.factor) if rule.factor.is_integer() else rule.factor,
    }
    if rule.longest < LONGEST:
        entry["MaxDelaySeconds"] = max(1, whole_seconds(rule.longest))
    if rule.jitter:
        entry["JitterStrategy"] = "FULL"
    return entry


def error_names(names: Iterable[str]) -> list[str]:
    """The names of errors, with the language's own for all of them."""
    found = ["States.ALL" if name == "*" else name for name in names]
    return ["States.ALL"] if "States.ALL" in found or not found else found


def read_catch(written: Any, keys: Mapping[str, str]) -> tuple[Catch, ...]:
    """``keys``: by the name of a state, the step that stands for it."""
    return tuple(Catch(on=tuple(entry["ErrorEquals"]), next=keys[entry["Next"]]) for entry in written or ())


def seconds(number: float) -> timedelta:
    return min(timedelta(seconds=min(number, 10**9)), LONGEST)


def whole_seconds(duration: timedelta) -> int:
    return -(-duration // timedelta(seconds=1))
