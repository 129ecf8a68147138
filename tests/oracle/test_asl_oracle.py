"""Executions recorded on the real service come out here as they did there, before and after a round trip.

What does not is listed in `failing.json`, each with the reason. A case that runs well may not stay there, so the
list can only shrink.
"""

from typing import Any

import pytest

from .comparing import Alike, differences
from .definitions import corpus, exceptions
from .dying import killed_after
from .running import flaws_of, imported, run

CASES = corpus("asl_oracle")
FAILING = exceptions("failing")
EVERY = 9  # of the cases, one goes there and back in each run of the tests; `make oracle` sends all
MOCKED = [case for case in CASES if case["mocks"]]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_it_runs_as_it_was_recorded(case: dict[str, Any]) -> None:
    flaws = flaws_of(case)
    if case["id"] in FAILING:
        assert flaws, f"{case['id']} runs as it was recorded now: take it out of failing.json."
    else:
        assert not flaws


@pytest.mark.parametrize("case", CASES[::EVERY], ids=lambda case: case["id"])
def test_it_does_so_after_a_round_trip(case: dict[str, Any]) -> None:
    assert bool(flaws_of(case, there_and_back=True)) == (case["id"] in FAILING)


@pytest.mark.parametrize("case", MOCKED, ids=lambda case: case["id"])
def test_it_does_so_however_often_workers_die(case: dict[str, Any]) -> None:
    """After every first, second or third event the worker is lost, and what it knew is read from what is stored."""
    if case["id"] not in FAILING:
        for each in (1, 2, 3):
            assert not list(differences(case, killed_after(each, case, imported(case))))


def test_the_list_names_cases_that_there_are_and_says_why() -> None:
    assert FAILING.keys() <= {case["id"] for case in CASES}
    assert all(reason.endswith(".") for reason in FAILING.values())


def test_at_least_95_of_100_run_as_they_were_recorded() -> None:
    assert len(FAILING) <= 0.05 * len(CASES)


def test_a_recording_that_differs_is_told() -> None:
    """A test of the test: what is compared is compared."""
    case = next(case for case in CASES if case["id"].endswith("test_state_fail"))
    came = run(case)
    assert not list(differences(case, came))
    for name, wrong in (("status", "SUCCEEDED"), ("error", "Another"), ("visited", [])):
        assert list(differences({**case, "expected": {**case["expected"], name: wrong}}, came))


def test_what_was_sent_is_compared_and_how_often() -> None:
    case = next(case for case in CASES if case["id"].endswith("test_lambda_invoke_with_retry_base"))
    came, (state,) = run(case), case["mocks"]
    sent: list[Any] = case["mocks"][state]
    another = {**sent[0], "request": {**sent[0]["request"], "Value1": "Another"}}
    for mocks, told in (
        ([another, *sent[1:]], f"call 1 of {state}"),
        (sent[1:], f"calls of {state}: 4, not 3"),
    ):
        assert [flaw for flaw in differences({**case, "mocks": {state: mocks}}, came) if told in flaw]


def test_what_a_mock_has_given_before_is_no_placeholder() -> None:
    assert Alike(set(), set())("<task_token:1>", "t-7")
    assert not Alike(set(), {"<task_token:1>"})("<task_token:1>", "t-7")
