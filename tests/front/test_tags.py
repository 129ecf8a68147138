"""The tags as a page uses them."""

from datetime import UTC, datetime, timedelta

import pytest
from django.template import Context, Template
from django.utils import timezone

from choreo_site.templatetags import ui


def rendered(source: str, **values: object) -> str:
    return Template("{% load ui %}" + source).render(Context(values))


def test_a_pill_says_its_status_in_a_word_a_shape_and_a_tone() -> None:
    html = rendered("{% run_pill 'failed' 'rollback_incomplete' %}")
    assert "Rollback incomplete" in html and "#fail" in html and "is-fail" in html


def test_an_icon_is_decoration_unless_it_has_a_label() -> None:
    assert 'aria-hidden="true"' in rendered("{% icon 'copy' %}")
    assert 'role="img" aria-label="undone"' in rendered("{% icon 'comp' 'comp' 'undone' %}")


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("step", 3), "step-3"),
        (("step", "book_courier"), "step-book_courier"),
        (("s", "a.b/c d"), "s-a_b_c_d"),
    ],
)
def test_a_swap_target_is_a_plain_id(parts: tuple, expected: str) -> None:
    assert ui.dom_id(*parts) == expected


def test_a_ticking_time_carries_what_the_script_needs() -> None:
    html = rendered("{% ago when %}", when=timezone.now() - timedelta(minutes=4, seconds=5))
    assert ">4 min ago<" in html and "data-since=" in html and "hx-morph-skip-children" in html


def test_elapsed_stops_ticking_when_it_is_over() -> None:
    start = datetime(2026, 11, 22, 14, 0, 12, tzinfo=UTC)
    html = rendered("{% elapsed start end %}", start=start, end=start + timedelta(seconds=118))
    assert html == "<span>1 m 58 s</span>"


def test_a_limit_that_passed_says_how_late_it_is() -> None:
    assert "12 min late" in rendered(
        "{% time_left at %}", at=timezone.now() - timedelta(minutes=12, seconds=9)
    )


@pytest.mark.parametrize("tag", ["ago", "elapsed", "time_left", "countdown", "clock"])
def test_no_time_is_a_dash(tag: str) -> None:
    assert rendered("{% " + tag + " nothing %}", nothing=None) == "–"


def test_json_is_shown_escaped() -> None:
    assert "&lt;script&gt;" in rendered("{% json_view value %}", value={"note": "<script>"})


def test_a_rail_draws_its_strokes_and_its_dot() -> None:
    strokes = [(("top", 0), "dot", "ok"), (("top", 0), ("bottom", 1), "idle")]
    html = rendered("{% rail strokes 0 2 'ok' 'ok' %}", strokes=strokes)
    assert 'd="M20 0V13"' in html and 'd="M20 0C20 24 35 24 35 48"' in html and "#ok" in html


def test_tries_are_said_in_words_too() -> None:
    assert "attempt 5 of 5" in rendered("{% tries 5 5 'fail' %}")
