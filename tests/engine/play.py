"""A play: an in-memory shell, what may happen to its run, and what tests ask about it.

`drive` runs a graph to where people are needed; ``outcomes`` say what becomes of the attempts.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Self

from designer.graph import ROOT, Graph
from runs.engine import ABSENT, Command, Decision, Event, Fault, Phase, Resolution, RunStatus, Status
from runs.engine import events as e

from .beside import Child, Place, child_id
from .shell import NOON, Order, Shell

__all__ = ["LOST", "NOON", "STAYS_OUT", "Order", "Play", "drive", "go_on", "later"]

LOST, STAYS_OUT = object(), object()  # what else may become of an attempt, besides an output and a fault


class Play(Shell):
    # --- what may happen to it --------------------------------------------------------------------------------

    def start(self) -> Decision:
        return self.feed(e.RunStarted(at=self.now))

    def take(self, key: str) -> Decision:
        step = self.find(key)
        return self.begin(step.no, step.attempt)

    def begin(self, no: int, attempt: int) -> Decision:
        return self.feed(e.AttemptStarted(at=self.now, no=no, attempt=attempt, worker="w1"))

    def report(self, no: int, attempt: int, outcome: Any) -> Decision:
        if outcome is LOST:
            return self.feed(e.AttemptLost(at=self.now, no=no, attempt=attempt, worker="w1"))
        if isinstance(outcome, Fault):
            return self.feed(e.AttemptFailed(at=self.now, no=no, attempt=attempt, fault=outcome))
        return self.feed(e.AttemptSucceeded(at=self.now, no=no, attempt=attempt, output=outcome))

    def finish(self, key: str, outcome: Any = None) -> Decision:
        """Take the step's attempt up, if nobody has, and report."""
        step = self.find(key)
        if not step.out:
            self.take(key)
        return self.report(step.no, step.attempt, outcome)

    def report_first(self, outcome: Any) -> Decision:
        """Make the attempt that was ordered first."""
        no = min(self.orders)
        if not self.orders[no].claimed:
            self.begin(no, self.orders[no].attempt)
        return self.report(no, self.orders[no].attempt, outcome)

    def fire(self, key: str, timer: str) -> Decision:
        no = self.find(key).no
        self.now = max(self.now, self.timers.get((no, timer), self.now))
        return self.feed(e.TimerFired(at=self.now, no=no, timer=timer))

    def decide_review(self, key: str, outcome: str, **more: Any) -> Decision:
        return self.feed(
            e.ReviewDecided(at=self.now, no=self.find(key).no, outcome=outcome, by="rosa", **more)
        )

    def signal(self, key: str, arrival: str = "", data: Any = None, fault: Fault | None = None) -> Decision:
        """The signal comes that the step waits for."""
        return self.receive(self.find(key).no, arrival, data, fault)

    def receive(self, no: int, arrival: str, data: Any = None, fault: Fault | None = None) -> Decision:
        awaited = self.subscriptions.get((no, arrival))
        name, correlation = (awaited.name, awaited.key) if awaited else ("paid", "k")
        self.heard += 1
        told: Any = {"signal": f"s{self.heard}", "name": name, "key": correlation, "source": "/bank"}
        told |= {"data": data, "fault": fault}
        return self.feed(e.SignalReceived(at=self.now, no=no, arrival=arrival, sent_at=self.now, **told))

    def cancel(self, *, undo: bool = True) -> Decision:
        return self.feed(e.CancelRequested(at=self.now, by="omar", reason="Ordered twice.", undo=undo))

    def force(self, key: str) -> Decision:
        return self.feed(e.JoinForced(at=self.now, no=self.find(key).no, by="omar", reason="Enough."))

    def add_items(self, key: str, *items: Any) -> Decision:
        added = {"count": len(items), "items": list(items), "by": "omar"}
        return self.feed(e.ItemsAdded(at=self.now, no=self.find(key).no, **added))

    def close_items(self, key: str) -> Decision:
        return self.feed(e.ItemsClosed(at=self.now, no=self.find(key).no, by="omar"))

    def child(self, key: str) -> Child:
        """The newest run that a step has started."""
        no = max(no for no, known in self.keys.items() if known == key)
        return self.beside.children[max(place for place in self.beside.children if place[0] == no)]

    def end_child(self, key: str, outcome: Any = None, *, incomplete: bool = False) -> Decision:
        """The run that the step has started ends: well with an output, badly with a fault, or undone."""
        order = self.child(key).order
        return self.end_place((order.no, order.attempt), outcome, incomplete=incomplete)

    def end_place(self, place: Place, outcome: Any = None, *, incomplete: bool = False) -> Decision:
        child, (no, attempt) = self.beside.children[place], place
        fault = outcome if isinstance(outcome, Fault) else None
        status = RunStatus.FAILED if fault else RunStatus.SUCCEEDED
        told: Any = {"no": no, "attempt": attempt, "child": child_id(no, attempt), "incomplete": incomplete}
        if child.undoing or incomplete or child.over:
            status, fault = RunStatus.CANCELLED, Fault(name="Undone")
        output = None if fault else outcome
        return self.feed(e.ChildEnded(at=self.now, status=status, fault=fault, output=output, **told))

    def let_in(self, key: str) -> Decision:
        """The step's turn has come to hold its lock."""
        return self.feed(e.LockGranted(at=self.now, no=self.find(key).no))

    def time_is_up(self) -> Decision:
        """The run's deadline passes."""
        self.now = max(self.now, self.beside.due or self.now)
        return self.feed(e.RunDeadlinePassed(at=self.now))

    def undo_all(self) -> Decision:
        """The run that started this one undoes it."""
        return self.feed(e.UndoRequested(at=self.now, by="run-0"))

    def resolve(self, key: str, how: Resolution, output: Any = None) -> Decision:
        no = self.find(key).no
        return self.feed(e.DeadLetterResolved(at=self.now, no=no, how=how, by="omar", output=output))

    def run_until_idle(self, script: Callable[[Order], Any]) -> Self:
        """Do all that is due, time passing, until only people and attempts that stay out are awaited."""
        while (due := self._next_due()) is not None:
            self.now = max(self.now, due[0])
            if isinstance(due[1], str):
                self.feed(e.TimerFired(at=self.now, no=due[2], timer=due[1]))
                continue
            order = self.orders[due[2]]
            self.begin(order.no, order.attempt)
            if (outcome := script(order)) is not STAYS_OUT:
                self.report(order.no, order.attempt, outcome)
        return self

    def _next_due(self) -> tuple[datetime, str | None, int] | None:
        orders = [(order.due, None, no) for no, order in self.orders.items() if not order.claimed]
        timers = [(due, timer, no) for (no, timer), due in self.timers.items()]
        return min([*orders, *timers], key=lambda due: (due[0], due[1] or "", due[2]), default=None)

    # --- what the tests ask -----------------------------------------------------------------------------------

    def find(self, key: str) -> Any:
        """The newest active step run of ``key``."""
        return max((s for s in self.state.steps.values() if s.key == key), key=lambda step: step.no)

    def fate(self, key: str) -> Status:
        """The status of the newest step run of ``key``, over or not."""
        return self.fates[max(no for no, known in self.keys.items() if known == key)]

    def told(self, kind: type[Event]) -> list[Any]:
        return [event for event in self.journal if isinstance(event, kind)]

    def steps_told(self, kind: type[e.StepEvent]) -> list[str]:
        """The keys of the steps that events of this kind are about, in order."""
        return [self.keys[event.no] for event in self.told(kind)]

    def commands(self, kind: type[Command]) -> list[Any]:
        """The commands of this kind in the last decision."""
        assert self.last is not None
        return [command for command in self.last.commands if isinstance(command, kind)]

    @property
    def end(self) -> tuple[str, str | None]:
        return self.state.status.value, self.state.reason and self.state.reason.value

    @property
    def output(self) -> Any:
        """The run's output, gathered outputs collected."""
        return self.output_value(self.told(e.RunEnded)[-1].output_of)

    def variable(self, name: str, scope: str = ROOT) -> Any:
        return self.variables.get((name, scope), ABSENT)


def drive(graph: Graph, outcomes: Mapping[str, Any] | None = None, input: Any = None) -> Play:
    """Start a run and go on until only people are awaited.

    ``outcomes`` says what becomes of the attempts of a step, or of ``undo <step>``: one outcome for all of
    them, or a list for the first ones. What is not named succeeds with an empty output.
    """
    left = {name: list(told) if isinstance(told, list) else told for name, told in (outcomes or {}).items()}
    play = Play(graph, input={} if input is None else input)

    def script(order: Order) -> Any:
        key = play.keys[order.no]
        told = left.get(key if order.phase is Phase.DO else f"undo {key}", {})
        return (told.pop(0) if told else {}) if isinstance(told, list) else told

    play.start()
    return play.run_until_idle(script)


def go_on(play: Play, outcomes: Mapping[str, Any] | None = None) -> Play:
    """Go on after a person has done something."""
    told = outcomes or {}
    return play.run_until_idle(
        lambda order: told.get(("" if order.phase is Phase.DO else "undo ") + play.keys[order.no], {})
    )


def later(play: Play, seconds: float) -> None:
    play.now += timedelta(seconds=seconds)
