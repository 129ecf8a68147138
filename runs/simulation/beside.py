"""What is beside a run: the runs that it starts, the locks, and its own deadline.

A run that is started is not played: it is there, may be told to cancel or to undo, and ends when somebody says so.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from runs.engine import (
    AcquireLock,
    CancelChild,
    ClearTimers,
    Command,
    Event,
    Fault,
    ReleaseLock,
    SetTimer,
    StartChild,
    UndoChild,
)
from runs.engine import events as e

Place = tuple[int, int]  # a step run, and its attempt


@dataclass
class Child:
    order: StartChild
    cancelled: bool | None = None  # whether it was told to cancel, and with undo
    undoing: bool = False
    over: bool = False

    @property
    def is_awaited(self) -> bool:
        return self.undoing or (self.order.awaited and not self.over)


@dataclass
class Beside:
    children: dict[Place, Child] = field(default_factory=dict)
    unanswered: list[StartChild] = field(default_factory=list)
    waiting: dict[int, str] = field(default_factory=dict)  # step runs that wait for a lock, first come first
    holding: dict[int, str] = field(default_factory=dict)
    due: datetime | None = None  # the run's deadline

    def carry_out(self, command: Command) -> None:
        match command:
            case StartChild():
                self.unanswered.append(command)
            case CancelChild(no=no, attempt=attempt, undo=undo):
                self.children[no, attempt].cancelled = undo
            case UndoChild(no=no, attempt=attempt):
                self.children[no, attempt].undoing = True
            case AcquireLock(no=no, name=name):
                self.waiting[no] = name
            case ReleaseLock(no=no):
                self.waiting.pop(no, None)
                self.holding.pop(no, None)
            case SetTimer(no=0, due=due):
                self.due = due
            case ClearTimers(no=0):
                self.due = None
            case _:
                raise AssertionError(f"nobody carries out {command}")

    def close(self, fact: Event) -> None:
        """What the fact answers is no longer open."""
        match fact:
            case e.ChildEnded(no=no, attempt=attempt):
                child = self.children[no, attempt]
                child.over, child.undoing = True, False
            case e.LockGranted(no=no):
                self.holding[no] = self.waiting.pop(no)
            case e.RunDeadlinePassed():
                self.due = None

    def answers(self, now: datetime) -> Iterator[Event]:
        """What orders have brought about already; it comes before any other fact."""
        while self.unanswered:
            order = self.unanswered.pop(0)
            told: Any = {"at": now, "no": order.no, "attempt": order.attempt}
            if (fault := self.refusal(order)) is not None:
                yield e.ChildRefused(fault=fault, **told)
            else:
                self.children[order.no, order.attempt] = Child(order)
                yield e.ChildStarted(child=child_id(order.no, order.attempt), **told)

    def refusal(self, order: StartChild) -> Fault | None:
        """Why a run cannot be started. Here each can be."""
        return None

    @property
    def under_way(self) -> list[Place]:
        return [place for place, child in self.children.items() if child.is_awaited]

    @property
    def can_be_let_in(self) -> list[int]:
        """Of those that wait for a lock that is free, the first for each."""
        free = {name: no for no, name in reversed(self.waiting.items())}
        return [no for name, no in free.items() if name not in self.holding.values()]


def child_id(no: int, attempt: int) -> str:
    return f"child-{no}-{attempt}"
