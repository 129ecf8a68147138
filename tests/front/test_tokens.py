"""The colours, measured from tokens.css itself: WCAG contrast of every pair a page can show, in both themes."""

import itertools
import re
from pathlib import Path

import pytest

CSS = Path(__file__).parents[2] / "static" / "css"
TEXT, MARK = 4.5, 3.0
STATUSES = ("ok", "run", "warn", "fail", "comp", "review", "idle")
THEMES = ("light", "dark")


def _tokens() -> dict[str, dict[str, str]]:
    declared = re.findall(
        r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);", (CSS / "tokens.css").read_text()
    )
    return {
        "light": {name: light for name, light, _ in declared},
        "dark": {name: dark for name, _, dark in declared},
    }


TOKENS = _tokens()


def _luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _pairs() -> list[tuple[str, str, float]]:
    grounds = ("surface", "canvas")
    status = [(name, ground, TEXT) for name in STATUSES for ground in (*grounds, f"{name}-tint")]
    ink = [(name, ground, TEXT) for name in ("ink", "ink-2", "ink-3") for ground in (*grounds, "sunken")]
    on_tint = [(name, f"{status}-tint", TEXT) for status in STATUSES for name in ("ink", "ink-2")]
    inverse = [("surface", "ink", TEXT), ("surface", "comp", TEXT), ("surface", "fail", TEXT)]
    marks = [(name, ground, MARK) for name in ("line-2", "focus") for ground in grounds]
    return [*status, *ink, *on_tint, *inverse, *marks]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("name", "ground", "least"), _pairs())
def test_it_can_be_read(theme: str, name: str, ground: str, least: float) -> None:
    ratio = _contrast(TOKENS[theme][name], TOKENS[theme][ground])
    assert ratio >= least, f"{name} on {ground} is {ratio:.2f} in the {theme} theme"


def test_the_measure_agrees_with_known_ratios() -> None:
    assert _contrast("#000000", "#ffffff") == pytest.approx(21)
    assert _contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("status", STATUSES)
def test_each_status_has_a_tone_class(status: str) -> None:
    line = f".is-{status} {{ --fg: var(--{status}); --tint: var(--{status}-tint); }}"
    assert line in (CSS / "tokens.css").read_text()


def test_two_statuses_never_share_a_colour() -> None:
    for theme, (one, other) in itertools.product(THEMES, itertools.combinations(STATUSES, 2)):
        assert TOKENS[theme][one] != TOKENS[theme][other]


@pytest.mark.parametrize(
    "sheet", sorted(path.name for path in CSS.glob("*.css") if path.name != "tokens.css")
)
def test_colours_live_in_the_tokens_alone(sheet: str) -> None:
    rules = (CSS / sheet).read_text()
    assert not re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[^{]*;)|rgba?\(|hsla?\(|oklch\(", rules)


def test_every_token_used_is_declared() -> None:
    sheets = {path.name: path.read_text() for path in CSS.glob("*.css")}
    declared = set(itertools.chain(*(re.findall(r"(--[\w-]+)\s*:", text) for text in sheets.values())))
    used = set(itertools.chain(*(re.findall(r"var\((--[\w-]+)", text) for text in sheets.values())))
    assert used <= declared
