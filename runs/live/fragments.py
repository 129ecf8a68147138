"""What a page needs to catch up: the same partials that the page itself is made of."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from runs.models import Run
from runs.queries.chart import Chart

from .sharing import GRAPH, PAGE, View, view_of

TICKING = re.compile(r" hx-morph-skip-children>[^<]*")  # texts that the page lets tick by itself
REGIONS = (f"{PAGE}#head", f"{PAGE}#banners", f"{GRAPH}#ladder", f"{GRAPH}#undoing", f"{PAGE}#tabs")


@dataclass
class Known:
    """What a page has been sent already, so that it is not sent again. A new connection knows nothing."""

    regions: dict[str, str] = field(default_factory=dict)
    chart: Chart | None = None

    def lacks(self, region: str, html: str) -> bool:
        said = TICKING.sub(">", html)
        known, self.regions[region] = self.regions.get(region), said
        return known != said


@dataclass(frozen=True, slots=True)
class Fragments:
    html: str
    seq: int


def render(
    run: Run, user: Any, asked: Mapping[str, str], *, after: int, known: Known | None = None
) -> Fragments:
    """What ``known`` lacks of the page as ``user`` sees it now, and the journal lines after entry ``after``.

    Of a large graph only the nodes and lines that have changed since then.
    """
    view = view_of(run, user, asked, after)
    with view.lock:
        parts = tuple(_parts(view, Known() if known is None else known))
    return Fragments("".join(parts), run.seq)


def _parts(view: View, known: Known) -> Iterator[str]:
    regions = [*REGIONS, f"{GRAPH}#changes" if view.page.picture.is_large else f"{GRAPH}#graph"]
    if view.page.tab != "events":
        regions.append(f"{PAGE}#{view.page.tab}")
    yield from (view.html(region) for region in regions if known.lacks(region, view.html(region)))
    yield from _timeline(view, known)
    if view.page.tab == "events" and view.page.focus.before is None and view.page.lines:
        yield f'<ol hx-swap-oob="afterbegin:#events">{view.html(f"{PAGE}#lines")}</ol>'


def _timeline(view: View, known: Known) -> Iterator[str]:
    """All of it when its frame has changed, else the rows that have, the line of now and the table."""
    before, chart = known.chart, view.page.chart
    known.chart = chart
    if before is None or before.frame != chart.frame:
        yield view.html(f"{PAGE}#timeline")
        return
    changed = [track for was, track in zip(before.tracks, chart.tracks, strict=True) if was != track]
    for track in changed:
        yield view.html(f"{PAGE}#track", track)
    if before.now != chart.now:
        yield view.html(f"{PAGE}#now")
    if changed and known.lacks("table", view.html(f"{PAGE}#table")):
        yield view.html(f"{PAGE}#table")
