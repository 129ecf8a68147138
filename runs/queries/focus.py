"""What of a run its reader looks at. The address of the page says it, and so does the address of its socket."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from designer.graph import Graph

from .journal import WHICH

TABS = ("events", "step", "data")


@dataclass(frozen=True, slots=True)
class Focus:
    step: str = ""  # the chosen step's key
    tab: str = "events"
    events: str = ""  # which entries: one of WHICH
    before: int | None = None  # only entries older than this one
    is_true_scale: bool = False  # the timeline folds no waits
    shows_every_row: bool = False  # the timeline is as long as it takes

    @classmethod
    def of(cls, asked: Mapping[str, str], graph: Graph) -> "Focus":
        """What is not there counts as not asked for."""
        step = asked.get("step", "") if asked.get("step", "") in graph.steps else ""
        tab, before = asked.get("tab", ""), asked.get("before", "")
        known = TABS if step else ("events", "data")
        return cls(
            step=step,
            tab=tab if tab in known else "step" if step else "events",
            events=asked.get("events", "") if asked.get("events", "") in WHICH else "",
            before=int(before) if before.isascii() and before.isdecimal() and len(before) < 10 else None,
            is_true_scale=asked.get("scale") == "true",
            shows_every_row=asked.get("rows") == "all",
        )

    @property
    def kept(self) -> str:
        """What every link of the page keeps."""
        kept = {"scale": "true" if self.is_true_scale else "", "rows": "all" if self.shows_every_row else ""}
        return "".join(f"&{name}={value}" for name, value in kept.items() if value)

    @property
    def listed(self) -> str:
        """What the links to the events keep besides."""
        return self.kept + (f"&events={self.events}" if self.events else "")

    @property
    def folding(self) -> str:
        return replace(self, is_true_scale=False).address

    @property
    def unfolding(self) -> str:
        return replace(self, is_true_scale=True).address

    @property
    def address(self) -> str:
        older = "" if self.before is None else f"&before={self.before}"
        return urlencode({"step": self.step, "tab": self.tab}) + self.listed + older
