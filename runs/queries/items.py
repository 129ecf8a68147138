"""The items of a map as a card: how many are how far, a picture of all of them, and those that failed.

People count items from 1, expressions from 0: what is printed and what an address says is `index` + 1.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil
from typing import Any

from django.db.models import Count, F, QuerySet

from designer.graph import Graph, Map
from runs.actions.joins import check_add, check_force
from runs.engine import Fan, RunState, load_state, scopes
from runs.models import Item, Run, StepRun
from runs.models.item import ItemStatus
from runs.refusals import refusal_of
from runs.wording import fault_words

from .veils import veil_of

CARDS_SHOWN = 8  # the maps entered last
MOST_CELLS, ACROSS = 400, 50  # of a picture
CELL_WIDTH, CELL_HEIGHT = 26, 14  # pixels
FAILED_SHOWN, FAILED_ASKED = 20, 200  # of the list, and of one that is asked for
VALUE_SHOWN = 60  # characters of an item

# From the worst to the best: a cell is as its worst item. The tone of each, and what people call it.
FATES = {
    "failed": ("fail", "failed"),
    "under_way": ("run", "under way"),
    "waiting": ("idle", "waiting"),
    "skipped": ("warn", "left out"),
    "succeeded": ("ok", "done"),
}


@dataclass(frozen=True, slots=True)
class Fate:
    """How many items are so far."""

    name: str
    tone: str
    word: str
    count: int
    path: str  # their cells in the picture

    @property
    def counted(self) -> str:
        return f"{self.count:,} {self.word}"


@dataclass(frozen=True, slots=True)
class FailedItem:
    number: int
    value: str
    fault: str
    step: str  # where it failed: the step's key

    @property
    def said(self) -> str:
        return f"{self.number:,}"


@dataclass
class ItemsCard:
    """``step`` is the newest step run of a map; ``state`` is the run's."""

    run: Run
    graph: Graph
    step: StepRun
    state: RunState
    only_failed: bool = False

    @property
    def id(self) -> str:
        return f"items-{self.step.key}"

    @property
    def no(self) -> int:
        return self.step.no

    @property
    def definition(self) -> Map:
        definition = self.graph.step(self.step.key)
        assert isinstance(definition, Map)
        return definition

    @property
    def is_open(self) -> bool:
        """Whether items may still be added."""
        return self.fan is not None and not self.fan.closed

    @property
    def fan(self) -> Fan | None:
        return self.state.fans.get(self.no)

    @cached_property
    def counts(self) -> Counter[str]:
        counts: Counter[str] = Counter()
        for fates in self._cells.values():
            counts.update(fates)
        return counts

    @cached_property
    def total(self) -> int:
        return items_of(self.run, self.no).count()

    @property
    def size(self) -> int:
        """How many items a cell stands for."""
        return max(1, ceil(self.total / MOST_CELLS))

    @property
    def across(self) -> int:
        return min(ACROSS, ceil(self.total / self.size)) or 1

    @property
    def down(self) -> int:
        return ceil(ceil(self.total / self.size) / self.across) or 1

    @property
    def width(self) -> int:
        """Pixels that the picture takes where there is room for it."""
        return self.across * CELL_WIDTH

    @property
    def height(self) -> int:
        return self.down * CELL_HEIGHT

    @property
    def progress(self) -> str:
        return f"{self.counts['succeeded']:,} of {self.total:,}"

    @property
    def said(self) -> str:
        """The counts in a calm line."""
        rest = [fate for fate in ("under_way", "failed", "waiting", "skipped") if self.counts[fate]]
        told = [f"{self.progress} done", *(f"{self.counts[fate]:,} {FATES[fate][1]}" for fate in rest)]
        return " · ".join(told)

    @property
    def described(self) -> str:
        """The picture, for those who do not see it."""
        each = "" if self.size == 1 else f" Each cell stands for {self.size} and is as the worst of them."
        return f"{self.total:,} items in their order: {self.said.replace(' · ', ', ')}.{each}"

    @cached_property
    def fates(self) -> Sequence[Fate]:
        """Those that there are, the best first."""
        worst = {cell: _worst(fates) for cell, fates in self._cells.items()}
        return [
            Fate(name, *FATES[name], self.counts[name], self._path(worst, name))
            for name in reversed(FATES)
            if self.counts[name]
        ]

    @cached_property
    def grid(self) -> str:
        """The lines between the cells."""
        upright = "".join(f"M{x} 0v{self.down}" for x in range(1, self.across))
        return upright + "".join(f"M0 {y}h{self.across}" for y in range(1, self.down))

    @cached_property
    def failed(self) -> Sequence[FailedItem]:
        if not self.counts["failed"]:
            return ()
        found = self._failed_rows.order_by("index")[: FAILED_ASKED if self.only_failed else FAILED_SHOWN]
        items = list(found)
        nos = [item.last for item in items if item.last]
        keys = dict(self.run.step_runs.filter(no__in=nos).values_list("no", "key"))
        body, veil = self.definition.start, veil_of(self.run)
        return [
            FailedItem(
                number=item.index + 1,
                value=short_value(veil.value(item.value)),
                fault=veil.text(fault_words(item.fault)),
                step=keys.get(item.last or 0, body),
            )
            for item in items
        ]

    @property
    def more_failed(self) -> int:
        return self.counts["failed"] - len(self.failed)

    @property
    def add_refused(self) -> str:
        return refusal_of(check_add, self.run, self.no)

    @property
    def force_refused(self) -> str:
        return refusal_of(check_force, self.run, self.no)

    @property
    def _failed_rows(self) -> QuerySet[Item]:
        rows = items_of(self.run, self.no).filter(status=ItemStatus.FAILED).exclude(index__in=self._begun)
        fan = self.fan
        return rows.filter(index__lte=fan.newest) if fan is not None and fan.again else rows

    @cached_property
    def _begun(self) -> Sequence[int]:
        """The items that are under way: as many as there is room for."""
        own = (scope.id for scope in self.state.scopes.values() if scope.opener == self.no)
        return [index for scope in own if (index := scopes.index_of(scope)) is not None]

    @cached_property
    def _cells(self) -> Mapping[int, Counter[str]]:
        """How many items are how far, by cell."""
        placed = items_of(self.run, self.no).order_by().annotate(cell=F("index") / self.size)
        rows = placed.values_list("status", "cell")
        cells: dict[int, Counter[str]] = defaultdict(Counter)
        for status, cell, count in rows.annotate(count=Count("pk")):
            cells[cell][self._fate(status)] += count
        begun = items_of(self.run, self.no).filter(index__in=self._begun)
        self._move(cells, dict(begun.values_list("index", "status")), "under_way")
        fan = self.fan
        if fan is not None and fan.again:
            left = items_of(self.run, self.no).filter(status=ItemStatus.FAILED, index__gt=fan.newest)
            self._move(cells, dict(left.values_list("index", "status")), "waiting")
        return cells

    def _fate(self, status: str) -> str:
        """What is over has left out what it has not begun."""
        return "skipped" if status == ItemStatus.WAITING and self.step.ended_at is not None else status

    def _move(self, cells: Mapping[int, Counter[str]], rows: Mapping[int, str], fate: str) -> None:
        for index, status in rows.items():
            cells[index // self.size][self._fate(status)] -= 1
            cells[index // self.size][fate] += 1

    def _path(self, worst: Mapping[int, str], fate: str) -> str:
        """The cells of a fate, drawn row by row in as few strokes as there are runs of them."""
        return "".join(
            f"M{start % self.across} {start // self.across}h{length}v1h-{length}z"
            for start, length in _runs(
                sorted(cell for cell, own in worst.items() if own == fate), self.across
            )
        )


def items_cards(
    run: Run, graph: Graph, newest: Mapping[str, StepRun], *, only_failed: bool
) -> Sequence[ItemsCard]:
    """A card for each map that was entered, in that order."""
    maps = [step for step in newest.values() if isinstance(graph.steps.get(step.key), Map)]
    if not maps:
        return ()
    state = load_state(run.state)
    entered = sorted(maps, key=lambda step: step.no)[-CARDS_SHOWN:]
    cards = [ItemsCard(run, graph, step, state, only_failed) for step in entered]
    return [card for card in cards if card.total or card.is_open]


def items_of(run: Run, no: int) -> QuerySet[Item]:
    return run.items.filter(no=no)


def left_items(run: Run, no: int) -> int:
    """How many a retry does again: those that have not succeeded."""
    return items_of(run, no).exclude(status__in=[ItemStatus.SUCCEEDED, ItemStatus.SKIPPED]).count()


def retried_words(run: Run, no: int) -> str:
    """What a retry of a map's dead letter does; empty for other steps."""
    left = left_items(run, no)
    if not left:
        return ""
    items = f"{left:,} items that have" if left > 1 else "one item that has"
    return f"It does again only the {items} not succeeded."


def so_far(run: Run, no: int) -> str:
    """How many items of a map have ended, in words; empty for other steps."""
    counts = dict(items_of(run, no).order_by().values_list("status").annotate(count=Count("pk")))
    total = sum(counts.values())
    return f"{counts.get(ItemStatus.SUCCEEDED, 0):,} of {total:,} items are done" if total else ""


def short_value(envelope: Any) -> str:
    """An item in a few words, without asking for what is kept aside."""
    if "is" not in envelope:
        return "a large value"
    value = envelope["is"]
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= VALUE_SHOWN else text[: VALUE_SHOWN - 1] + "…"


def _worst(fates: Mapping[str, int]) -> str:
    return next((name for name in FATES if fates.get(name)), "waiting")


def _runs(cells: Sequence[int], across: int) -> Iterator[tuple[int, int]]:
    """Cells that stand beside each other in a row, as (first, how many)."""
    start = length = 0
    for cell in cells:
        if length and cell == start + length and cell % across:
            length += 1
            continue
        if length:
            yield start, length
        start, length = cell, 1
    if length:
        yield start, length
