"""Random operations on a graph: sensible ones mostly, and some that must be refused."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from designer.graph import (
    KINDS,
    AddBranch,
    AddCatch,
    AddOption,
    AddOutcome,
    AddStep,
    Connect,
    Graph,
    MovePart,
    MoveStep,
    Operation,
    Parallel,
    RemoveBranch,
    RemovePart,
    RemoveStep,
    RenameBranch,
    RenameStep,
    ReplaceStep,
    Review,
    SetHeader,
    connections,
)

from .flawed import any_steps, keys, short_texts

odd = st.sampled_from(["", "no such", "9", "if", "steps", "a" * 70])
new_keys = keys | odd
offsets = st.integers(-2, 2)
headers = st.fixed_dictionaries(
    {},
    optional={
        "title": short_texts,
        "owner": short_texts,
        "start": keys | st.just(""),
        "on_failure": st.sampled_from(["keep", "compensate", "nothing"]),
        "visit_limit": st.integers(-1, 5),
        "key": keys,
        "stat": short_texts,
    },
)


def operations(graph: Graph) -> st.SearchStrategy[Operation]:
    """An operation that names what the graph has, or nearly."""
    held = list(graph.steps.values())
    some = st.sampled_from([step.key for step in held] or ["nobody"]) | odd
    exits = st.sampled_from([one.exit for step in held for one in connections(step)] or ["next"]) | odd
    parallels = st.sampled_from([step.key for step in held if isinstance(step, Parallel)] or ["nobody"])
    branches = st.sampled_from(
        [branch.name for step in held if isinstance(step, Parallel) for branch in step.branches] or ["left"]
    )
    scopes = st.sampled_from(["", *(step.scope for step in held)]) | odd
    choices: list[Callable[[], st.SearchStrategy[Any]]] = [
        lambda: st.builds(
            AddStep, st.sampled_from([*KINDS, "task"]), new_keys, short_texts, some, st.just("")
        ),
        lambda: st.builds(
            AddStep, st.sampled_from([*KINDS]), new_keys, short_texts, st.none(), scopes, short_texts
        ),
        lambda: st.builds(
            AddStep, st.sampled_from([*KINDS]), new_keys, short_texts, some, st.just(""), st.just(""), exits
        ),
        lambda: st.builds(RemoveStep, some, st.booleans()),
        lambda: st.builds(MoveStep, some, offsets),
        lambda: st.builds(RenameStep, some, new_keys),
        lambda: st.builds(ReplaceStep, st.builds(_as, st.just(graph), some, any_steps)),
        lambda: st.builds(Connect, some, exits, st.none() | some),
        lambda: st.builds(AddBranch, parallels | some, new_keys, short_texts),
        lambda: st.builds(RemoveBranch, parallels, branches),
        lambda: st.builds(RenameBranch, parallels, branches, new_keys),
        lambda: st.builds(AddOption, some, short_texts, some, short_texts),
        lambda: st.builds(AddOutcome, some, new_keys, some, short_texts, st.booleans()),
        lambda: st.builds(AddCatch, some, st.just(("*",)), some),
        lambda: st.builds(RemovePart, some, exits),
        lambda: st.builds(MovePart, some, exits, offsets),
        lambda: st.builds(SetHeader, headers),
    ]
    return st.sampled_from(choices).flatmap(lambda build: build())


def _as(graph: Graph, key: str, step: Any) -> Any:
    """``step`` in the place of another, as a form would send it; at times of the wrong kind."""
    old = graph.steps.get(key)
    if old is None:
        return step
    if isinstance(step, Parallel) and isinstance(old, Parallel):
        step = replace(step, branches=old.branches)
    if isinstance(step, Review) and isinstance(old, Review):
        step = replace(step, outcomes=old.outcomes)
    return replace(step, key=key, scope=old.scope)
