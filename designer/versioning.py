"""Which semantic version comes next: how much a change means for those who start the workflow and read its result."""

from collections.abc import Mapping
from typing import Any

from designer.catalog import Change, Level, compatibility
from designer.graph import ROOT, Contract, Graph, Succeed

FIRST = "1.0.0"


def next_semantic(last: str, before: Graph, after: Graph) -> str:
    major, minor, patch = map(int, last.split("."))
    match level_of(before, after):
        case Level.MAJOR:
            return f"{major + 1}.0.0"
        case Level.MINOR:
            return f"{major}.{minor + 1}.0"
    return f"{major}.{minor}.{patch + 1}"


def level_of(before: Graph, after: Graph) -> Level:
    """Major: what it takes is narrower or what it gives is other. Minor: it goes another way. Else a patch."""
    return max((reason.level for reason in reasons(before, after)), default=Level.PATCH)


def reasons(before: Graph, after: Graph) -> tuple[Change, ...]:
    """What those who start the workflow and read its result should know, the gravest first."""
    _, found = compatibility(_as_contract(before), _as_contract(after))
    ends, later = outputs(before), outputs(after)
    found = (
        *found,
        *(Change(Level.MAJOR, f"The end {key} is gone.") for key in ends if key not in later),
        *(Change(Level.MAJOR, f"The end {key} is new.") for key in later if key not in ends),
        *(
            Change(Level.MAJOR, f"The end {key} gives something else.")
            for key in ends
            if key in later and ends[key] != later[key]
        ),
    )
    if _ways(before) != _ways(after):
        found = (*found, Change(Level.MINOR, "Runs go another way."))
    return tuple(sorted(found, key=lambda reason: -reason.level))


def outputs(graph: Graph) -> Mapping[str, Any]:
    """What each successful end of the workflow gives."""
    ends = (step for step in graph.within(ROOT) if isinstance(step, Succeed))
    return {step.key: step.output for step in ends}


def _as_contract(graph: Graph) -> Contract:
    return Contract(key=graph.key, version=FIRST, input=graph.input)


def _ways(graph: Graph) -> dict[str, Any]:
    starts = {"": graph.start}
    steps = {
        step.key: (step.kind, step.scope, [way.next for way in step.exits()]) for step in graph.steps.values()
    }
    return {**starts, **steps}
