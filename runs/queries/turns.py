"""Which item of a map, or which round of a loop, a step run belongs to.

People count them from 1, and so do addresses; scopes and expressions from 0.
"""

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from designer.graph import ROOT, Graph, Loop, Map
from runs.engine import scopes
from runs.models import Run, StepRun


@dataclass(frozen=True, slots=True)
class Turn:
    """One item or round of a step, and those before and after it; 0 where there is none."""

    word: str  # item or round
    number: int
    total: int  # 0 where nobody knows
    of: int  # the step run of the map or loop; 0 where it is the newest
    before: int
    after: int

    @property
    def said(self) -> str:
        return f"{self.word} {self.number:,}" + (f" of {self.total:,}" if self.total else "")

    @property
    def beside(self) -> str:
        """What the addresses of the others keep."""
        return f"&of={self.of}" if self.of else ""


def repeater_around(graph: Graph, step: str) -> Map | Loop | None:
    """The innermost map or loop that a step is in."""
    around = (graph.opener(scope)[0] for scope in graph.enclosing(graph.step(step).scope) if scope != ROOT)
    return next((opener for opener in around if isinstance(opener, Map | Loop)), None)


def visits_in(run: Run, graph: Graph, step: str, turn: int | None, of: int | None) -> QuerySet[StepRun]:
    """The step runs of a step: all of them, or those of one item or round."""
    entered = run.step_runs.filter(key=step)
    if turn is None:
        return entered
    opened = _opened(run, graph, step, of)
    return entered.filter(_within(opened, graph, turn)) if opened else entered.none()


def turn_of(
    run: Run, graph: Graph, step: str, newest: StepRun | None, turn: int | None, of: int | None
) -> Turn | None:
    """What ``newest``, or what was asked for, is one of."""
    repeater = repeater_around(graph, step)
    opened = _opened(run, graph, step, of if turn is not None or newest is None else _opener_of(newest))
    number = turn if turn is not None else _number_of(newest)
    if repeater is None or opened is None or not number:
        return None
    total = run.items.filter(no=opened.no).count() if isinstance(repeater, Map) else 0
    if total:
        after = number + 1 if number < total else 0
    else:
        after = number + 1 if run.step_runs.filter(_within(opened, graph, number + 1)).exists() else 0
    is_newest = not run.step_runs.filter(key=opened.key, no__gt=opened.no).exists()
    return Turn(repeater.BODY, number, total, 0 if is_newest else opened.no, number - 1, after)


def name_in(name: str, scope: str) -> str:
    """What a step run is called in a list: its step, and its item or round."""
    innermost = _innermost(scope)
    return f"{name}, {turn_name(innermost)}" if innermost else name


def turn_name(scope: str) -> str:
    """“item 17” for ``each#3/item:16``."""
    word, _, index = scope.rpartition("/")[2].partition(":")
    return f"{word} {int(index) + 1:,}"


def _opened(run: Run, graph: Graph, step: str, of: int | None) -> StepRun | None:
    """The step run of the map or loop around a step: the one that is asked for, or the newest."""
    repeater = repeater_around(graph, step)
    if repeater is None:
        return None
    found = run.step_runs.filter(key=repeater.key).only("no", "key", "scope", "run_id")
    return found.filter(no=of).first() if of else found.order_by("-no").first()


def _within(opened: StepRun, graph: Graph, turn: int) -> Q:
    definition = graph.step(opened.key)
    assert isinstance(definition, Map | Loop)
    scope = scopes.child(
        opened.scope, opener=opened.key, no=opened.no, branch=definition.BODY, index=turn - 1
    )
    return Q(scope=scope) | Q(scope__startswith=f"{scope}.")


def _innermost(scope: str) -> str:
    return next((one for one in scopes.chain(scope) if scopes.index_of(one) is not None), "")


def _opener_of(step: StepRun) -> int | None:
    innermost = _innermost(step.scope)
    return scopes.opener_of(innermost) if innermost else None


def _number_of(step: StepRun | None) -> int:
    innermost = _innermost(step.scope) if step else ""
    return (scopes.index_of(innermost) or 0) + 1 if innermost else 0
