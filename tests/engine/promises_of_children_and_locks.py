"""What is promised of runs that are started, of locks, of milestones and of ends that end it all."""

import re
from typing import TYPE_CHECKING

from designer.graph import Fail, Graph, Review, RunWorkflow, Succeed, Wait
from runs.engine import ActiveStep, Phase, RunStatus, Status
from runs.engine import events as e

from .reckoning import LIVE

if TYPE_CHECKING:
    from .shell import Change, Shell

ACTIVE = re.compile(r"(!?)\(?'(\w+)' in run\.active\)?")  # the milestones of the strategies


def runs_are_awaited(play: "Shell") -> None:  # 2
    """Those that were started and not only set going, until they have ended: for the step, and for its undo."""
    steps = play.state.steps
    awaited = {(no, step.attempt) for no, step in steps.items() if awaits_child(play.graph, step)}
    ordered = {(order.no, order.attempt) for order in play.beside.unanswered if order.awaited}
    assert awaited == {*play.beside.under_way, *ordered}
    for place in play.beside.under_way:
        step, child = steps[place[0]], play.beside.children[place]
        given_up = step.status is Status.ABANDONED or step.fault is not None
        assert child.undoing or given_up == (child.cancelled is not None)


def locks_are_held_while_they_are_needed(play: "Shell") -> None:
    steps, beside = play.state.steps, play.beside
    assert beside.waiting.keys() == {no for no, step in steps.items() if step.outside}
    assert {**beside.waiting, **beside.holding} == {no: lock.name for no, lock in play.state.locks.items()}
    for no in beside.holding:
        held = [step for step in steps.values() if step.no == no or f"#{no}/" in step.scope]
        assert any(_is_busy(play, step) for step in held), "a lock is held for nothing"
    for order in play.orders.values():
        if order.phase is Phase.DO:
            assert _locks_around(play, order.no) <= set(beside.holding.values()), (
                "it is made without its lock"
            )


def the_deadline_is_set(play: "Shell") -> None:
    state = play.state
    expected = play.graph.deadline and state.status is RunStatus.RUNNING and state.ending is None
    assert (play.beside.due is not None) == bool(expected)


def a_milestone_is_kept(play: "Shell", change: "Change") -> None:
    match change.event:
        case e.AttemptOrdered(no=no, phase=Phase.DO) | e.ChildOrdered(no=no) | e.LockAsked(no=no):
            pass
        case e.StepSucceeded(no=no):
            step = change.before.steps[no]
            by_hand = isinstance(play.changes[0].event, e.DeadLetterResolved)
            if by_hand or not isinstance(play.graph.step(step.key), Wait | Review):
                return
        case _:
            return
    found = ACTIVE.fullmatch(play.graph.step(change.before.steps[no].key).only_while)
    if found:
        # What is active can change within a decision: it is looked at when the rule looks.
        active = {step.key for step in change.before.steps.values() if step.status in LIVE}
        assert (found[2] in active) != bool(found[1]), "it was made although it was not allowed"


def an_end_of_all_ends_all(play: "Shell", change: "Change") -> None:
    match change.event:
        case e.StepSucceeded(no=no):
            definition = play.graph.step(change.before.steps[no].key)
            ends = isinstance(definition, Succeed) and definition.ends_run
        case e.StepFailed(no=no):
            definition = play.graph.step(change.before.steps[no].key)
            fault = change.event.fault
            ends = isinstance(definition, Fail) and definition.ends_run and fault.name == definition.error
        case _:
            return
    if ends:
        assert play.state.ending is not None
        assert not [s for s in play.state.steps.values() if s.status in LIVE]


def what_a_run_has_done_is_noted_or_owed(play: "Shell", change: "Change") -> None:  # 6
    match change.event:
        case e.ChildEnded(no=no, status=RunStatus.SUCCEEDED):
            told = [type(c.event) for c in play.changes if getattr(c.event, "no", None) == no]
            ending = change.before.ending
            left = ending is not None and ending.status is not RunStatus.SUCCEEDED and not ending.rollback
            late = change.before.steps[no].status is Status.ABANDONED
            noted = e.StepSucceeded in told or (late and left)
            assert (e.CompensationOwed in told) == (not noted)


def only_what_is_awaited_is_heard(play: "Shell", change: "Change") -> None:  # 5
    if isinstance(change.event, e.ChildEnded):
        step = change.before.steps[change.event.no]
        assert step.out or step.status in (Status.UNDOING, Status.UNDO_FAILED)


def undone_is_what_its_run_has_undone(play: "Shell", change: "Change") -> None:  # 9
    match change.event:
        case e.StepUndone(no=no) if isinstance(play.graph.step(change.before.steps[no].key), RunWorkflow):
            said = play.changes[0].event
            undone = isinstance(said, e.ChildEnded) and not said.incomplete and said.no == no
            assert undone or isinstance(said, e.DeadLetterResolved), "nobody has undone it"


def awaits_child(graph: Graph, step: ActiveStep) -> bool:
    if not isinstance(graph.step(step.key), RunWorkflow):
        return False
    return step.out or step.status is Status.UNDOING


def _is_busy(play: "Shell", step: ActiveStep) -> bool:
    order = play.orders.get(step.no)
    ordered = order is not None and order.phase is Phase.DO
    parked = step.status is Status.WAITING and step.fault is not None
    return ordered or (step.status in LIVE and not parked) or (step.out and step.status is not Status.UNDOING)


def _locks_around(play: "Shell", no: int) -> set[str]:
    """The names of the locks that a step wants, and those of the sections it lies in."""
    around = [int(part.partition("/")[0]) for part in play.state.steps[no].scope.split("#")[1:]]
    wanted = [play.graph.step(play.keys[one]).lock for one in (*around, no)]
    name = str(play.input.get("name"))
    return {lock.replace("${ input.name }", name).replace("${ run.id }", "run-1") for lock in wanted if lock}
