"""Graphs for the engine: those of `tests.graph`, seasoned with all that may go wrong in a run."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from designer.graph import Action, AnyStep, Catch, Contract, Graph, OnExhausted, Parallel, Review, Wait
from tests.graph.strategies import graphs

FLAWED: Any = "${ steps.nowhere.output }"
deadlines = st.none() | st.just(timedelta(minutes=5))
policies = st.sampled_from(OnExhausted)
rarely = st.sampled_from([False, False, False, True])


@st.composite
def eventful_graphs(draw: st.DrawFn) -> Graph:
    graph = draw(graphs(most_steps=4))
    steps = {key: _seasoned(draw, graph, step) for key, step in graph.steps.items()}
    contracts = {
        reference: _contract(contract, at_most_once=draw(rarely))
        for reference, contract in graph.contracts.items()
    }
    return replace(graph, steps=steps, contracts=contracts, visit_limit=draw(st.integers(1, 3)))


def _contract(contract: Contract, *, at_most_once: bool) -> Contract:
    return replace(contract, at_most_once=at_most_once)


def _seasoned(draw: st.DrawFn, graph: Graph, step: AnyStep) -> AnyStep:
    changes: dict[str, Any] = {}
    if draw(rarely):
        changes["on_exhausted"] = draw(policies)
    if isinstance(step, Action | Parallel | Review | Wait) and draw(rarely):
        changes["deadline"] = draw(deadlines)
    if not step.catch and draw(rarely):
        neighbours = sorted(other.key for other in graph.within(step.scope))
        changes["catch"] = (Catch(next=draw(st.sampled_from(neighbours))),)
    if isinstance(step, Action) and draw(rarely):
        changes["inputs"] = {
            "n": draw(st.sampled_from([FLAWED, "${ input.name }", "${ steps.s0.output.n }"]))
        }
    if draw(rarely) and draw(rarely):
        changes["assign"] = {**step.assign, "odd": draw(st.sampled_from([FLAWED, "${ error.message }"]))}
    return replace(step, **changes)
