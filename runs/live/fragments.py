"""What a page needs to catch up: the same partials that the page itself is made of."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from runs.queries.veils import veil_of

from .sharing import AXIS, GRAPH, NOW, PAGE, RUNG, TABLE, TRACK, View, view_of

REGIONS = (
    *(f"{PAGE}#head", f"{PAGE}#banners", f"{GRAPH}#undoing", f"{PAGE}#items"),
    f"{PAGE}#tabs",
)


@dataclass(frozen=True, slots=True)
class Fragments:
    html: str
    view: View  # what the page has seen, once it is sent them

    @property
    def seq(self) -> int:
        return self.view.page.run.seq


def render(
    run_id: UUID,
    user: Any,
    asked: Mapping[str, str],
    *,
    since: float,
    after: int,
    before: View | None = None,
) -> Fragments | None:
    """What a page lacks of the run as ``user`` sees it at some moment after ``since``, by the monotonic clock: one that
    was sent the view ``before``, or is new, and has come to entry ``after`` of the journal. None: it is not theirs."""
    view = view_of(run_id, user, asked, since=since, after=after)
    return None if view is None else _lacking(view, after, before)


def _lacking(view: View, after: int, before: View | None) -> Fragments:
    """Pages that saw the same lack the same."""
    come = (after, before.number if before else 0)
    with view.moment.lock:
        if come not in view.lacked:
            html = "".join(_parts(view, before, after))
            view.lacked[come] = veil_of(view.page.run, now=True).html(html)
        return Fragments(view.lacked[come], view)


def _parts(view: View, before: View | None, after: int) -> Iterator[str]:
    regions = list(REGIONS)
    if view.page.tab != "events":
        regions.append(f"{PAGE}#{view.page.tab}")
    for region in regions:
        html = view.html(region)
        if before is None or view.words(html) != before.words(before.html(region)):
            yield html
    yield view.html(f"{GRAPH}#changes", after=after)
    yield from _ladder(view, before)
    yield from _timeline(view, before)
    if view.page.tab == "events" and view.page.focus.before is None and view.since(after).lines:
        yield from _lines(view, after)


def _lines(view: View, after: int) -> Iterator[str]:
    """What the journal tells: above what the page has, or in its place where there would be a gap between them."""
    anew = view.since(after).begins_anew
    lines = view.html(f"{PAGE}#lines", after=after)
    yield f'<ol hx-swap-oob="{"innerHTML" if anew else "afterbegin"}:#events">{lines}</ol>'
    if anew:
        yield view.html(f"{PAGE}#older", after=after)


def _ladder(view: View, before: View | None) -> Iterator[str]:
    """All of it, or the rows that have changed of one whose rails run as they did."""
    had, rows = before.page.rows if before else (), view.page.rows
    if [(row.key, row.lanes) for row in had] != [(row.key, row.lanes) for row in rows]:
        yield view.html(f"{GRAPH}#ladder")
        return
    yield from (view.html(RUNG, row) for was, row in zip(had, rows, strict=True) if was != row)


def _timeline(view: View, before: View | None) -> Iterator[str]:
    """All of it, or of one that goes on: the rows that have changed, those that have come, the line of now, and
    what is said of them."""
    chart, had = view.page.chart, before.page.chart if before else None
    if had is None or not chart.continues(had):
        yield view.html(f"{PAGE}#timeline")
        return
    come = chart.tracks[len(had.tracks) :]
    changed = [track for was, track in zip(had.tracks, chart.tracks, strict=False) if was != track]
    yield from (view.html(TRACK, track) for track in changed)
    if come:
        rows = "".join(view.html(TRACK, track, new=True) for track in come)
        yield f'<ol hx-swap-oob="beforeend:#timeline-tracks">{rows}</ol>'
    if had.now != chart.now:
        yield view.html(NOW)
    if come or changed:
        yield view.html(AXIS)
        if view.page.focus.shows_table:
            yield view.html(TABLE)
