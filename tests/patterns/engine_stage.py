"""The pure engine: its in-memory shell, with signals, locks and started runs that answer by themselves."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from designer.graph import Graph
from runs.engine import Phase, Status
from runs.engine import events as e
from tests.engine.play import Play

from .pattern import Ends
from .stage import Stage


@dataclass
class Sent:
    name: str
    key: str
    keep: timedelta
    taken: bool = False


class EngineStage(Stage):
    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.run = Play(graph)
        self.sent: list[Sent] = []
        self.published = 0  # of those that the run emits

    def start(self, input: Any) -> None:
        self.run.input = input
        self.run.start()

    def settle(self) -> None:
        while self._move_on():
            pass

    def at_work(self) -> list[str]:
        doing = [no for no, order in self.run.orders.items() if order.phase is Phase.DO]
        return sorted(self.run.keys[no] for no in doing)

    def ends(self) -> Ends:
        run = self.run
        return Ends(
            status=run.state.status.value,
            visited=run.steps_told(e.StepEntered),
            cancelled=sorted(run.keys[no] for no, fate in run.fates.items() if fate is Status.CANCELLED),
            output=run.output if run.told(e.RunEnded) else None,
        )

    def finish(self, key: str, output: Any) -> None:
        self._report(key, Phase.DO, output)

    def undo(self, key: str) -> None:
        self._report(key, Phase.UNDO, {})

    def signal(self, name: str, key: str, keep: timedelta) -> None:
        self._send(Sent(name, key, keep))

    def let_time_pass(self, key: str) -> None:
        no = self.run.find(key).no
        [timer] = [timer for of, timer in self.run.timers if of == no]
        self.run.fire(key, timer)

    def decide(self, key: str, answer: str) -> None:
        self.run.decide_review(key, answer)

    def add_items(self, key: str, items: list[Any]) -> None:
        assert key in {step.key for step in self.run.state.steps.values()}, f"{key} is over"
        self.run.add_items(key, *items)

    def close_items(self, key: str) -> None:
        self.run.close_items(key)

    def force(self, key: str) -> None:
        self.run.force(key)

    def cancel(self) -> None:
        self.run.cancel()

    # --- what follows by itself -------------------------------------------------------------------------------

    def _move_on(self) -> bool:
        """One thing that follows by itself; False where nothing does."""
        return (
            self._take_up() or self._report_late() or self._let_in() or self._hand_out() or self._end_child()
        )

    def _take_up(self) -> bool:
        ordered = [order for order in self.run.orders.values() if not order.claimed]
        for order in ordered:
            self.run.begin(order.no, order.attempt)
        return bool(ordered)

    def _report_late(self) -> bool:
        orders = self.run.orders
        late = [no for no in orders if self.run.state.steps[no].status is Status.ABANDONED]
        for no in late:
            self.run.report(no, orders[no].attempt, {})
        return bool(late)

    def _let_in(self) -> bool:
        turns = self.run.beside.can_be_let_in
        for no in turns:
            self.run.feed(e.LockGranted(at=self.run.now, no=no))
        return bool(turns)

    def _hand_out(self) -> bool:
        """What the run has emitted, to all who wait; and what is kept, to whoever has come to wait for it."""
        emitted = list(self.run.published.values())[self.published :]
        self.published += len(emitted)
        for one in emitted:
            self._send(Sent(one.name, one.key, one.keep))
        kept = [one for one in self.sent if not one.taken and self._tell(one)]
        return bool(emitted or kept)

    def _end_child(self) -> bool:
        under_way = self.run.beside.under_way
        for place in under_way:
            child = EngineStage(self.graph)
            child.start(self.run.beside.children[place].order.inputs)
            child.settle()
            assert child.ends().status == "succeeded"
            self.run.end_place(place, child.ends().output)
        return bool(under_way)

    def _send(self, sent: Sent) -> None:
        if not self._tell(sent) and sent.keep:
            self.sent.append(sent)

    def _tell(self, sent: Sent) -> bool:
        waiting = [
            place
            for place, one in self.run.subscriptions.items()
            if (one.name, one.key) == (sent.name, sent.key)
        ]
        for no, arrival in waiting:
            self.run.receive(no, arrival)
        sent.taken = bool(waiting)
        return sent.taken

    def _report(self, key: str, phase: Phase, output: Any) -> None:
        orders = self.run.orders.values()
        mine = [order for order in orders if self.run.keys[order.no] == key and order.phase is phase]
        assert mine, f"nobody is at work at {key}"
        first = min(mine, key=lambda order: order.no)
        self.run.report(first.no, first.attempt, output)
