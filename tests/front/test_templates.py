"""What a strict content security policy forbids, no template holds; what a page asks for, exists."""

import re
from pathlib import Path

import pytest

from tests.front.sprite import ICONS

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))

FORBIDDEN = {
    "a style attribute": r"<[^>]*\sstyle\s*=",
    "a style element": r"<style\b",
    "an inline script": r"<script(?![^>]*\bsrc=)",
    "an event attribute": r"<[^>]*\son[a-z]+\s*=",
    "hx-on": r"\bhx-on\b",
    "an evaluated value": r"[\"']\s*(?:js|javascript):",
    "a filter in a trigger": r"hx-trigger=\"[^\"]*\[",
    "an extension of htmx 2": r"\bhx-ext=|\bws-connect=",
    "an address elsewhere": r"(?:src|href)=\"(?:https?:)?//",
}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_it_holds_nothing_the_policy_forbids(path: Path) -> None:
    text = re.sub(r"{%.*?%}|{{.*?}}|{#.*?#}", "", path.read_text(), flags=re.S)
    found = [name for name, pattern in FORBIDDEN.items() if re.search(pattern, text, re.I)]
    assert not found


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_its_icons_are_in_the_sprite(path: Path) -> None:
    asked = set(re.findall(r"{%-? icon \"([\w-]+)\"", path.read_text()))
    assert asked <= ICONS


@pytest.mark.parametrize(
    "text", ['<p style="x">', "<a hx-on:click='y'>", '<p onclick="y()">', "<script>1</script>"]
)
def test_the_patterns_bite(text: str) -> None:
    assert any(re.search(pattern, text, re.I) for pattern in FORBIDDEN.values())


def test_every_stylesheet_is_linked() -> None:
    linked = set(re.findall(r"css/([\w-]+\.css)", (ROOT / "templates/parts/styles.html").read_text()))
    assert linked == {path.name for path in (ROOT / "static/css").glob("*.css")}
