"""A run whose world is mocks and whose clock jumps: waits, backoffs and deadlines are over at once, in their order.

What is to happen stands in an agenda, by its moment. At one moment what was ordered first comes first, and what
comes from outside comes before the timers, so that a report at the very end of its time still counts.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from heapq import heappop, heappush
from itertools import count
from typing import Any

from designer.graph import Action, Contract, Graph, find_arrival, question_of
from runs.engine import (
    AcquireLock,
    CancelChild,
    Command,
    Decision,
    Event,
    Fault,
    OpenReview,
    PerformStep,
    Phase,
    Publish,
    ReleaseLock,
    RunStatus,
    SetTimer,
    StartChild,
    Subscribe,
    UndoChild,
)
from runs.engine import events as e

from .beside import Place, child_id
from .limits import Exhausted, Limits, Metered, weight
from .mocks import Answer
from .orders import Order
from .rows import Change
from .shell import Shell
from .simulated import Call, Stop, Visit
from .world import TIMEOUT, Unanswered, World, fault_of, outcome

OUTSIDE, TIMER = 0, 1  # what comes first at the same moment
NOW = timedelta()
Act = Callable[[], None]


@dataclass
class Simulation(Shell):
    world: World = field(kw_only=True)
    meter: Metered = field(kw_only=True)
    limits: Limits = Limits()
    agenda: list[tuple[datetime, int, int, Act]] = field(default_factory=list)
    turns: Iterator[int] = field(default_factory=count)
    visits: list[Visit] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    arrivals: dict[int, Answer | None] = field(default_factory=dict)  # what comes to step runs that wait
    kept: list[tuple[datetime, Publish]] = field(
        default_factory=list
    )  # signals nobody has waited for, until when
    total: int = 0  # bytes of all values
    begun: datetime = field(init=False)

    def play(self) -> tuple[Stop, str]:
        """Go on until nothing is left to happen; why it goes no further."""
        self.begun = self.now
        try:
            self.feed(e.RunStarted(at=self.now))
            while self.agenda and not self.state.status.is_over:
                moment, _, _, act = heappop(self.agenda)
                self.now = max(self.now, moment)
                self._check_limits()
                act()
        except Unanswered as nothing:
            return Stop.WAITING, str(nothing)
        except Exhausted as limit:
            return Stop.LIMIT, str(limit)
        return (
            (Stop.ENDED, "The run has ended.")
            if self.state.status.is_over
            else (Stop.WAITING, self._awaited())
        )

    def decide(self, fact: Event) -> Decision:
        self.meter.begin()
        return super().decide(fact)

    def _check_limits(self) -> None:
        """Raises Exhausted."""
        if len(self.visits) > self.limits.steps:
            raise Exhausted(
                f"It enters more than {self.limits.steps:,} steps, and a simulation goes no further."
            )
        if self.now - self.begun > self.limits.time:
            raise Exhausted(
                f"It waits for more than {self.limits.time.days:,} days, and a simulation does not."
            )
        if self.total > self.limits.total:
            raise Exhausted(f"Its values take more than {self.limits.total // 2**20} MiB.")

    def _awaited(self) -> str:
        waiting = [
            *self.reviews,
            *(no for no, _ in self.subscriptions),
            *(no for no, _ in self.beside.under_way),
        ]
        if waiting:
            return f"{self._named(waiting[0])} waits, and no mock says what comes."
        if self.dead_letters:
            return f"{self._named(min(self.dead_letters))} has given up and waits for a person."
        return "Nothing more can happen."

    def _named(self, no: int) -> str:
        return self.world.named(self.keys[no])

    def _plan(self, moment: datetime, act: Act, rank: int = OUTSIDE) -> None:
        heappush(self.agenda, (moment, rank, next(self.turns), act))

    def _soon(self, act: Act, after: timedelta = NOW) -> None:
        self._plan(self.now + after, act)

    # --- what is noted of the run -----------------------------------------------------------------------------

    def record(self, change: Change) -> None:
        super().record(change)
        event = change.event
        self.total += weight(event)
        if isinstance(event, e.StepEntered):
            title = self._title(event.key)
            self.visits.append(
                Visit(no=event.no, step=event.key, title=title, scope=event.scope, at=event.at)
            )

    def _title(self, key: str) -> str:
        step = self.graph.step(key)
        return step.title or step.name

    def _note_call(self, no: int, attempt: int, payload: Any, phase: Phase = Phase.DO) -> None:
        key = self.keys[no]
        told: Any = {
            "no": no,
            "step": key,
            "title": self._title(key),
            "attempt": attempt,
            "at": self.now,
        }
        self.calls.append(Call(phase=phase, payload=payload, **told))

    # --- what is to happen ------------------------------------------------------------------------------------

    def carry_out(self, command: Command) -> None:
        super().carry_out(command)
        no = command.no
        match command:
            case PerformStep(attempt=attempt, due=due):
                self._plan(due, partial(self._begin, no, attempt))
            case SetTimer(no=0, due=due):
                self._plan(due, self._end_time, TIMER)
            case SetTimer(timer=timer, due=due):
                self._plan(due, partial(self._fire, no, timer, due), TIMER)
            case OpenReview():
                self._soon(partial(self._expect_answer, no))
            case Subscribe(arrival=arrival):
                self._soon(partial(self._expect_signal, no, arrival))
            case Publish():
                self._soon(partial(self._publish, command))
            case AcquireLock() | ReleaseLock():
                self._soon(self._let_in)
            case StartChild(awaited=True):
                self._soon(partial(self._expect_end, command))
            case CancelChild(attempt=attempt) | UndoChild(attempt=attempt):
                self._soon(partial(self._give_way, (no, attempt)))

    def _fire(self, no: int, timer: str, due: datetime) -> None:
        if self.timers.get((no, timer)) == due:
            self.feed(e.TimerFired(at=self.now, no=no, timer=timer))

    def _end_time(self) -> None:
        if self.beside.due is not None:
            self.feed(e.RunDeadlinePassed(at=self.now))

    def _let_in(self) -> None:
        for no in self.beside.can_be_let_in:
            self.feed(e.LockGranted(at=self.now, no=no))

    # --- attempts ---------------------------------------------------------------------------------------------

    def _begin(self, no: int, attempt: int) -> None:
        order = self.orders.get(no)
        if order is None or order.attempt != attempt or order.claimed:
            return
        self.feed(
            e.AttemptStarted(at=self.now, no=no, attempt=attempt, phase=order.phase, worker="simulation")
        )
        self._note_call(no, attempt, order.inputs, order.phase)
        answer = self._answer(order)
        self._soon(partial(self.report, order, answer), answer.after)

    def _answer(self, order: Order) -> Answer:
        """Raises Unanswered."""
        key, payload = self.keys[order.no], order.inputs
        undone = order.phase is Phase.UNDO
        answer = (
            self.world.undone(key, payload)
            if undone
            else self.world.answer(key, payload, self._contract(order))
        )
        return in_time(answer, order.command.timeout)

    def report(self, order: Order, answer: Answer) -> None:
        told: Any = {"no": order.no, "attempt": order.attempt, "phase": order.phase}
        self.feed(outcome(answer, self._contract(order), at=self.now, **told))

    def _contract(self, order: Order) -> Contract | None:
        return self.graph.contracts.get(order.does)

    # --- people and signals -----------------------------------------------------------------------------------

    def _arrival(self, no: int) -> Answer | None:
        """What the mock has for a step run that waits: one answer, whatever else it waits for. Raises Unanswered."""
        if no not in self.arrivals:
            self.arrivals[no] = self.world.find(self.keys[no])
        answer = self.arrivals[no]
        return None if answer is None or answer.timeout else answer

    def _expect_answer(self, no: int) -> None:
        answer = self._arrival(no) if no in self.reviews else None
        if answer is not None and answer.outcome:
            self._check_outcome(no, answer.outcome)
            self._soon(partial(self._decide, no, answer), answer.after)

    def _check_outcome(self, no: int, outcome: str) -> None:
        """Raises Unanswered."""
        asked = question_of(self.graph.step(self.keys[no]))
        offered = [one.name for one in asked.outcomes] if asked is not None else []
        if outcome not in offered:
            raise Unanswered(f"{self._named(no)} has no outcome “{outcome}”. It has {', '.join(offered)}.")

    def _decide(self, no: int, answer: Answer) -> None:
        if no in self.reviews:
            told: Any = {"outcome": answer.outcome, "by": answer.by or "somebody", "reason": answer.reason}
            self.feed(e.ReviewDecided(at=self.now, no=no, data=answer.data, **told))

    def _expect_signal(self, no: int, arrival: str) -> None:
        answer = self._arrival(no) if (no, arrival) in self.subscriptions else None
        if answer is None:
            self._take_kept(no, arrival)
            return
        step = self.graph.step(self.keys[no])
        if answer.arrival and find_arrival(step, answer.arrival) is None:
            raise Unanswered(f"{self._named(no)} does not wait for “{answer.arrival}”.")
        if not answer.outcome and answer.arrival in ("", arrival):
            told: Any = {"fault": fault_of(answer, None)} if answer.fails else {"data": answer.data}
            self._soon(partial(self._receive, no, arrival, **told), answer.after)

    def _receive(self, no: int, arrival: str, source: str = "/mocks", **carried: Any) -> None:
        awaited = self.subscriptions.get((no, arrival))
        if awaited is not None:
            self.arrivals.pop(no, None)  # should it wait anew, it asks anew
            told: Any = {"name": awaited.name, "key": awaited.key, "source": source, "sent_at": self.now}
            told |= {"signal": f"signal-{no}-{arrival}", **carried}
            self.feed(e.SignalReceived(at=self.now, no=no, arrival=arrival, **told))

    def _publish(self, signal: Publish) -> None:
        """What the run publishes its own steps may wait for: now, or for as long as it is kept."""
        about = (signal.name, signal.key)
        waiting = [place for place, on in self.subscriptions.items() if (on.name, on.key) == about]
        for no, arrival in waiting:
            self._receive(no, arrival, source="/itself", data=signal.data)
        if not waiting:
            self.kept.append((self.now + signal.keep, signal))

    def _take_kept(self, no: int, arrival: str) -> None:
        awaited = self.subscriptions.get((no, arrival))
        for place, (until, signal) in enumerate(self.kept):
            if awaited and (signal.name, signal.key) == (awaited.name, awaited.key) and self.now < until:
                del self.kept[place]
                self._receive(no, arrival, source="/itself", data=signal.data)
                return

    # --- runs that the run starts -----------------------------------------------------------------------------

    def _expect_end(self, order: StartChild) -> None:
        place, key = (order.no, order.attempt), self.keys[order.no]
        if place in self.beside.under_way:
            self._note_call(order.no, order.attempt, order.inputs)
            answer = self.world.answer(key, order.inputs, self.graph.contracts.get(order.runs))
            if not answer.timeout:
                self._soon(partial(self._end_child, place, answer), answer.after)

    def _end_child(self, place: Place, answer: Answer) -> None:
        if answer.fails:
            self._child_ended(place, RunStatus.FAILED, fault=fault_of(answer, None))
        else:
            self._child_ended(place, RunStatus.SUCCEEDED, output=answer.output)

    def _give_way(self, place: Place) -> None:
        """It was told to cancel, or to undo what it has done; and it does."""
        answer = self.world.undone(self.keys[place[0]], None)
        told = {"fault": Fault(name="Cancelled"), "incomplete": answer.error is not None}
        self._child_ended(place, RunStatus.CANCELLED, **told)

    def _child_ended(self, place: Place, status: RunStatus, **told: Any) -> None:
        no, attempt = place
        if place in self.beside.under_way:
            about: Any = {"no": no, "attempt": attempt, "child": child_id(no, attempt)}
            self.feed(e.ChildEnded(at=self.now, status=status, **about, **told))


def in_time(answer: Answer, limit: timedelta | None) -> Answer:
    """The answer to a call that may take only so long."""
    if limit is None or not (answer.timeout or answer.after > limit):
        return answer
    return Answer(
        timeout=True, error=answer.error if answer.timeout else TIMEOUT, cause=answer.cause, after=limit
    )


def called(graph: Graph) -> set[str]:
    """The references by which a graph calls step types; empty for a step that is bound to none."""
    actions = [step for step in graph.steps.values() if isinstance(step, Action)]
    return {step.does for step in actions} | {step.compensate.does for step in actions if step.compensate}
