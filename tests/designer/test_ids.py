"""Ids sort by the time they were made, also within a millisecond."""

import time
import uuid

from designer.ids import uuid7


def test_an_id_says_that_it_is_a_version_7_uuid_and_when_it_was_made():
    made = uuid7()
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert abs((made.int >> 80) / 1000 - time.time()) < 5


def test_later_ids_are_greater(monkeypatch):
    moments = iter(range(10**18, 10**18 + 100 * 1_000, 1_000))
    monkeypatch.setattr(time, "time_ns", lambda: next(moments))
    made = [uuid7() for _ in range(100)]
    assert made == sorted(made)
    assert len(set(made)) == 100


def test_two_of_the_same_moment_differ(monkeypatch):
    monkeypatch.setattr(time, "time_ns", lambda: 10**18)
    assert uuid7() != uuid7()
