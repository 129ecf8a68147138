"""Arrivals: what comes from outside to a step that waits for it. The first that comes wins."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from designer.graph import Wait, find_arrival, question_of, spoken
from runs.engine import events as e
from runs.engine.commands import OpenReview
from runs.engine.situation import Situation
from runs.engine.state import ActiveStep
from runs.engine.status import Reason

from .allowing import objection
from .derived import Derived
from .leaving import fail, succeed
from .signals import listen
from .timers import moment_of, set_deadline, set_timer

ARRIVAL = "arrival"  # before the name of the arrival that a timer is for


def enter_signal(sit: Situation, step: ActiveStep) -> Derived:
    return [
        e.StepParked(at=sit.at, no=step.no, reason=Reason.AWAITING_SIGNAL),
        *listen(sit, step),
        *set_deadline(sit, step),
    ]


def enter_first(sit: Situation, step: ActiveStep) -> Derived:
    definition = sit.definition(step)
    assert isinstance(definition, Wait)
    moments = {
        one.name: moment_of(sit, step, duration=one.duration, until=one.until)
        for one in definition.first
        if one.duration or one.until
    }
    heard, asked = listen(sit, step), question_of(definition) is not None
    reason = Reason.AWAITING_SIGNAL if heard else Reason.AWAITING_TIMER
    reason = Reason.AWAITING_REVIEW if asked else reason
    until = min(moments.values(), default=None)
    return [
        e.StepParked(at=sit.at, no=step.no, reason=reason, until=until),
        *(OpenReview(no=step.no, due=None, evidence=(), editable={}) for _ in range(asked)),
        *heard,
        *(one for name, due in moments.items() for one in set_timer(sit, step, f"{ARRIVAL}:{name}", due)),
        *set_deadline(sit, step),
    ]


def signal_received(sit: Situation, event: e.SignalReceived) -> Derived:
    step = sit.state.steps[event.no]
    if event.fault is not None:
        return fail(sit, step, replace(event.fault, step=step.key))
    told = {
        "name": event.name,
        "key": event.key,
        "data": event.data,
        "id": event.signal,
        "source": event.source,
        "time": event.sent_at.isoformat(),
    }
    if event.arrival:
        return arrived(sit, step, event.arrival, signal=told)
    if (fault := objection(sit, step)) is not None:
        return fail(sit, step, fault)
    return succeed(sit, step, next=sit.definition(step).next, output=told)


def moment_arrived(sit: Situation, step: ActiveStep, name: str) -> Derived:
    return arrived(sit, step, name)


def person_arrived(sit: Situation, step: ActiveStep, event: e.ReviewDecided) -> Derived:
    return arrived(sit, step, event.outcome, by=event.by, reason=event.reason)


def arrived(
    sit: Situation,
    step: ActiveStep,
    name: str,
    *,
    signal: Mapping[str, Any] | None = None,
    by: str = "",
    reason: str = "",
) -> Derived:
    """The wait is over; leaving the step withdraws all the others."""
    if (fault := objection(sit, step)) is not None:
        return fail(sit, step, fault)
    chosen = find_arrival(sit.definition(step), name)
    assert chosen is not None, "only what is waited for comes here"
    output = {"first": name, "signal": signal, "by": by, "reason": reason}
    return [
        e.BranchTaken(at=sit.at, no=step.no, label=chosen.title or spoken(name), next=chosen.next),
        *succeed(sit, step, next=chosen.next or None, output=output),
    ]
