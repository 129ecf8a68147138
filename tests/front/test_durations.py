import pytest

from designer.durations import ago_text, countdown_text, duration_text, left_text, length_text, short_text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-1, "0.00 s"),
        (0.18, "0.18 s"),
        (2.5, "2.5 s"),
        (118, "1 m 58 s"),
        (11100, "3 h 05 m"),
        (187200, "2 d 4 h"),
    ],
)
def test_durations_read_at_every_size(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text


@pytest.mark.parametrize(("seconds", "text"), [(0.2, "just now"), (12, "12 s ago"), (7300, "2 h ago")])
def test_ages_have_one_unit(seconds: float, text: str) -> None:
    assert ago_text(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.5, "0.5 s"), (59.9, "59.9 s"), (90, "1.5 min"), (7200, "2 h"), (129600, "1.5 d")]
)
def test_waits_are_short_enough_to_stand_over_a_line(seconds: float, text: str) -> None:
    assert short_text(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 s"), (1800, "30 min"), (100800, "1 d 4 h"), (90.4, "1 min 30 s")]
)
def test_lengths_name_every_unit(seconds: float, text: str) -> None:
    assert length_text(seconds) == text


@pytest.mark.parametrize(("seconds", "text"), [(780, "13 min left"), (-725, "12 min late")])
def test_limits_look_both_ways(seconds: float, text: str) -> None:
    assert left_text(seconds) == text


@pytest.mark.parametrize(("seconds", "text"), [(552, "9:12"), (-3, "0:00")])
def test_countdowns_end_at_nothing(seconds: float, text: str) -> None:
    assert countdown_text(seconds) == text
