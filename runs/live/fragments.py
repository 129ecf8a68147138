"""What a page needs to catch up: the same partials that the page itself is made of."""

from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from runs.models import Run
from runs.queries import run_page

MORPH = mark_safe(' hx-swap-oob="outerMorph"')  # a constant, nothing of a user's
REGIONS = ("head", "banners", "steps", "tabs")


@dataclass(frozen=True, slots=True)
class Fragments:
    html: str
    seq: int


def render(run: Run, user: Any, *, after: int, step: str, tab: str) -> Fragments:
    """Every region as ``user`` sees it now, and the journal lines after entry ``after``."""
    page = run_page(run, user, step=step, tab=tab, after=after)
    context = {"page": page, "run": run, "oob": MORPH}
    regions = REGIONS if page.tab == "events" else (*REGIONS, page.tab)
    parts: list[str] = [render_to_string(f"runs/run.html#{region}", context) for region in regions]
    if page.tab == "events" and page.lines:
        lines = render_to_string("runs/run.html#lines", context)
        parts.append(f'<ol hx-swap-oob="afterbegin:#events">{lines}</ol>')
    return Fragments("".join(parts), run.seq)
