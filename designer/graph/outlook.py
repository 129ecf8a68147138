"""What an answer leads to, in words: said before anybody gives it.

The way that is told is the usual one: where a choice follows, it is named and its “otherwise” is followed; where a
parallel follows, the first steps of its branches are.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from .model import ROOT, AnyStep, Choice, Fail, Graph, Opener, Parallel, Review, SetVariables, Succeed
from .parts import Outcome
from .policies import OnFailure, matches

FOLLOWED = 4  # steps told of what happens next


@dataclass(frozen=True, slots=True)
class Following:
    """One thing that happens next; ``kind`` is a step's, or ``undo``."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Outlook:
    sentence: str
    follows: tuple[Following, ...]


def approvals_needed(graph: Graph, review: Review, outcome: Outcome) -> int:
    """How many different people must give this answer.

    What the outcome says; else one where the answer ends the scope with an error, for stopping needs no second
    opinion; else as many as the review asks for.
    """
    if outcome.approvals is not None:
        return outcome.approvals
    return 1 if stops(graph, outcome) else review.reviewers.approvals


def stops(graph: Graph, outcome: Outcome) -> bool:
    """Whether the answer leads straight to an error."""
    return isinstance(graph.steps.get(outcome.next), Fail)


def outlook(
    graph: Graph, scope: str, target: str, undoable: Sequence[str], done: Collection[str] = ()
) -> Outlook:
    """What follows when the token of ``scope`` goes on to ``target`` (empty: nowhere).

    ``undoable`` are the finished steps that would be undone, the newest first; ``done`` the keys entered before.
    """
    step = graph.steps.get(target)
    if step is None:
        return Outlook(_end_of(graph, scope), (Following("succeed", _end_of(graph, scope)),))
    if isinstance(step, Fail):
        return _failing(graph, step, undoable, done)
    follows = tuple(Following(one.kind, _said(graph, one)) for one in _told(graph, target))
    return Outlook(_onwards(graph, step, done), follows or (Following(step.kind, _said(graph, step)),))


def usual_way(graph: Graph, key: str, most: int) -> tuple[str, ...]:
    """The keys of the steps from ``key`` on within its scope, along the usual exits, each once."""
    found: list[str] = []
    while key in graph.steps and key not in found and len(found) < most:
        found.append(key)
        step = graph.steps[key]
        way = step.otherwise if isinstance(step, Choice) else next((one.next for one in step.exits()), "")
        key = way or ""
    return tuple(found)


def _told(graph: Graph, key: str) -> Iterator[AnyStep]:
    way = (graph.steps[one] for one in usual_way(graph, key, FOLLOWED * 3))
    shown = [step for step in way if not isinstance(step, SetVariables)]
    yield from shown[:FOLLOWED]


def _failing(graph: Graph, step: Fail, undoable: Sequence[str], done: Collection[str]) -> Outlook:
    for catch in step.catch:
        if matches(catch.on, step.error):
            return outlook(graph, step.scope, catch.next, undoable, done)
    if not _ends_all(step):
        ends = f"Ends this {_part(graph, step.scope)} as {step.error}"
        return Outlook(ends, (Following("fail", ends),))
    rolls_back = step.compensate and graph.on_failure is OnFailure.COMPENSATE
    names = [graph.steps[key].name for key in undoable if key in graph.steps] if rolls_back else []
    last = Following("fail", f"The run ends as {step.error}" + ("" if names else ", nothing is undone"))
    if not names:
        return Outlook(f"Ends as {step.error}, nothing is undone", (last,))
    follows = (*(Following("undo", f"{name} is undone") for name in names), last)
    return Outlook(f"Undoes {_listed(names)}, then ends as {step.error}", follows)


def _onwards(graph: Graph, step: AnyStep, done: Collection[str]) -> str:
    if isinstance(step, SetVariables):
        after = next((one for one in _told(graph, step.key)), None)
        return _onwards(graph, after, done) if after else _end_of(graph, step.scope)
    if isinstance(step, Succeed):
        return "Ends the run as succeeded" if _ends_all(step) else f"Ends this {_part(graph, step.scope)}"
    if step.key in done:
        return f"Goes back to {step.name}"
    if isinstance(step, Opener) and (first := _first_of(graph, step)):
        return f"Goes on with {_listed(first)}" + (" side by side" if len(first) > 1 else "")
    if isinstance(step, Choice):
        return f"Goes on by “{step.name}”"
    return f"Goes on with {step.name}"


def _said(graph: Graph, step: AnyStep) -> str:
    if isinstance(step, Opener) and (first := _first_of(graph, step)):
        return _listed(first) + (" in parallel" if len(first) > 1 else "")
    if isinstance(step, Fail):
        ending = "The run" if _ends_all(step) else f"This {_part(graph, step.scope)}"
        return f"{ending} ends as {step.error}"
    if isinstance(step, Choice):
        return f"“{step.name}” decides, otherwise"
    return step.name


def _first_of(graph: Graph, step: Opener) -> list[str]:
    return [graph.steps[body.start].name for body in step.bodies if body.start in graph.steps]


def _end_of(graph: Graph, scope: str) -> str:
    if scope == ROOT:
        return "Ends the run as succeeded"
    around = graph.steps.get(graph.opener(scope)[0].next or "")
    ends = f"Ends this {_part(graph, scope)}"
    return f"{ends}; {around.name} follows" if around else ends


def _ends_all(step: Succeed | Fail) -> bool:
    return step.scope == ROOT or step.ends_run


def _part(graph: Graph, scope: str) -> str:
    """What a scope is called: branch, item or round."""
    opener, body = graph.opener(scope)
    return "branch" if isinstance(opener, Parallel) else body


def _listed(names: Sequence[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last
