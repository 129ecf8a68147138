"""The band of percentiles over time, as it is drawn."""

import pytest

from runs.charts import band, duration_axis

TRIO = (1.0, 10.0, 60.0)


@pytest.mark.parametrize(
    ("slices", "left", "right"),
    [
        ([None, None, TRIO, None, None], 150, 250),
        ([TRIO, None, None, None, None], 0, 50),
        ([None, None, None, None, TRIO], 350, 400),
        ([TRIO], 0, 200),
    ],
)
def test_a_slice_that_stands_alone_is_wide_enough_to_be_seen(slices: list, left: float, right: float):
    drawn = band(slices, axis=duration_axis(TRIO, width=160), width=400)
    for line in drawn.lines:
        points = [point.split() for point in line.removeprefix("M").split(" L")]
        assert [float(x) for x, _ in points] == [left, right]
        assert len({y for _, y in points}) == 1


def test_a_gap_parts_the_lines():
    drawn = band([TRIO, TRIO, None, TRIO, TRIO], axis=duration_axis(TRIO, width=160), width=400)
    assert [line.count("M") for line in drawn.lines] == [2, 2, 2]
