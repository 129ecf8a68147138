"""What is promised of signals, and of waits for the first of several."""

from typing import TYPE_CHECKING

from designer.graph import Wait
from runs.engine import Publish, Status
from runs.engine import events as e

from .reckoning import awaits_moments

if TYPE_CHECKING:
    from .shell import Change, Shell


def a_wait_that_is_over_is_never_woken(play: "Shell", change: "Change") -> None:  # 6
    if isinstance(change.event, e.SignalReceived):
        step = change.before.steps[change.event.no]
        assert step.status is Status.WAITING and step.fault is None
        assert change.event.no not in change.after.steps or len(play.changes) > 1


def one_arrival_wins(play: "Shell", change: "Change") -> None:
    match change.event:
        case e.StepSucceeded(no=no, next=follows, output=output):
            definition = play.graph.step(change.before.steps[no].key)
            if not isinstance(definition, Wait) or not definition.first:
                return
            taken = [c.event for c in play.changes if isinstance(c.event, e.BranchTaken) and c.event.no == no]
            came = _arrival(play.changes[0].event)
            winner = next(one for one in definition.first if one.name == came)
            assert [branch.next for branch in taken] == [follows or ""] == [winner.next]
            assert output["first"] == came


def _arrival(fact: e.Event) -> str:
    match fact:
        case e.SignalReceived(arrival=name) | e.ReviewDecided(outcome=name):
            return name
        case e.TimerFired(timer=timer):
            return timer.partition(":")[2]
    raise AssertionError(f"{fact} is no arrival")


def the_others_are_withdrawn(play: "Shell") -> None:
    """And those that may still come are all there."""
    wanted = {
        (no, timer) for no, step in play.state.steps.items() for timer in awaits_moments(play.graph, step)
    }
    assert wanted == {(no, timer) for no, timer in play.timers if timer.startswith("arrival:")}


def what_is_emitted_is_published_once(play: "Shell") -> None:
    assert play.last is not None
    emitted = [c.event.signal for c in play.changes if isinstance(c.event, e.SignalEmitted)]
    assert emitted == [c.signal for c in play.last.commands if isinstance(c, Publish)]
    assert len(play.published) == sum(isinstance(event, e.SignalEmitted) for event in play.journal)
    for change in play.changes:
        if isinstance(change.event, e.StepEntered) and play.graph.step(change.event.key).kind == "emit":
            done = {c.event.no for c in play.changes if isinstance(c.event, e.StepFailed | e.StepParked)}
            overtaken = {c.event.no for c in play.changes if isinstance(c.event, e.StepCancelled)}
            told = {c.event.no for c in play.changes if isinstance(c.event, e.SignalEmitted)}
            assert change.event.no in told | done | overtaken
