"""What can be kept, and what happens to a step that makes something else."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from designer.graph import SetVariables, Succeed
from runs.engine import events as e
from runs.engine.storable import storage_flaw

from .flows import act, flow
from .play import drive

NESTED: Any = []
for _ in range(100_000):
    NESTED = [NESTED]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"n": "\ud800"}, "holds half a character"),
        ([float("nan")], "holds a number that JSON does not have"),
        (float("inf"), "holds a number that JSON does not have"),
        (NESTED, "is nested too deeply"),
        ({"n": b"bytes"}, "is not JSON"),
        ({"deep": ["a\0b"]}, "holds a NUL character"),
        ({"a\0b": 1}, "holds a NUL character"),
        ("x" * 100, "has 102 bytes as JSON, and the limit is 100"),
    ],
    ids=["half a character", "nan", "infinity", "deep", "bytes", "nul", "nul in a name", "large"],
)
def test_what_no_database_stores_is_told_in_a_clause(value: Any, said: str) -> None:
    assert (storage_flaw(value, largest=100) or "").startswith(said)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text("abé\\u0", max_size=9), st.lists, max_leaves=9
    )
)
def test_ordinary_json_can_be_kept(value: Any) -> None:
    assert storage_flaw(value, largest=10_000) is None


def test_a_step_that_makes_what_cannot_be_kept_fails_and_says_so() -> None:
    play = drive(flow(SetVariables(key="note", assign={"name": "${ input.name }"})), input={"name": "a\0b"})
    fault = play.told(e.RunEnded)[0].fault
    assert (fault.name, fault.step) == ("ValueRefused", "note")
    assert fault.message == "A value holds a NUL character, which no database stores."


def test_an_ended_run_s_condition_is_the_reason_of_its_end() -> None:
    assert drive(flow(act("a", "done"), Succeed(key="done"))).state.condition() is None
