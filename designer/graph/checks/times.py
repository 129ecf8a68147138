"""Timeouts, deadlines and waits."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from designer.graph.durations import BadDuration, format_duration, parse_duration
from designer.graph.edits.operations import ReplaceStep
from designer.graph.model import Action, Wait

from .problem import Fix, Found
from .view import View

USUAL_TIMEOUT = timedelta(seconds=30)
EXAMPLE = "2026-01-31T12:00:00Z"


def timeout_missing(view: View) -> Iterator[Found]:
    for step in _actions(view):
        if step.timeout is None:
            usual = min(USUAL_TIMEOUT, step.deadline or USUAL_TIMEOUT)
            message = (
                f"“{step.name}” has no timeout, so an attempt that hangs holds it up for as long as it likes."
            )
            fix = Fix(f"Set it to {format_duration(usual)}", ReplaceStep(replace(step, timeout=usual)))
            yield Found(message, step.key, "timeout", fix)


def timeout_beyond_deadline(view: View) -> Iterator[Found]:
    for step in _actions(view):
        if step.timeout and step.deadline and step.timeout > step.deadline:
            one, all_ = format_duration(step.timeout), format_duration(step.deadline)
            message = f"One attempt of “{step.name}” may take {one}, but all together must be done in {all_}."
            fix = Fix(f"Shorten the timeout to {all_}", ReplaceStep(replace(step, timeout=step.deadline)))
            yield Found(message, step.key, "timeout", fix)


def wait_unclear(view: View) -> Iterator[Found]:
    for step in _waits(view):
        if step.duration and step.until:
            message = f"“{step.name}” is to wait for a while and until a moment. Keep one of the two."
            fix = Fix("Keep the duration", ReplaceStep(replace(step, until="")))
            yield Found(message, step.key, "until", fix)
        elif not step.duration and not step.until:
            message = (
                f"“{step.name}” does not say how long it waits. Write a duration such as 30m, or a moment."
            )
            fix = Fix("Wait for a minute", ReplaceStep(replace(step, duration="1m")))
            yield Found(message, step.key, "duration", fix)


def unreadable_time(view: View) -> Iterator[Found]:
    for step in _waits(view):
        if step.duration and "${" not in step.duration:
            try:
                parse_duration(step.duration)
            except BadDuration as error:
                yield Found(f"“{step.name}” cannot tell how long to wait: {error}", step.key, "duration")
        if step.until and "${" not in step.until and not _is_moment(step.until):
            message = (
                f"“{step.name}” waits until “{step.until}”, which is no moment. Write one like {EXAMPLE}."
            )
            yield Found(message, step.key, "until")


def _is_moment(text: str) -> bool:
    try:
        return datetime.fromisoformat(text) is not None
    except ValueError:
        return False


def _actions(view: View) -> Iterator[Action]:
    return (step for step in view.graph.steps.values() if isinstance(step, Action))


def _waits(view: View) -> Iterator[Wait]:
    return (step for step in view.graph.steps.values() if isinstance(step, Wait))
