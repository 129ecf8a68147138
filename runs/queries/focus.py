"""What of a run its reader looks at. The address of the page says it, and so does the address of its socket."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from designer.graph import Graph

from .journal import WHICH
from .turns import repeater_around

TABS = ("events", "step", "data")


@dataclass(frozen=True, slots=True)
class Focus:
    step: str = ""  # the chosen step's key
    tab: str = "events"
    events: str = ""  # which entries: one of WHICH
    before: int | None = None  # only entries older than this one
    is_true_scale: bool = False  # the timeline folds no waits
    shows_every_row: bool = False  # the timeline is as long as it takes
    shows_table: bool = False  # the timeline in words besides
    shows_failed_items: bool = False  # of maps nothing but what failed
    turn_word: str = ""  # item or round, where the chosen step is in a map or loop
    turn: int | None = None  # which of them, from 1
    opened_by: int | None = None  # the step run of the map or loop that it is one of; the newest if left out

    @classmethod
    def of(cls, asked: Mapping[str, str], graph: Graph) -> "Focus":
        """What is not there counts as not asked for."""
        step = asked.get("step", "") if asked.get("step", "") in graph.steps else ""
        repeater = repeater_around(graph, step) if step else None
        word = repeater.BODY if repeater else ""
        tab, before = asked.get("tab", ""), asked.get("before", "")
        known = TABS if step else ("events", "data")
        return cls(
            step=step,
            tab=tab if tab in known else "step" if step else "events",
            events=asked.get("events", "") if asked.get("events", "") in WHICH else "",
            before=_number(before),
            is_true_scale=asked.get("scale") == "true",
            shows_every_row=asked.get("rows") == "all",
            shows_table=asked.get("table") == "shown",
            shows_failed_items=asked.get("items") == "failed",
            turn_word=word,
            turn=_number(asked.get(word, "")) or None if word else None,
            opened_by=_number(asked.get("of", "")) if word else None,
        )

    @property
    def kept(self) -> str:
        """What every link of the page keeps."""
        kept = {
            "scale": "true" if self.is_true_scale else "",
            "rows": "all" if self.shows_every_row else "",
            "table": "shown" if self.shows_table else "",
            "items": "failed" if self.shows_failed_items else "",
        }
        return "".join(f"&{name}={value}" for name, value in kept.items() if value)

    @property
    def listed(self) -> str:
        """What the links to other views of the same step keep besides."""
        turn = f"&{self.turn_word}={self.turn}" if self.turn else ""
        of = f"&of={self.opened_by}" if self.turn and self.opened_by else ""
        return self.kept + turn + of + (f"&events={self.events}" if self.events else "")

    @property
    def folding(self) -> str:
        return replace(self, is_true_scale=False).address

    @property
    def unfolding(self) -> str:
        return replace(self, is_true_scale=True).address

    @property
    def with_table(self) -> str:
        return replace(self, shows_table=True).address

    @property
    def without_table(self) -> str:
        return replace(self, shows_table=False).address

    @property
    def with_every_item(self) -> str:
        return replace(self, shows_failed_items=False).address

    @property
    def with_failed_items(self) -> str:
        return replace(self, shows_failed_items=True).address

    @property
    def address(self) -> str:
        older = "" if self.before is None else f"&before={self.before}"
        return urlencode({"step": self.step, "tab": self.tab}) + self.listed + older


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None
