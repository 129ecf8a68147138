"""The picture of a retry says what the engine does."""

import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from designer.durations import short_text
from designer.graph import Retry
from designer.queries import total_text, tries_picture, waits_of
from designer.queries.tries import BESIDE, SQUARE, WIDTH
from tests.designer.drafts import save

SECONDS = st.floats(0.001, 100_000).map(lambda seconds: timedelta(seconds=round(seconds, 3)))
RETRIES = st.builds(
    Retry,
    attempts=st.integers(1, 40),
    wait=SECONDS,
    factor=st.floats(1, 1_000),
    longest=SECONDS,
    jitter=st.booleans(),
)


@given(RETRIES)
def test_its_waits_are_the_engines_without_what_varies(retry: Retry):
    steady = Retry(
        attempts=retry.attempts, wait=retry.wait, factor=retry.factor, longest=retry.longest, jitter=False
    )
    asked = [steady.again(tries=n, error="E", retryable=True, key="k") for n in range(1, retry.attempts + 1)]
    assert [*waits_of(retry), None] == asked
    picture = tries_picture(retry)
    drawn = [pause.text for pause in picture.pauses if pause.text]
    assert drawn == [short_text(wait.total_seconds()) for wait in waits_of(retry)][: len(drawn)]
    assert len(drawn) == min(retry.attempts - 1, 4 if retry.attempts > 6 else 5)
    assert [one.number for one in picture.tries][-1] == retry.attempts


@given(RETRIES)
def test_it_fits_and_nothing_lies_over_another(retry: Retry):
    picture = tries_picture(retry)
    edges = [0.0]
    for place, one in enumerate(picture.tries):
        edges += [one.x, one.x + SQUARE]
        if place < len(picture.pauses):
            edges += [picture.pauses[place].x1, picture.pauses[place].x2]
    assert edges == sorted(edges)
    assert picture.end + BESIDE <= WIDTH + 1


@pytest.mark.parametrize(
    ("attempts", "said"),
    [(1, "0 s"), (2, "0.5 s"), (5, "7.5 s"), (8, "63.5 s"), (20, "6.38 min")],
)
def test_the_waiting_in_all(attempts: int, said: str):
    retry = Retry(attempts=attempts, wait=timedelta(seconds=0.5), longest=timedelta(seconds=30))
    total = sum(waits_of(retry), timedelta())
    assert total_text(retry) == short_text(total.total_seconds())
    if attempts < 6:
        assert total_text(retry) == said


@pytest.mark.django_db
def test_the_page_shows_it(designer, draft):
    said = save(designer, draft, "charge", "input", attempts="5", wait="0.5", factor="2", longest="30")
    text = said.content.decode()
    assert "gives up after about 7.5 s of waiting" in text
    assert re.findall(r'class="length"[^>]*>([^<]+)<', text) == ["0.5 s", "1 s", "2 s", "4 s"]
    assert 'aria-label="5 tries with waits of 0.5 s, 1 s, 2 s, 4 s, then it gives up."' in text
    assert (
        save(designer, draft, "charge", "input", attempts="1")
        .content.decode()
        .count("gives up after the first")
    )
