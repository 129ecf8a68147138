"""Readers of one run who see the same are served by one reading: ten open pages cost about as much as one.

A view is one moment of a run as some readers see it. It is kept for as long as a page waits between two looks.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import mark_safe

from runs.models import Run
from runs.queries import RunPage, run_page
from runs.queries.chart import Track
from runs.queries.ladder import LadderRow
from runs.queries.veils import veil_of

MORPH = mark_safe(' hx-swap-oob="outerMorph"')  # a constant, nothing of a user's
PAGE, GRAPH = "runs/run.html", "runs/graph.html"
TRACK, RUNG, AXIS = f"{PAGE}#track", f"{GRAPH}#rung", f"{PAGE}#axis"
NOW, TABLE = f"{PAGE}#now", f"{PAGE}#table"
PARTS = (TRACK, RUNG, AXIS, NOW, TABLE)  # what stands inside a region
FRESH = 0.25  # seconds
KEPT = 2.0  # seconds

Key = tuple[Any, ...]


@dataclass
class View:
    page: RunPage
    made: float
    rendered: dict[tuple[str, str, bool], str] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)  # whoever comes first renders, the others wait for it

    def html(self, name: str, row: Track | LadderRow | None = None, *, new: bool = False) -> str:
        """A region, or a part of one. A ``row`` that is ``new`` to the page has no place yet to be put in."""
        place = (name, row.id if row else "", new)
        if place not in self.rendered:
            oob = {"part_oob" if name in PARTS else "oob": "" if new else MORPH}
            context = {"page": self.page, "run": self.page.run, "track": row, "row": row, **oob}
            self.rendered[place] = veil_of(self.page.run).html(render_to_string(name, context))
        return self.rendered[place]


_views: dict[Key, View] = {}
_lock = Lock()


def view_of(run: Run, user: Any, asked: Mapping[str, str], after: int) -> View:
    """Of a reader whose page has come to entry ``after``."""
    page, now = run_page(run, user, asked, after=after), time.monotonic()
    key = (
        *(run.pk, run.seq, after, page.focus, page.may_operate, page.may_start, page.may_see_reviews),
        run.seen_whole,
        timezone.get_current_timezone_name(),
    )
    with _lock:
        for old in [known for known, view in _views.items() if now - view.made > KEPT]:
            del _views[old]
        view = _views.get(key)
        if view is None or now - view.made >= FRESH:
            view = _views[key] = View(page, now)
        return view
