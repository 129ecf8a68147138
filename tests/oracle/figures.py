"""How much of the corpus comes out as it was recorded: one line for each of its manifests."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from designer.graph import Direction, lay_out
from designer.interop.asl import BadAsl, read_asl

from .definitions import corpus
from .running import flaws_of
from .test_saga_oracle import comes_out as saga_comes_out
from .test_teststate import differences as differences_of_state
from .test_validation import is_judged_as_it_was

MICRO = ("choice_operators", "intrinsic_functions")
Case = dict[str, Any]


class Figure(NamedTuple):
    name: str
    cases: int
    failing: tuple[str, ...]

    def __str__(self) -> str:
        passed = self.cases - len(self.failing)
        return f"{self.name:48} {passed:4} of {self.cases:4}  {100 * passed / max(1, self.cases):6.2f} %"


def all_figures() -> Iterator[Figure]:
    executions = corpus("asl_oracle")
    larger = [case for case in executions if case["family"] not in MICRO]
    yield figure("executions", executions, lambda case: not flaws_of(case))
    yield figure("  without choice and intrinsic micro-cases", larger, lambda case: not flaws_of(case))
    yield figure(
        "  exported and imported first (--back)",
        executions,
        lambda case: not flaws_of(case, there_and_back=True),
    )
    states = corpus("asl_teststate_oracle")
    yield figure("states tried alone", states, lambda case: not differences_of_state(case))
    labels = corpus("asl_validation_oracle")
    for valid, name in ((True, "labels: valid, and accepted"), (False, "labels: invalid, and refused")):
        judged = [case for case in labels if case["expected"]["valid"] is valid]
        yield figure(name, judged, is_judged_as_it_was)
    yield figure("sagas of other engines", corpus("saga_oracle"), saga_comes_out)
    yield figure("real definitions, opened and drawn", corpus("asl_real_definitions"), is_opened_and_drawn)


def figure(name: str, cases: list[Case], passes: Callable[[Case], bool]) -> Figure:
    return Figure(name, len(cases), tuple(name_of(case) for case in cases if not passes(case)))


def name_of(case: Mapping[str, Any]) -> str:
    return str(case.get("id") or f"{case['repo']}/{case['path']}{case['ptr']}")


def is_opened_and_drawn(case: Case) -> bool:
    try:
        graph = read_asl(case["definition"], key="opened").graph
    except BadAsl:
        return False
    return all(lay_out(graph, direction).boxes for direction in Direction)
