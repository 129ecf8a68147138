"""Numbers and moments as the lists and their charts print them."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django import template
from django.utils import timezone

register = template.Library()


@register.filter
def grouped(number: int | None) -> str:
    """12,345."""
    return f"{number or 0:,}"


@register.filter
def percent(share: float) -> str:
    """98.71, and 100 without a fraction. What is short of 100 never reads as 100."""
    return "100" if share >= 100 else f"{min(share, 99.99):.2f}"


@register.filter
def signed(number: float) -> str:
    """+6.1, −3.0, +310."""
    text = f"{abs(number):.0f}" if abs(number) >= 100 else f"{abs(number):.1f}"
    return f"{'−' if number < 0 else '+'}{text}"


@register.filter
def add_number(number: float, more: float) -> float:
    return round(number + float(more), 2)


@register.filter
def at(mapping: Any, name: str) -> Any:
    return mapping.get(name.replace("-", "_"))


@register.simple_tag
def moment(when: datetime, period: str = "") -> str:
    """As short as tells moments of a period apart: 14:05 within a day, 22 Nov beyond."""
    local = timezone.localtime(when)
    return f"{local:%H:%M}" if period in ("1h", "24h") else f"{local.day} {local:%b}"


@register.simple_tag
def shortly(when: datetime) -> str:
    """14:05 today, 21 Nov 14:05 before."""
    local, now = timezone.localtime(when), timezone.localtime()
    return f"{local:%H:%M}" if local.date() == now.date() else f"{local.day} {local:%b} {local:%H:%M}"


@register.simple_tag
def query_of(**asked: str) -> str:
    """The query of an address, without what is empty."""
    return "?" + urlencode({name: value for name, value in asked.items() if value})
