"""The graphs of the tests are what they say they are."""

from hypothesis import given

from designer.graph import Graph, check

from .strategies import fewer, flawed_graphs, graphs


@fewer
@given(graphs())
def test_well_formed_graphs_could_be_published(graph: Graph) -> None:
    assert [problem for problem in check(graph) if problem.severity == "error"] == []


@fewer
@given(flawed_graphs())
def test_flawed_graphs_can_be_checked(graph: Graph) -> None:
    assert isinstance(check(graph), tuple)
