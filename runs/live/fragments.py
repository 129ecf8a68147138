"""What a page needs to catch up: the same partials that the page itself is made of."""

from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from runs.models import Run
from runs.queries import run_page

MORPH = mark_safe(' hx-swap-oob="outerMorph"')  # a constant, nothing of a user's
PAGE, GRAPH = "runs/run.html", "runs/graph.html"
REGIONS = (f"{PAGE}#head", f"{PAGE}#banners", f"{GRAPH}#ladder", f"{GRAPH}#undoing", f"{PAGE}#tabs")


@dataclass(frozen=True, slots=True)
class Fragments:
    html: str
    seq: int


def render(run: Run, user: Any, *, after: int, step: str, tab: str) -> Fragments:
    """Every region as ``user`` sees it now, and the journal lines after entry ``after``.

    Of a large graph only the nodes and lines that have changed since then.
    """
    page = run_page(run, user, step=step, tab=tab, after=after)
    context = {"page": page, "run": run, "oob": MORPH}
    regions = [*REGIONS, f"{GRAPH}#changes" if page.picture.is_large else f"{GRAPH}#graph"]
    if page.tab != "events":
        regions.append(f"{PAGE}#{page.tab}")
    parts: list[str] = [render_to_string(region, context) for region in regions]
    if page.tab == "events" and page.lines:
        lines = render_to_string(f"{PAGE}#lines", context)
        parts.append(f'<ol hx-swap-oob="afterbegin:#events">{lines}</ol>')
    return Fragments("".join(parts), run.seq)
