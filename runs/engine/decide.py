"""Theory of operation.

A run is a fold over events. `decide` is the one place where events are made: it is given a fact (a run was
started, an attempt succeeded, a timer fired, a person decided), and answers with everything that follows from
it, or with a sentence when the fact comes too late to matter.

It works in two strokes. *Apply*: the fact is applied to the state (`replay.apply`, which knows no rules).
*Settle*: the rule for the fact's type says what follows, as further events and as commands; each derived event
is applied and asked the same question, depth first, until nothing follows any more. Only then does `close` look
whether a compensation is due or the run can end. Then the run waits for something outside: an attempt, a
timer, a signal, a person. That it always does is the second of the invariants in ``tests/engine``.

Commands are not carried out here. The shell (`runs.actions.advance`) locks the run, calls `decide`, records
the events in the journal and carries out the commands in one transaction. Time arrives with the fact; ids are
counted; randomness is a hash of the attempt's key. Values that live in rows are asked for by reference: when a
rule needs one that is not at hand the answer is `Needs`, and the shell asks again with more.

A step ends in one of three ways. It *succeeds* and its token goes to ``next``. It *fails*, and its fallback, its
policy or the enclosing step says what follows. Or its scope goes on *without* it: then what has not started is
cancelled, and an attempt that is out is abandoned, which means awaited all the same, because if it succeeds
after all it owes a compensation. So does a step that was done and could not be noted.
"""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from msgspec import structs

from designer.graph import ROOT, AnyOpener, EvaluationError, Graph, RunWorkflow

from . import events as e
from .commands import Command
from .replay import apply
from .rules import (
    action,
    arrivals,
    children,
    closing,
    entering,
    items,
    joining,
    leaving,
    locking,
    parallel,
    retrying,
    rounds,
    timers,
    waiting,
)
from .rules.derived import Derived
from .scopes import opener_of
from .situation import Broken, Situation
from .stale import overtaken, stale
from .state import ActiveStep, Fault, RunState
from .status import Status
from .values import Needed, Reference, Values


@dataclass(frozen=True, slots=True)
class Decision:
    """What follows from a fact. An ignored one changes nothing and says why.

    ``values`` is what the next decision in the same transaction must be given: rows do not tell of it yet.
    """

    state: RunState
    values: Values
    events: tuple[e.Event, ...] = ()
    commands: tuple[Command, ...] = ()
    ignored: str | None = None


@dataclass(frozen=True, slots=True)
class Needs:
    """The decision takes values that are not at hand: look these up and ask again."""

    references: frozenset[Reference]


def decide(graph: Graph, state: RunState, fact: e.Event, values: Values) -> Decision | Needs:
    """What follows from ``fact`` in a run of ``graph`` that stands at ``state``. Pure: same in, same out."""
    if (why := stale(graph, state, fact)) is not None:
        return Decision(state, values, ignored=why)
    try:
        return _settle(graph, state, fact, values)
    except Needed as needed:
        return Needs(needed.references)


def _settle(graph: Graph, state: RunState, fact: e.Event, values: Values) -> Decision:
    events: list[e.Event] = []
    commands: list[Command] = []
    sit = Situation(graph, state, values, fact.at)
    agenda: deque[e.Event | Command] = deque([fact])
    while agenda:
        item = agenda.popleft()
        if isinstance(item, Command):
            commands.append(item)
        elif item is fact or not overtaken(sit.state, item):
            sit = Situation(graph, apply(sit.state, item), sit.learn(item), fact.at)
            events.append(item)
            agenda.extendleft(reversed(_follow(sit, item)))
        if not agenda:
            agenda.extend(locking.let_go(sit) or closing.close(sit))
    return Decision(sit.state, sit.values, tuple(events), tuple(commands))


def _follow(sit: Situation, event: e.Event) -> Derived:
    """What follows from an event that has just been applied."""
    rule = RULES.get(type(event))
    if rule is None:
        return []
    try:
        return rule(sit, event)
    except EvaluationError as error:
        return _break_down(sit, event, Fault(name="ExpressionError", message=str(error), retryable=False))
    except Broken as broken:
        return _break_down(sit, event, broken.fault)


def _break_down(sit: Situation, event: Any, fault: Fault) -> Derived:
    """The rule met something that trying again would not mend: the step it was about fails."""
    no = opener_of(event.scope) if isinstance(event, e.ScopeEnded) else event.no
    step = sit.state.steps[no]
    fault = fault if fault.step else replace(fault, step=step.key)
    if step.status is Status.UNDOING:
        return action.undo_gave_up(sit, step, fault)
    if sit.state.scopes_of(no):
        return joining.stop(sit, step, fault)
    debt = _debt(sit, step, event)
    # What was done and can be undone is not done again: the next try might fail, and nobody would undo the first.
    left = structs.replace(step, owed=sit.state.seq) if debt else step
    return [*debt, *leaving.fail(sit, left, fault)]


def _debt(sit: Situation, step: ActiveStep, event: e.Event) -> Derived:
    """The work was done, and what broke is only the noting of it."""
    match event:
        case e.AttemptSucceeded(output=output) | e.DeadLetterResolved(how=e.Resolution.DONE, output=output):
            return action.owe(sit, step, output)
        case e.ChildEnded():
            return children.owe(sit, event)
    return []


def _begin(sit: Situation, event: e.RunStarted) -> Derived:
    begun = leaving.go(sit, ROOT, sit.graph.start or None, last=None)
    return [*timers.set_run_deadline(sit), *begun]


def _undo_entered(sit: Situation, event: e.UndoEntered) -> Derived:
    step = sit.state.steps[event.no]
    if isinstance(sit.definition(step), RunWorkflow):
        return children.enter_undo(sit, step)
    return action.enter_undo(sit, event)


def _undo_requested(sit: Situation, event: e.UndoRequested) -> Derived:
    """The end that was is another now; `close` sees to the rest."""
    return [e.RollbackResumed(at=sit.at)] if sit.state.status.is_over else []


def _scope_ended(sit: Situation, event: e.ScopeEnded) -> Derived:
    if event.scope == ROOT:
        return leaving.workflow_ended(sit, event)
    step = sit.state.steps.get(opener_of(event.scope))
    # What was absorbed ends, and nobody waits for it.
    return [] if step is None else ENDED[sit.definition(step).kind](sit, event)


def _join_forced(sit: Situation, event: e.JoinForced) -> Derived:
    step = sit.state.steps[event.no]
    return FORCED[sit.definition(step).kind](sit, step)


def _timer_fired(sit: Situation, event: e.TimerFired) -> Derived:
    step = sit.state.steps[event.no]
    if event.timer == timers.DEADLINE and isinstance(sit.definition(step), AnyOpener):
        return joining.deadline_passed(sit, step)
    timer, _, name = event.timer.partition(":")
    if timer == arrivals.ARRIVAL:
        return arrivals.moment_arrived(sit, step, name)
    return TIMERS[timer](sit, step)


ENDED: Mapping[str, Callable[[Situation, e.ScopeEnded], Derived]] = {
    "parallel": parallel.branch_ended,
    "map": items.item_ended,
    "loop": rounds.round_ended,
}
FORCED: Mapping[str, Callable[[Situation, ActiveStep], Derived]] = {
    "parallel": parallel.force,
    "map": items.force,
}
TIMERS: Mapping[str, Callable[[Situation, Any], Derived]] = {
    timers.DEADLINE: action.deadline_passed,
    retrying.AGAIN: entering.begin_anew,
    waiting.TIMEOUT: waiting.timed_out,
    waiting.WAKE: waiting.woken,
    waiting.DUE: waiting.review_due,
}

# What follows from each event. Those that are not here are records: nothing follows from them.
RULES: Mapping[type[e.Event], Callable[[Situation, Any], Derived]] = {
    e.RunStarted: _begin,
    e.AttemptSucceeded: action.attempt_succeeded,
    e.AttemptFailed: action.attempt_failed,
    e.AttemptLost: action.attempt_lost,
    e.TimerFired: _timer_fired,
    e.ReviewDecided: waiting.review_decided,
    e.SignalReceived: arrivals.signal_received,
    e.CancelRequested: leaving.cancel_requested,
    e.DeadLetterResolved: entering.dead_letter_resolved,
    e.StepEntered: entering.enter,
    e.StepSucceeded: leaving.step_succeeded,
    e.StepFailed: leaving.step_failed,
    e.StepSkipped: leaving.step_skipped,
    e.ItemsAdded: items.changed,
    e.ItemsClosed: items.changed,
    e.ItemsListed: items.changed,
    e.ItemsRedriven: items.changed,
    e.JoinForced: _join_forced,
    e.ScopeOpened: joining.scope_opened,
    e.ScopeSkipped: parallel.branch_skipped,
    e.ScopeEnded: _scope_ended,
    e.EndDecided: leaving.end_decided,
    e.UndoEntered: _undo_entered,
    e.ChildStarted: children.started,
    e.ChildRefused: children.refused,
    e.ChildEnded: children.ended,
    e.UndoRequested: _undo_requested,
    e.LockGranted: entering.lock_granted,
    e.RunDeadlinePassed: timers.run_deadline_passed,
}
