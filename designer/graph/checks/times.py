"""Timeouts, deadlines and waits."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from designer.dataflow import DataFlow
from designer.graph.durations import BadDuration, format_duration, parse_duration
from designer.graph.edits.operations import ReplaceStep
from designer.graph.model import Action, Wait

from .problem import Fix, Found
from .view import View

USUAL_TIMEOUT = timedelta(seconds=30)
EXAMPLE = "2026-01-31T12:00:00Z"


def timeout_missing(view: View) -> Iterator[Found]:
    for step in _actions(view):
        if step.timeout is None and not (step.flow and _says_how_long(step.flow)):
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


def unreadable_time(view: View) -> Iterator[Found]:
    for step, place, duration, until in _times(view):
        if duration and "${" not in duration:
            try:
                parse_duration(duration)
            except BadDuration as error:
                message = f"“{step.name}” cannot tell how long to wait: {error}"
                yield Found(message, step.key, f"{place}duration")
        if until and "${" not in until and not _is_moment(until):
            message = f"“{step.name}” waits until “{until}”, which is no moment. Write one like {EXAMPLE}."
            yield Found(message, step.key, f"{place}until")


def _says_how_long(flow: DataFlow) -> bool:
    return any(name.startswith("TimeoutSeconds") for name in flow.fields)


def _is_moment(text: str) -> bool:
    try:
        return datetime.fromisoformat(text) is not None
    except ValueError:
        return False


def _actions(view: View) -> Iterator[Action]:
    return (step for step in view.graph.steps.values() if isinstance(step, Action))


def _times(view: View) -> Iterator[tuple[Wait, str, str, str]]:
    """Of each wait and each of its arrivals the place, and what is written there."""
    for step in view.graph.steps.values():
        if isinstance(step, Wait):
            yield step, "", step.duration, step.until
            for one in step.first:
                yield step, f"first.{one.name}.", one.duration, one.until
