"""What a page needs to catch up: the same partials that the page itself is made of."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from runs.models import Run
from runs.queries import RunPage, run_page
from runs.queries.chart import Chart

MORPH = mark_safe(' hx-swap-oob="outerMorph"')  # a constant, nothing of a user's
TICKING = re.compile(r" hx-morph-skip-children>[^<]*")  # texts that the page lets tick by itself
PAGE, GRAPH = "runs/run.html", "runs/graph.html"
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
    page = run_page(run, user, asked, after=after)
    known = Known() if known is None else known
    context = {"page": page, "run": run, "oob": MORPH}
    regions = [*REGIONS, f"{GRAPH}#changes" if page.picture.is_large else f"{GRAPH}#graph"]
    if page.tab != "events":
        regions.append(f"{PAGE}#{page.tab}")
    parts = [(region, render_to_string(region, context)) for region in regions]
    html = [html for region, html in parts if known.lacks(region, html)]
    return Fragments("".join((*html, *_timeline(page, known, context), *_lines(page, context))), run.seq)


def _timeline(page: RunPage, known: Known, context: dict[str, Any]) -> Iterator[str]:
    """All of it when its frame has changed, else the rows that have, the line of now and the table."""
    before, known.chart = known.chart, page.chart
    if before is None or before.frame != page.chart.frame:
        yield render_to_string(f"{PAGE}#timeline", context)
        return
    context = {**context, "oob": "", "part_oob": MORPH}
    changed = [now for was, now in zip(before.tracks, page.chart.tracks, strict=True) if was != now]
    for track in changed:
        yield render_to_string(f"{PAGE}#track", context | {"track": track})
    if before.now != page.chart.now:
        yield render_to_string(f"{PAGE}#now", context)
    table = render_to_string(f"{PAGE}#table", context) if changed else ""
    if changed and known.lacks("table", table):
        yield table


def _lines(page: RunPage, context: dict[str, Any]) -> Iterator[str]:
    if page.tab == "events" and page.focus.before is None and page.lines:
        lines = render_to_string(f"{PAGE}#lines", context)
        yield f'<ol hx-swap-oob="afterbegin:#events">{lines}</ol>'
