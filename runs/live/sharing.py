"""Readers of one run who see the same are served by one reading: ten open pages cost about as much as one.

A moment of a run is new enough for whoever was rung before it was read, for two seconds. Of one moment there is a view
for each kind of reader, by the buttons that they have.
"""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from threading import Lock
from typing import Any
from uuid import UUID

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import mark_safe

from designer.visibility import hidden_workflows
from runs.queries import RunPage, find_run, run_page
from runs.queries.chart import Track
from runs.queries.ladder import LadderRow
from runs.queries.veils import sees_all

MORPH = mark_safe(' hx-swap-oob="outerMorph"')  # a constant, nothing of a user's
PAGE, GRAPH = "runs/run.html", "runs/graph.html"
TRACK, RUNG, AXIS = f"{PAGE}#track", f"{GRAPH}#rung", f"{PAGE}#axis"
NOW, TABLE = f"{PAGE}#now", f"{PAGE}#table"
PARTS = (TRACK, RUNG, AXIS, NOW, TABLE)  # what stands inside a region
SINCE = (f"{GRAPH}#changes", f"{PAGE}#lines", f"{PAGE}#older")  # what depends on how far the reader has come
TICKING = re.compile(r" hx-morph-skip-children>[^<]*")  # texts that the page lets tick by itself
BY_RIGHTS = tuple(f"{PAGE}#{name}" for name in ("head", "banners", "items", "step"))  # what has buttons
RIGHTS = ("runs.operate_run", "runs.start_run", "runs.view_review")  # what they depend on
KEPT = 2.0  # seconds: what it says of now must not be older

type Key = tuple[Any, ...]
type Place = tuple[
    str, str, bool, int
]  # of a region or part: its name, the row, whether that is new, how far one is


@dataclass
class Moment:
    """A run as it stood, read once for all from whom the same is hidden."""

    page: RunPage
    read_at: float  # by the monotonic clock; nothing was read before
    pages: dict[int, RunPage] = field(default_factory=dict)  # by how far the reader has come
    rendered: dict[Place, str] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)
    views: dict[tuple[bool, ...], "View"] = field(default_factory=dict)  # by what one may do
    lock: Lock = field(default_factory=Lock)  # whoever comes first renders, the others wait for it

    def since(self, after: int) -> RunPage:
        if after not in self.pages:
            self.pages[after] = self.page.since(after)
        return self.pages[after]

    def view(self, user: Any) -> "View":
        rights = tuple(user.has_perm(one) for one in RIGHTS)
        with self.lock:
            if rights not in self.views:
                # The first reads on this page, and the others take what it has read by then.
                page = self.page.for_another(user) if self.views else self.page
                self.views[rights] = View(self, page)
            return self.views[rights]


@dataclass
class View:
    """A moment, for those who may also do the same."""

    moment: Moment
    page: RunPage
    rendered: dict[Place, str] = field(default_factory=dict)  # what no others see
    lacked: dict[tuple[int, int], str] = field(default_factory=dict)  # by the entry and the view come to
    number: int = field(default_factory=count(1).__next__)

    def since(self, after: int) -> RunPage:
        return self.moment.since(after)

    def html(
        self, name: str, row: Track | LadderRow | None = None, *, new: bool = False, after: int = 0
    ) -> str:
        """A region, or a part of one, not veiled yet. A ``row`` that is ``new`` to the page has no place yet to be put
        in."""
        page, after = (self.since(after), after) if name in SINCE else (self.page, 0)
        rendered = self.rendered if name in BY_RIGHTS else self.moment.rendered
        place = (name, row.id if row else "", new, after)
        if place not in rendered:
            oob = {"part_oob" if name in PARTS else "oob": "" if new else MORPH}
            context = {"page": page, "run": page.run, "track": row, "row": row, **oob}
            rendered[place] = render_to_string(name, context)
        return rendered[place]

    def words(self, html: str) -> str:
        """What it says, whatever ticks in it."""
        said = self.moment.said
        if html not in said:
            said[html] = TICKING.sub(">", html)
        return said[html]


_moments: dict[Key, Moment] = {}
_lock = Lock()


def view_of(
    run_id: UUID, user: Any, asked: Mapping[str, str], *, since: float, after: int = 0
) -> View | None:
    """Of a moment after ``since``, perhaps read for somebody else who sees the same, and one that knows of entry
    ``after``. None where there is no such run, or ``user`` may not see it."""
    key, now = _key(run_id, user, asked), time.monotonic()
    with _lock:
        moment = _moments.get(key)
    if moment is not None and moment.read_at >= max(since, now - KEPT) and moment.page.run.seq >= after:
        return moment.view(user)
    run = find_run(user, run_id)
    if run is None:
        return None
    moment = Moment(run_page(run, user, asked), now)
    with _lock:
        for old in [known for known, kept in _moments.items() if now - kept.read_at > KEPT]:
            del _moments[old]
        _moments[key] = moment
    return moment.view(user)


def _key(run_id: UUID, user: Any, asked: Mapping[str, str]) -> Key:
    """What makes two readers see the same: what they ask for, but for how far they have come, and what is hidden from
    them."""
    wanted = frozenset((name, value) for name, value in asked.items() if name != "after")
    hidden = (user.has_perm("runs.view_run"), sees_all(user), hidden_workflows(user))
    return (run_id, wanted, *hidden, timezone.get_current_timezone_name())
