"""How far a run's openers are: items, rounds, and the branches that are not run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from designer.graph import ROOT, Graph, Loop, Parallel
from runs.engine import scopes
from runs.models import Run, StepRun

from .items import ItemsCard
from .rare import rare_entries


@dataclass(frozen=True, slots=True)
class Course:
    """In words, by step: how far it is, and why it is not run."""

    progress: Mapping[str, str] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)


NOTHING = Course()


def course_of(run: Run, graph: Graph, newest: Mapping[str, StepRun], cards: Sequence[ItemsCard]) -> Course:
    """``newest`` holds the newest step run of each step; ``cards`` are those of the maps."""
    items = {card.step.key: card.progress for card in cards}
    return Course({**items, **_rounds(graph, newest)}, _left_out(run, graph, newest))


def _rounds(graph: Graph, newest: Mapping[str, StepRun]) -> Mapping[str, str]:
    """Read off the first step of each loop's body: its scope tells which round it was entered in."""
    rounds: dict[str, str] = {}
    for loop in (step for step in graph.steps.values() if isinstance(step, Loop) and step.key in newest):
        first = newest.get(loop.start)
        if first is not None and scopes.opener_of(first.scope) == newest[loop.key].no:
            rounds[loop.key] = _round_words(loop, (scopes.index_of(first.scope) or 0) + 1)
    return rounds


def _round_words(loop: Loop, count: int) -> str:
    return f"round {count}" + (f" of {loop.times}" if isinstance(loop.times, int) else "")


def _left_out(run: Run, graph: Graph, newest: Mapping[str, StepRun]) -> Mapping[str, str]:
    """The steps of branches that were not opened."""
    found = {step.no: graph.steps.get(step.key) for step in newest.values()}
    parallels = {no: step for no, step in found.items() if isinstance(step, Parallel) and _may_skip(step)}
    if not parallels:
        return {}
    skipped = rare_entries(run, "ScopeSkipped").filter(no__in=parallels)
    left_out: dict[str, str] = {}
    for no, data in skipped.values_list("no", "data"):
        parallel = parallels[no or 0]
        place = parallel.scope_of(data["branch"])
        words = f"not run: {why_not(parallel, data['branch'], data['why'])}"
        left_out |= {step.key: words for step in graph.steps.values() if _lies_in(graph, step.scope, place)}
    return left_out


def why_not(parallel: Parallel | None, branch: str, why: str) -> str:
    """Why a branch was not opened: another one that it needs, or its condition."""
    conditions = {one.name: one.when for one in parallel.branches} if parallel else {}
    if conditions.get(branch) == why:
        return f"“{why}” does not hold"
    other, _, how = why.rpartition(" has ")
    titles = {one.name: one.title or one.name for one in parallel.branches} if parallel else {}
    return f"needs {titles.get(other, other)}, which {'failed' if how == 'failed' else 'was not run'}"


def _may_skip(parallel: Parallel) -> bool:
    return any(branch.when or branch.needs for branch in parallel.branches)


def _lies_in(graph: Graph, scope: str, place: str) -> bool:
    return scope != ROOT and place in graph.enclosing(scope)
