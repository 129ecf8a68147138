"""Where a scenario is played: on the pure engine, or on the database. Both know the same verbs.

Workers take up whatever is due at once, and what nobody wants any more they finish all the same and report too
late, as real ones would. After each happening all that follows by itself has followed.
"""

from abc import ABC, abstractmethod
from datetime import timedelta
from typing import Any

from designer.graph import parse_duration

from .pattern import Ends, Scenario

DAY = timedelta(days=1)


class Stage(ABC):
    """A run in its setting. Subclasses say how things happen and how it is seen what came of them."""

    def play(self, scenario: Scenario) -> None:
        self.start(scenario.input)
        self.settle()
        for verb, about in scenario.happens:
            getattr(self, f"do_{verb}")(about)
            self.settle()

    # --- the verbs --------------------------------------------------------------------------------------------

    def do_at_work(self, keys: list[str]) -> None:
        """No event: these are the steps at which somebody is at work now, and no others."""
        assert self.at_work() == keys, f"at work are {self.at_work()}, not {keys}"

    def do_status(self, status: str) -> None:
        """No event: this is how the run stands now."""
        assert self.ends().status == status

    def do_finish(self, about: str | dict[str, Any]) -> None:
        told = {"step": about} if isinstance(about, str) else about
        self.finish(told["step"], told.get("output", {}))

    def do_undo(self, key: str) -> None:
        self.undo(key)

    def do_signal(self, told: dict[str, Any]) -> None:
        self.signal(told["name"], told["key"], parse_duration(told["keep"]) if "keep" in told else DAY)

    def do_moment(self, key: str) -> None:
        self.let_time_pass(key)

    def do_decide(self, told: dict[str, str]) -> None:
        self.decide(told["step"], told["answer"])

    def do_add(self, told: dict[str, Any]) -> None:
        self.add_items(told["step"], told["items"])

    def do_close(self, key: str) -> None:
        self.close_items(key)

    def do_force(self, key: str) -> None:
        self.force(key)

    def do_cancel(self, _run: str) -> None:
        self.cancel()

    # --- what a setting says ----------------------------------------------------------------------------------

    @abstractmethod
    def start(self, input: Any) -> None: ...

    @abstractmethod
    def settle(self) -> None:
        """Let follow all that follows by itself."""

    @abstractmethod
    def at_work(self) -> list[str]: ...

    @abstractmethod
    def ends(self) -> Ends: ...

    @abstractmethod
    def finish(self, key: str, output: Any) -> None:
        """The step's attempt that was begun first ends well."""

    @abstractmethod
    def undo(self, key: str) -> None: ...

    @abstractmethod
    def signal(self, name: str, key: str, keep: timedelta) -> None: ...

    @abstractmethod
    def let_time_pass(self, key: str) -> None:
        """Until the moment that the step waits for."""

    @abstractmethod
    def decide(self, key: str, answer: str) -> None: ...

    @abstractmethod
    def add_items(self, key: str, items: list[Any]) -> None: ...

    @abstractmethod
    def close_items(self, key: str) -> None: ...

    @abstractmethod
    def force(self, key: str) -> None: ...

    @abstractmethod
    def cancel(self) -> None: ...
