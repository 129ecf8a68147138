"""Rehearsals: simulations for people and programs, with the contracts that there are and within a time."""

from collections.abc import Mapping
from dataclasses import replace
from time import monotonic
from typing import Any

from designer.drafts import errors_in, with_contracts
from designer.graph import Graph, Problem, decode
from designer.interop.asl import read_asl
from designer.opening import is_machine
from runs.refusals import InputRefused, MocksRefused
from runs.simulation import BadInput, BadMocks, Simulated, read_mocks, simulate

LONGEST = 10.0  # seconds
NAMELESS = "machine"  # the key of a state machine, which has none of its own
ANSWERED = {
    "unbound_step",
    "unknown_step_type",
    "unknown_compensation",
    "unknown_workflow",
}  # mocks answer them


class Flawed(ValueError):
    """A definition with errors, which could not be published and cannot be rehearsed."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(f"The definition has errors. {problems[0].message}")
        self.problems = problems


def graph_to_rehearse(document: Any) -> Graph:
    """The graph of a definition, ours or a state machine's. Raises DocumentError, BadAsl, Flawed."""
    if is_machine(document):
        return with_contracts(read_asl(document, key=NAMELESS).graph)
    graph = with_contracts(replace(decode(document), contracts={}))
    if errors := tuple(problem for problem in errors_in(graph) if problem.code not in ANSWERED):
        raise Flawed(errors)
    return graph


def rehearse(graph: Graph, input: Any, mocks: Mapping[str, Any]) -> Simulated:
    """What would come of a run with these mocks. Raises InputRefused, MocksRefused."""
    end = monotonic() + LONGEST
    try:
        return simulate(graph, input, read_mocks(mocks, graph), is_time_up=lambda: monotonic() > end)
    except BadInput as bad:
        raise InputRefused(bad.problems) from bad
    except BadMocks as bad:
        raise MocksRefused(bad.problems) from bad
