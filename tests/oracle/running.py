"""A case of the corpus, imported and simulated."""

from collections.abc import Mapping
from typing import Any

from designer.graph import Graph
from designer.interop.asl import BadAsl, read_asl, write_asl
from runs.simulation import ANYTHING, Answer, Mock, Simulated, simulate

from .comparing import differences


def imported(case: Mapping[str, Any]) -> Graph:
    """Raises BadAsl."""
    return read_asl(case["definition"], key="case").graph


def round_trip(graph: Graph) -> Graph:
    """Exported and imported again. Raises BadAsl."""
    return read_asl(write_asl(graph).document, key="case").graph


def mocks_of(case: Mapping[str, Any]) -> dict[str, Mock]:
    by_request = bool(case["flags"].get("mock_order_sensitive"))
    repeat = case.get("mock_mode") == "repeat_last"
    return {
        state: Mock(answers=tuple(answer_of(mock, by_request) for mock in mocks), repeat_last=repeat)
        for state, mocks in (case["mocks"] or {}).items()
    }


def answer_of(mock: Mapping[str, Any], by_request: bool) -> Answer:
    result, when = mock["result"], mock["request"] if by_request else ANYTHING
    if result.get("timeout"):
        return Answer(timeout=True, when=when)
    if "output" in result:
        return Answer(output=result["output"], when=when)
    return Answer(error=result["error"], cause=result.get("cause") or "", when=when)


def run(case: Mapping[str, Any], graph: Graph | None = None) -> Simulated:
    """Raises BadAsl."""
    return simulate(graph or imported(case), case["input"], mocks_of(case))


def flaws_of(case: Mapping[str, Any], *, there_and_back: bool = False) -> list[str]:
    """What is not as it was recorded; empty where all is."""
    try:
        graph = imported(case)
        came = run(case, round_trip(graph) if there_and_back else graph)
    except BadAsl as bad:
        return [f"not imported: {bad}"]
    return list(differences(case, came))
