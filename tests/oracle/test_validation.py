"""Definitions that validators and AWS itself have judged: the valid ones are accepted, the invalid ones are not."""

from typing import Any

import pytest

from designer.interop.asl import Code, Problem, check_asl

from .definitions import corpus, exceptions

CASES = corpus("asl_validation_oracle")
EXPRESS = exceptions("express_definitions")
DISPUTED = exceptions("validation_exceptions")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_a_definition_is_judged_as_it_was(case: dict[str, Any]) -> None:
    problems = problems_of(case)
    assert is_judged_as_it_was(case) != (case["id"] in DISPUTED), [str(problem) for problem in problems]
    assert all(problem.message.endswith(".") and problem.code in Code for problem in problems)


def problems_of(case: dict[str, Any]) -> tuple[Problem, ...]:
    express = case.get("type") == "EXPRESS" or case["id"] in EXPRESS
    return tuple(check_asl(case["definition"], express=express))


def is_judged_as_it_was(case: dict[str, Any]) -> bool:
    accepted = not problems_of(case)
    return accepted == bool(case["expected"]["valid"])


def test_the_exceptions_are_of_cases_that_there_are() -> None:
    assert {*EXPRESS, *DISPUTED} <= {case["id"] for case in CASES}
