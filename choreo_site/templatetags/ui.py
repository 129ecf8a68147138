"""The tags of the house: icons, pills, times, ids of swap targets. Every page loads these and only these."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from choreo_site import rails
from designer import durations
from designer.zones import zone_word
from runs.wording import KIND_ICONS, Wording, run_wording, step_wording

register = template.Library()

NO_TIME = "–"
# What ticks: the attribute with its moment, and the words for a moment so many seconds ago. app.js has the same forms.
TICKS: Mapping[str, tuple[str, Callable[[float], str]]] = {
    "ago": ("since", durations.ago_text),
    "elapsed": ("since", durations.duration_text),
    "left": ("until", lambda age: durations.left_text(-age)),
    "countdown": ("until", lambda age: durations.countdown_text(-age)),
}


@register.simple_tag
def icon(name: str, tone: str = "", label: str = "") -> SafeString:
    """`{% icon "copy" %}`; a label makes it speak, without one it is decoration."""
    said = format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    classes = f"icon icon-{name}" + (f" tone is-{tone}" if tone else "")
    return format_html(
        '<svg class="{}" {}><use href="{}#{}"></use></svg>', classes, said, static("icons.svg"), name
    )


@register.simple_tag
def shape_icon(name: str, x: int, y: int, size: int) -> SafeString:
    """A shape inside a drawing, at its place; decoration, since the drawing's own words say the same."""
    return format_html(
        '<svg class="icon-{}" x="{}" y="{}" width="{}" height="{}" aria-hidden="true"><use href="{}#{}"></use></svg>',
        name, x, y, size, size, static("icons.svg"), name,
    )  # fmt: skip


@register.simple_tag
def kind_icon(kind: str) -> SafeString:
    return icon(KIND_ICONS[str(kind).lower()])


@register.simple_tag
def pill(word: str, tone: str = "idle", name: str = "", extra: str = "") -> SafeString:
    shape = icon(name) if name else ""
    return format_html('<span class="pill is-{} {}">{}{}</span>', tone, extra, shape, word)


@register.simple_tag
def run_pill(status: str, reason: str | None = "", extra: str = "") -> SafeString:
    return _worded_pill(run_wording(status, reason), extra)


@register.simple_tag
def step_pill(status: str, reason: str | None = "", extra: str = "") -> SafeString:
    return _worded_pill(step_wording(status, reason), extra)


@register.simple_tag
def tries(number: int, limit: int = 0, tone: str = "warn") -> SafeString:
    """The `↻ 2` or `↻ 5/5` beside a step that needed more than one attempt."""
    text = f"{number}/{limit}" if limit else f"{number}"
    said = f"attempt {number} of {limit}" if limit else f"{number} attempts"
    return format_html(
        '<span class="badge is-{}">{}<span class="sr-only">{}</span><span aria-hidden="true">{}</span></span>',
        tone, icon("retry"), said, text,
    )  # fmt: skip


@register.simple_tag
def rail(strokes: Iterable, lane: int, lanes: int, name: str, tone: str, label: str = "") -> SafeString:
    """The rail beside one ladder row; see choreo_site/rails.py for what a stroke is."""
    drawn = format_html_join("", '<path class="is-{}" d="{}"></path>', rails.rail_paths(strokes, lane))
    return format_html(
        '<svg class="rail" width="{}" height="{}" {}>{}<circle class="halo" cx="{}" cy="{}" r="{}"></circle>'
        '<svg class="rail-dot is-{} icon-{}" x="{}" y="{}" width="16" height="16"><use href="{}#{}"></use></svg></svg>',
        rails.rail_width(lanes), rails.ROW,
        format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"'),
        drawn, rails.lane_x(lane), rails.MIDDLE, rails.CLEAR,
        tone, name, rails.lane_x(lane) - 8, rails.MIDDLE - 8, static("icons.svg"), name,
    )  # fmt: skip


@register.simple_tag
def dom_id(*parts: object) -> str:
    """The id of a swap target. Page, part and socket all ask here, so they cannot disagree."""
    return "-".join(re.sub(r"[^A-Za-z0-9_]+", "_", str(part)).strip("_") for part in parts)


@register.simple_tag
def ago(when: datetime | None) -> SafeString:
    return _ticking(when, "ago")


@register.simple_tag
def elapsed(since: datetime | None, until: datetime | None = None) -> SafeString:
    """How long something has taken: a ticking text while it lasts, a plain one when it is over."""
    if since and until:
        return format_html("<span>{}</span>", durations.duration_text((until - since).total_seconds()))
    return _ticking(since, "elapsed")


@register.simple_tag
def time_left(until: datetime | None) -> SafeString:
    return _ticking(until, "left")


@register.simple_tag
def countdown(until: datetime | None) -> SafeString:
    return _ticking(until, "countdown")


@register.simple_tag
def tick_text(when: datetime, style: str) -> SafeString:
    """The same inside the text of a drawing."""
    return format_html("<tspan {}>{}</tspan>", *_tick(when, style))


@register.simple_tag
def clock(when: datetime | None, style: str = "time") -> SafeString:
    """14:02:10; style "date" gives 22 Nov 14:02, style "tenths" gives 14:02:07.6."""
    if when is None:
        return SafeString(NO_TIME)
    local = timezone.localtime(when)
    forms = {
        "time": f"{local:%H:%M:%S}",
        "tenths": f"{local:%H:%M:%S}.{local.microsecond // 100_000}",
        "minutes": f"{local:%H:%M}",
        "date": f"{local.day} {local:%b %H:%M}",
    }
    return format_html("<time {}>{}</time>", _exactly(when), forms[style])


@register.simple_tag
def duration(seconds: float | None) -> str:
    return NO_TIME if seconds is None else durations.duration_text(seconds)


@register.simple_tag
def json_view(value: object) -> SafeString:
    text = json.dumps(value, indent=2, ensure_ascii=False, default=str)
    return format_html('<pre class="json" tabindex="0">{}</pre>', text)


def _worded_pill(wording: Wording, extra: str) -> SafeString:
    return pill(wording.word, wording.tone, wording.icon, extra)


def _ticking(when: datetime | None, style: str) -> SafeString:
    if when is None:
        return SafeString(NO_TIME)
    return format_html("<time {} {}>{}</time>", _exactly(when), *_tick(when, style))


def _exactly(when: datetime) -> SafeString:
    """For programs in UTC, and for people by their own clocks."""
    title = f"{timezone.localtime(when):%Y-%m-%d %H:%M:%S} {zone_word(when)}"
    return format_html('datetime="{}" title="{}"', when.astimezone(UTC).isoformat(), title)


def _tick(when: datetime, style: str) -> tuple[SafeString, str]:
    """What app.js needs to let a text tick, and the text. A morph may change the attributes, never the text."""
    name, text_of = TICKS[style]
    told = format_html(
        'data-{}="{}" data-tick="{}" hx-morph-skip-children', name, f"{when.timestamp():.3f}", style
    )
    return told, text_of((timezone.now() - when).total_seconds())
