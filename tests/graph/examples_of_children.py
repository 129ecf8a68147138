"""What may be wrong with steps that start runs, and with locks; and what is right."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from designer.graph import Branch, Choice, Option, Parallel, RunWorkflow, SetVariables

from .examples import Example, graph

AMOUNT = {"amount": "${ input.amount }"}


def starts(runs: str, **fields: Any) -> Any:
    return graph(RunWorkflow(key="sub", runs=runs, **{"inputs": AMOUNT, **fields}))


def sections(**inner: Any) -> Any:
    """A lock inside another."""
    both = Parallel(key="both", lock="a", branches=(Branch("left", "one"), Branch("right", "two")))
    one = SetVariables(key="one", scope="both/left", assign={"x": 1}, **{"lock": "b", **inner})
    return graph(both, one, SetVariables(key="two", scope="both/right", assign={"y": 1}))


def again(*before: Any) -> Any:
    step = RunWorkflow(key="sub", runs="shop")
    return graph(*before, step)


MORE = Choice(key="more", options=(Option("input.amount > 1", "sub"),), otherwise="stop")
OF_CHILDREN: Mapping[str, tuple[Example, ...]] = {
    "unknown_workflow": (
        Example(starts(""), starts("order"), "sub", "runs", "starts nothing yet", mends=False),
        Example(starts("ordr"), starts("order"), "sub", "runs", "the workflow ordr is not published"),
        Example(starts("order@^9"), starts("order@^2"), "sub", "runs", "order has no version ^9"),
    ),
    "starts_itself_for_ever": (
        Example(
            again(), again(MORE, SetVariables(key="stop", assign={"x": 1})), "sub", "runs", "starts this very workflow",
            mends=False,
        ),
    ),
    "lock_in_a_lock": (
        Example(sections(), sections(deadline=timedelta(hours=1)), "one", "deadline", "“Both” holds another"),
        Example(sections(), sections(lock="a"), "one", "deadline", "for its lock"),
    ),
}  # fmt: skip
