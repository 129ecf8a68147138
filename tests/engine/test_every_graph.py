"""Every graph that the checks accept ends legally, whatever becomes of its attempts, or says what it waits for.

After each fact all promises of `promises` are checked: replay at every prefix, no lost branch, something nameable is
awaited. ``CHOREO_TEST_GRAPHS`` says how many graphs; `make graphs` takes ten thousand.
"""

import os
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from designer.graph import Graph, Severity, check
from runs.engine import OVER
from tests.graph.strategies import OPENERS, graphs

from .play import Play
from .strategies import lively_graphs
from .test_life_of_a_run import bring_to_an_end, check_stored_life, inputs, one, outcomes, perform, picks

GRAPHS = int(os.environ.get("CHOREO_TEST_GRAPHS", "500"))
fates = st.lists(st.tuples(picks, outcomes), max_size=25)
all_graphs = st.one_of(lively_graphs(), graphs(most_steps=4, openers=OPENERS), graphs(most_steps=8))


@settings(max_examples=GRAPHS, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(graph=all_graphs, input=inputs, fate=fates)
def test_what_the_checks_accept_ends_legally(graph: Graph, input: Any, fate: list[tuple[int, Any]]) -> None:
    assume(not any(problem.severity is Severity.ERROR for problem in check(graph)))
    play = Play(graph, input=input)
    play.start()
    for pick, outcome in fate:
        if play.orders:
            perform(play, one(list(play.orders.values()), pick), outcome)
    bring_to_an_end(play)
    assert play.state.status in OVER
    check_stored_life(play)
