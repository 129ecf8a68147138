"""What came of a simulation."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from runs.engine import Event, Phase, RunStatus, dump_event


class Stop(StrEnum):
    """Why a simulation went no further."""

    ENDED = "ended"  # the run did
    WAITING = "waiting"  # it waits for what no mock answers
    LIMIT = "limit"  # it would have done too much


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """That a step was entered. ``scope`` is empty outside parallels, maps and loops."""

    no: int
    step: str
    title: str
    scope: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What was asked of the world outside: an attempt at a step or at its undoing, or a run that was started."""

    no: int
    step: str
    title: str
    attempt: int
    phase: Phase
    payload: Any
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulated:
    status: RunStatus
    stopped: Stop
    why: str  # it stopped, as a sentence
    reason: str = ""  # for the status, in one word
    output: Any = None
    error: str | None = None
    cause: str = ""
    visits: tuple[Visit, ...] = ()
    calls: tuple[Call, ...] = ()
    journal: tuple[Event, ...] = ()
    started_at: datetime
    ended_at: datetime  # on the run's own clock

    @property
    def visited(self) -> tuple[str, ...]:
        """The titles of the steps, in the order in which they were entered."""
        return tuple(visit.title for visit in self.visits)

    def told(self) -> dict[str, Any]:
        """As JSON."""
        keys = {visit.no: visit.step for visit in self.visits}
        entries = enumerate(self.journal, start=1)
        return {
            "status": self.status.value,
            "reason": self.reason or None,
            "stopped": self.stopped.value,
            "why": self.why,
            "output": self.output,
            "error": self.error,
            "cause": self.cause or None,
            "started_at": self.started_at.isoformat(),
            "ended_at": self.ended_at.isoformat(),
            "visited": [told_visit(visit) for visit in self.visits],
            "calls": [told_call(call) for call in self.calls],
            "journal": [told_entry(seq, event, keys) for seq, event in entries],
        }


def told_visit(visit: Visit) -> dict[str, Any]:
    told = {"no": visit.no, "step": visit.step, "title": visit.title, "scope": visit.scope}
    return {**told, "at": visit.at.isoformat()}


def told_call(call: Call) -> dict[str, Any]:
    told = {"no": call.no, "step": call.step, "title": call.title, "attempt": call.attempt}
    return {**told, "phase": call.phase.value, "payload": call.payload, "at": call.at.isoformat()}


def told_entry(seq: int, event: Event, keys: Mapping[int, str]) -> dict[str, Any]:
    kind, data = dump_event(event)
    at, no = data.pop("at"), data.pop("no", None)
    return {"seq": seq, "at": at, "kind": kind, "no": no, "step": keys.get(no), "data": data}
