"""Where steps lead and what that means, in words."""

from dataclasses import dataclass

from designer.graph import AnyStep, Fail, Graph, OnFailure, Succeed


@dataclass(frozen=True, slots=True)
class Arrival:
    """A way into a step."""

    step: AnyStep
    by: str  # what the way is called; empty for the usual one


def arrivals(graph: Graph, step: AnyStep) -> list[Arrival]:
    """Every way that leads to ``step``, in the order of the definition."""
    return [
        Arrival(other, f"on {way.label}" if way.caught else way.label)
        for other in graph.within(step.scope)
        for way in other.exits()
        if way.next == step.key
    ]


def consequence(graph: Graph, key: str) -> str:
    """What comes of it when the run goes on at the step ``key``."""
    target = graph.steps.get(key)
    if target is None:
        return "Leads nowhere yet."
    if isinstance(target, Fail):
        undone = target.compensate and graph.on_failure is OnFailure.COMPENSATE
        after = "undoes what was done" if undone else "leaves everything as it is"
        return f"Fails with {target.error} at “{target.name}” and {after}."
    if isinstance(target, Succeed):
        return f"Ends well at “{target.name}”."
    return f"Goes on with “{target.name}”."
