"""Every symbol of the sprite is asked for somewhere."""

from pathlib import Path

from designer.catalog import ICONS as TYPE_ICONS
from runs.wording import KIND_ICONS
from tests.front.sprite import ICONS

ROOT = Path(__file__).parents[2]
PLACES = ("templates", "runs", "designer", "choreo_site", "static/js")


def test_no_symbol_is_drawn_for_nobody() -> None:
    texts = "\n".join(
        path.read_text(encoding="utf-8")
        for place in PLACES
        for path in (ROOT / place).rglob("*")
        if path.suffix in (".html", ".py", ".js")
    )
    asked = {name for name in ICONS if f'"{name}"' in texts or f"#{name}" in texts}
    types = {f"type-{name}" for name in TYPE_ICONS}
    assert ICONS - asked - set(KIND_ICONS.values()) - types == set()
    assert types <= ICONS
