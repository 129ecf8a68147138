"""The law of the timeline: in the order of time, inside the chart, none on another, one scale beside the folds."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runs.queries.timeline import (
    AT_WORK,
    FOLDED,
    LEAST,
    TONES,
    WIDTH,
    Scale,
    Segment,
    Span,
    folds_of,
    grown,
    lay_out,
    quiet_times,
    scale_of,
    short,
    ticks_of,
)

LATEST = 100_000.0
moments = st.floats(0, LATEST) | st.floats(0, 10)
kinds = st.sampled_from(sorted(AT_WORK | set(TONES)))


@st.composite
def rows(draw: st.DrawFn) -> list[list[Span]]:
    def span() -> Span:
        start = draw(moments)
        end = draw(st.none() | st.floats(start, LATEST))
        return Span(start, end, draw(kinds))

    return [[span() for _ in range(draw(st.integers(0, 8)))] for _ in range(draw(st.integers(0, 3)))]


def laid_out(charted: list[list[Span]], over: bool, folded: bool) -> tuple[Scale, list[tuple[Segment, ...]]]:
    scale = scale_of(charted, until=LATEST, over=over, folded=folded)
    return scale, [lay_out(spans, scale, LATEST) for spans in charted]


@settings(max_examples=100)
@given(rows(), st.booleans(), st.booleans())
def test_segments_are_in_order_inside_and_apart(charted: list[list[Span]], over: bool, folded: bool):
    _, laid = laid_out(charted, over, folded)
    for segments in laid:
        for segment in segments:
            assert 0 <= segment.x <= segment.end <= WIDTH
            assert segment.is_thin or segment.width >= LEAST - 0.01
        for one, next_one in pairwise(segments):
            assert one.end <= next_one.x


@settings(max_examples=100)
@given(rows(), st.booleans())
def test_every_row_that_did_something_shows_something(charted: list[list[Span]], folded: bool):
    _, laid = laid_out(charted, True, folded)
    for spans, segments in zip(charted, laid, strict=True):
        assert bool(spans) == bool(segments)
        assert len(segments) <= len(spans)


@settings(max_examples=100)
@given(rows(), st.lists(moments, min_size=2, max_size=20))
def test_folding_keeps_the_order_and_one_scale(charted: list[list[Span]], asked: list[float]):
    scale, _ = laid_out(charted, False, True)
    for one, later in pairwise(sorted(asked)):
        assert scale.place(one) <= scale.place(later) + 1e-9
        if not any(start < later and one < end for start, end in scale.folds):
            assert scale.place(later) - scale.place(one) == pytest.approx(
                (later - one) * scale.rate, abs=1e-6
            )


@settings(max_examples=100)
@given(rows())
def test_only_long_quiet_times_are_folded(charted: list[list[Span]]):
    at_work = [span for spans in charted for span in spans if span.kind in AT_WORK]
    for start, end in quiet_times(charted, LATEST):
        assert end - start > FOLDED
        assert not any(
            span.start < end and (span.end or LATEST) > start for span in at_work if span.end != span.start
        )


@settings(max_examples=100)
@given(rows(), st.booleans())
def test_folds_and_ticks_lie_inside_and_apart(charted: list[list[Span]], folded: bool):
    scale, _ = laid_out(charted, False, folded)
    folds, ticks = folds_of(charted, scale), ticks_of(scale)
    assert all(fold.x >= 0 and fold.x + fold.width <= WIDTH + 0.1 for fold in folds)
    assert all(one.x + one.width <= other.x + 0.1 for one, other in pairwise(folds))
    assert all(one.x < other.x for one, other in pairwise(ticks))
    assert all(0 <= tick.x < WIDTH for tick in ticks)
    assert 1 <= len(ticks) <= 24


@given(st.floats(0, 1e7))
def test_a_living_chart_has_room_and_seldom_grows(shown: float):
    assert grown(shown) >= shown * 1.05
    assert grown(shown) <= max(10, shown * 1.05 * 1.1 + 1e-6)
    assert grown(shown) == grown(grown(shown) / 1.06)


def test_a_minute_of_review_is_folded_and_the_rest_keeps_its_scale():
    charted = [[Span(0, 4, "ok")], [Span(4, 64, "review")], [Span(64, 70, "run")]]
    scale = scale_of(charted, until=70, over=False, folded=True)
    (fold,) = folds_of(charted, scale)
    assert (fold.label, fold.tone, fold.width) == ("60 s", "review", 65.0)
    assert scale.length == pytest.approx(grown(10))
    assert [tick.label for tick in ticks_of(scale)][:4] == ["0 s", "2 s", "", "66 s"]
    open_scale = scale_of(charted, until=70, over=False, folded=False)
    assert folds_of(charted, open_scale) == ()
    assert open_scale.length == pytest.approx(grown(70))


def test_now_stands_still_while_nothing_but_a_wait_goes_on():
    charted = [[Span(0, 4, "ok")], [Span(4, None, "review")]]
    places = [
        scale.place(now)
        for now in (60, 3600)
        for scale in [scale_of(charted, until=now, over=False, folded=True)]
    ]
    assert places[0] == pytest.approx(places[1])


def test_a_hundred_quick_attempts_are_drawn_as_far_as_there_is_room():
    spans = [Span(number / 1000, (number + 0.5) / 1000, "fail") for number in range(1000)]
    scale = scale_of([[*spans, Span(1, 1000, "ok")]], until=1000, over=True, folded=True)
    assert len(lay_out(spans, scale, 1000)) == 1


@pytest.mark.parametrize(
    ("seconds", "said"), [(21, "21 s"), (60, "60 s"), (300, "5 min"), (7200, "2 h"), (200_000, "2 d")]
)
def test_a_fold_says_how_long_it_was(seconds: float, said: str):
    assert short(seconds) == said
