"""What a page needs to catch up: the same partials that the page itself is made of."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from runs.models import Run
from runs.queries.chart import Chart
from runs.queries.ladder import LadderRow

from .sharing import AXIS, GRAPH, NOW, PAGE, RUNG, TABLE, TRACK, View, view_of

REGIONS = (
    *(f"{PAGE}#head", f"{PAGE}#banners", f"{GRAPH}#changes", f"{GRAPH}#undoing", f"{PAGE}#items"),
    f"{PAGE}#tabs",
)


@dataclass
class Known:
    """What a page has been sent already, so that it is not sent again. A new connection knows nothing."""

    regions: dict[str, str] = field(default_factory=dict)
    rows: Sequence[LadderRow] = ()
    chart: Chart | None = None

    def lacks(self, region: str, said: str) -> bool:
        known, self.regions[region] = self.regions.get(region), said
        return known != said


@dataclass(frozen=True, slots=True)
class Fragments:
    html: str
    seq: int


def render(
    run: Run, user: Any, asked: Mapping[str, str], *, after: int, known: Known | None = None
) -> Fragments:
    """What ``known`` lacks of the page as ``user`` sees it now, and what the journal tells after entry ``after``:
    its lines, and the boxes and lines of the graph that have changed since then."""
    return lacking(view_of(run, user, asked), after, Known() if known is None else known)


def lacking(view: View, after: int, known: Known) -> Fragments:
    with view.lock:
        parts = tuple(_parts(view, known, after))
    return Fragments("".join(parts), view.page.run.seq)


def _parts(view: View, known: Known, after: int) -> Iterator[str]:
    regions = list(REGIONS)
    if view.page.tab != "events":
        regions.append(f"{PAGE}#{view.page.tab}")
    for region in regions:
        html = view.html(region, after=after)
        if known.lacks(region, view.words(html)):
            yield html
    yield from _ladder(view, known)
    yield from _timeline(view, known)
    if view.page.tab == "events" and view.page.focus.before is None and view.since(after).lines:
        yield from _lines(view, after)


def _lines(view: View, after: int) -> Iterator[str]:
    """What the journal tells: above what the page has, or in its place where there would be a gap between them."""
    anew = view.since(after).begins_anew
    lines = view.html(f"{PAGE}#lines", after=after)
    yield f'<ol hx-swap-oob="{"innerHTML" if anew else "afterbegin"}:#events">{lines}</ol>'
    if anew:
        yield view.html(f"{PAGE}#older", after=after)


def _ladder(view: View, known: Known) -> Iterator[str]:
    """All of it, or the rows that have changed of one whose rails run as they did."""
    before, rows = known.rows, view.page.rows
    known.rows = rows
    if [(row.key, row.lanes) for row in before] != [(row.key, row.lanes) for row in rows]:
        yield view.html(f"{GRAPH}#ladder")
        return
    yield from (view.html(RUNG, row) for was, row in zip(before, rows, strict=True) if was != row)


def _timeline(view: View, known: Known) -> Iterator[str]:
    """All of it, or of one that goes on: the rows that have changed, those that have come, the line of now, and
    what is said of them."""
    before, chart = known.chart, view.page.chart
    known.chart = chart
    if before is None or not chart.continues(before):
        known.regions.pop(AXIS, None)
        known.regions.pop(TABLE, None)
        yield view.html(f"{PAGE}#timeline")
        return
    come = chart.tracks[len(before.tracks) :]
    changed = [track for was, track in zip(before.tracks, chart.tracks, strict=False) if was != track]
    yield from (view.html(TRACK, track) for track in changed)
    if come:
        rows = "".join(view.html(TRACK, track, new=True) for track in come)
        yield f'<ol hx-swap-oob="beforeend:#timeline-tracks">{rows}</ol>'
    if before.now != chart.now:
        yield view.html(NOW)
    if come or changed:
        parts = {part: view.html(part) for part in (AXIS, TABLE)}
        yield from (html for part, html in parts.items() if known.lacks(part, view.words(html)))
