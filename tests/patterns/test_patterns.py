"""The 43 control-flow patterns: each definition is sound, and its runs do what the pattern says."""

from dataclasses import replace

import pytest

from designer.graph import Contract, Graph, Severity, check, decode
from tests.factories import pinned
from tests.promises import check_all_runs

from .draw_patterns import PAGE, draw
from .engine_stage import EngineStage
from .pattern import PATTERNS, SCENARIOS, Pattern, Scenario, title
from .rows_stage import RowsStage
from .stage import Stage

RATINGS = {"+", "+/-", "-"}
scenarios = pytest.mark.parametrize("told", SCENARIOS, ids=title)


def graph_of(pattern: Pattern) -> Graph:
    """With its contracts, its own among them: one that starts itself has been published before."""
    graph = pinned(decode(pattern.definition))
    return replace(graph, contracts={**graph.contracts, graph.key: Contract(key=graph.key, version="1.0.0")})


def play(stage: Stage, scenario: Scenario) -> None:
    stage.play(scenario)
    expected, came = scenario.expected(), stage.ends()
    assert came.status == expected.status
    assert came.visited == expected.visited
    assert came.cancelled == expected.cancelled
    if "output" in scenario.ends:
        assert came.output == expected.output


def test_there_are_all_of_them() -> None:
    assert [pattern.number for pattern in PATTERNS] == list(range(1, 44))
    assert {pattern.told["rating"] for pattern in PATTERNS} <= RATINGS


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == draw(), "run: python -m tests.patterns.draw_patterns"


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.path.stem)
def test_its_definition_is_sound(pattern: Pattern) -> None:
    problems = check(graph_of(pattern))
    assert [problem for problem in problems if problem.severity is Severity.ERROR] == []


@scenarios
def test_the_engine_does_it(told: tuple[Pattern, Scenario]) -> None:
    pattern, scenario = told
    play(EngineStage(graph_of(pattern)), scenario)


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.path.stem)
def test_without_what_shows_it_it_is_another_one(pattern: Pattern) -> None:
    other = pattern.without()
    with pytest.raises(AssertionError):
        for scenario in other.scenarios:
            play(EngineStage(graph_of(other)), scenario)


@pytest.mark.django_db
@scenarios
def test_the_actions_do_it(told: tuple[Pattern, Scenario]) -> None:
    pattern, scenario = told
    play(RowsStage(pattern.definition), scenario)
    check_all_runs()
