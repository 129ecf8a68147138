"""Definitions of real projects: they are opened, drawn, and given back."""

from typing import Any

import pytest

from designer.graph import Direction, lay_out
from designer.interop.asl import BadAsl, Treatment, check_asl, read_asl, write_asl
from tests.graph.test_layout import check_sound

from .definitions import corpus, exceptions

CASES = corpus("asl_real_definitions")
REFUSED = exceptions("real_definitions_exceptions")
LEAST = 0.94
opened = pytest.mark.parametrize(
    "case",
    [case for case in CASES if case["path"] not in REFUSED],
    ids=lambda case: f"{case['repo']}/{case['path']}{case['ptr']}",
)


@opened
def test_a_definition_is_opened_and_every_state_is_told_of(case: dict[str, Any]) -> None:
    imported = read_asl(case["definition"], key="opened")
    assert not imported.report.count(Treatment.REFUSED)
    told = {line.state for line in imported.report.lines}
    assert {
        step.title for step in imported.graph.steps.values() if not step.title.endswith(": items")
    } <= told
    assert all(line.sentence.endswith(".") for line in imported.report.lines)


@opened
@pytest.mark.parametrize("direction", Direction)
def test_a_definition_is_drawn_without_a_line_through_a_box(
    case: dict[str, Any], direction: Direction
) -> None:
    graph = read_asl(case["definition"], key="drawn").graph
    check_sound(graph, lay_out(graph, direction))


@opened
def test_a_definition_is_given_back(case: dict[str, Any]) -> None:
    graph = read_asl(case["definition"], key="returned").graph
    exported = write_asl(graph)
    assert read_asl(exported.document, key="returned").graph == graph
    assert not exported.losses
    known = {(problem.code, problem.place) for problem in check_asl(case["definition"])}
    assert {(problem.code, problem.place) for problem in check_asl(exported.document)} <= known


def test_almost_all_are_opened() -> None:
    assert len(REFUSED) <= (1 - LEAST) * len(CASES)


@pytest.mark.parametrize(
    "case", [case for case in CASES if case["path"] in REFUSED], ids=lambda case: case["path"]
)
def test_what_is_refused_says_why(case: dict[str, Any]) -> None:
    with pytest.raises(BadAsl) as refused:
        read_asl(case["definition"], key="refused")
    assert any(problem.stops for problem in refused.value.problems)
