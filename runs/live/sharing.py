"""Readers of one run who see the same are served by one reading: ten open pages cost about as much as one.

A view is one moment of a run as some readers see it. It is new enough for whoever was rung before it was read.
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
# What the page depends on.
RIGHTS = ("runs.view_run", "runs.operate_run", "runs.start_run", "runs.view_review")
KEPT = 2.0  # seconds

Key = tuple[Any, ...]


@dataclass
class View:
    page: RunPage
    read_at: float  # by the monotonic clock; nothing was read before
    pages: dict[int, RunPage] = field(default_factory=dict)  # by how far the reader has come
    rendered: dict[tuple[str, str, bool, int], str] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)
    lacked: dict[tuple[int, int], str] = field(default_factory=dict)  # by the entry and the view come to
    number: int = field(default_factory=count(1).__next__)
    lock: Lock = field(default_factory=Lock)  # whoever comes first renders, the others wait for it

    def since(self, after: int) -> RunPage:
        if after not in self.pages:
            self.pages[after] = self.page.since(after)
        return self.pages[after]

    def html(
        self, name: str, row: Track | LadderRow | None = None, *, new: bool = False, after: int = 0
    ) -> str:
        """A region, or a part of one, not veiled yet. A ``row`` that is ``new`` to the page has no place yet to be put
        in."""
        page, after = (self.since(after), after) if name in SINCE else (self.page, 0)
        place = (name, row.id if row else "", new, after)
        if place not in self.rendered:
            oob = {"part_oob" if name in PARTS else "oob": "" if new else MORPH}
            context = {"page": page, "run": page.run, "track": row, "row": row, **oob}
            self.rendered[place] = render_to_string(name, context)
        return self.rendered[place]

    def words(self, html: str) -> str:
        """What it says, whatever ticks in it."""
        if html not in self.said:
            self.said[html] = TICKING.sub(">", html)
        return self.said[html]


_views: dict[Key, View] = {}
_lock = Lock()


def view_of(run_id: UUID, user: Any, asked: Mapping[str, str], since: float) -> View | None:
    """One that was read after the moment ``since``, perhaps for somebody else who sees the same. None where there is no
    such run, or ``user`` may not see it."""
    key, now = _key(run_id, user, asked), time.monotonic()
    with _lock:
        view = _views.get(key)
    if view is not None and view.read_at >= since:
        return view
    run = find_run(user, run_id)
    if run is None:
        return None
    view = View(run_page(run, user, asked), now)
    with _lock:
        for old in [known for known, view in _views.items() if now - view.read_at > KEPT]:
            del _views[old]
        _views[key] = view
    return view


def _key(run_id: UUID, user: Any, asked: Mapping[str, str]) -> Key:
    """What makes two readers see the same: what they ask for, but for how far they have come, and who they are."""
    wanted = frozenset((name, value) for name, value in asked.items() if name != "after")
    rights = tuple(user.has_perm(one) for one in RIGHTS)
    return (
        *(run_id, wanted, rights, sees_all(user), hidden_workflows(user)),
        timezone.get_current_timezone_name(),
    )
