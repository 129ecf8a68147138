"""What is promised of the values that steps with flows hand on, and of further tries by several rules."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from designer.graph import ROOT, Action, Map, Parallel, Retry, SetVariables, Succeed
from runs.engine import PerformStep, Phase, Reason, scopes
from runs.engine import events as e

from .reckoning import policy_of

if TYPE_CHECKING:
    from .shell import Change, Shell

CHANGING = {"ResultSelector", "ResultPath", "OutputPath", "Output"}  # what a flow may do with a result
SLACK = timedelta(microseconds=1)


def a_token_is_never_lost(play: "Shell", change: "Change") -> None:
    """It moves when a step hands on, to what that step handed on, and at no other time."""
    handed = _handed_on(play, change)
    for scope, known in change.after.scopes.items():
        before = change.before.scopes.get(scope)
        if handed is not None and scope == handed[0]:
            assert known.token == handed[1], "what was handed on is lost"
        else:
            assert known.token == (before.token if before else None), "the token has moved by itself"


def what_begins_is_given_the_token(play: "Shell") -> None:
    assert play.last is not None
    for command in play.last.commands:
        if isinstance(command, PerformStep) and command.phase is Phase.DO and command.no in play.state.steps:
            step = play.state.steps[command.no]
            definition = play.graph.step(step.key)
            if _is_bare(definition) and isinstance(definition, Action) and not definition.inputs:
                assert command.inputs == play.history.tokens[step.scope], "it is given something else"


def who_catches_is_handed_the_error(play: "Shell", change: "Change") -> None:
    if isinstance(change.event, e.StepFailed):
        definition = play.graph.step(change.before.steps[change.event.no].key)
        caught = change.event.reason is Reason.CAUGHT and definition.flow is not None
        assert change.event.hands_on == caught
        if caught and _is_bare(definition):
            fault = change.event.fault
            assert change.event.output == {"Error": fault.name, "Cause": fault.message}


def lists_keep_their_order(play: "Shell", change: "Change") -> None:
    """A parallel with a flow leaves a list in the order of its branches, a map one in that of its items."""
    match change.event:
        case e.ScopeJoined(no=no, passed=True):
            definition = play.graph.step(change.before.steps[no].key)
            if isinstance(definition, Parallel):
                ended = {s.branch: s for s in change.before.scopes_of(no) if s.ended and s.fault is None}
                lasts = [ended[one.name].last if one.name in ended else None for one in definition.branches]
                play.history.lists[no] = [play.output_value(last) if last else None for last in lasts]
            elif isinstance(definition, Map):
                ends = [play.results.get((no, index)) for index in range(len(play.items[no]))]
                play.history.lists[no] = [
                    play.output_value(end[0]) if end and not end[1] else None for end in ends
                ]
        case e.StepSucceeded(no=no, output=output) if no in play.history.lists:
            definition = play.graph.step(change.before.steps[no].key)
            if definition.flow is not None and not definition.flow.fields.keys() & CHANGING:
                assert output == play.history.lists[no]


def tries_are_counted_by_rule(play: "Shell", change: "Change") -> None:  # 10
    event, counted = change.event, play.history.tries
    match event:
        case e.DeadLetterResolved(no=no) | e.UndoEntered(no=no):
            for place in [place for place in counted if place[0] == no]:
                del counted[place]
        case e.RetryOrdered(no=no):
            step = change.before.steps[no]
            _is_granted(play, change, play.graph.step(step.key).retry)
            assert not step.out, "the try before is not over"
        case e.AttemptOrdered(no=no, fault=fault) if fault is not None:
            _is_granted(play, change, policy_of(play.graph, change.before.steps[no]))


def _is_granted(play: "Shell", change: "Change", retry: Retry) -> None:
    event: Any = change.event
    number, fault, wait = event.rule or 0, event.fault, event.due - event.at
    play.history.tries[event.no, number] += 1
    count, rules = play.history.tries[event.no, number], (retry, *retry.others)
    covering = [no for no, rule in enumerate(rules) if rule.covers(fault.name, fault.retryable)]
    assert covering and covering[0] == number, "another rule decides about this error"
    rule = rules[number]
    assert count <= rule.attempts - 1, "it is tried too often"
    plain = min(rule.wait * rule.factor ** (count - 1), rule.longest)
    assert wait <= plain + SLACK and wait >= (plain / 2 if rule.jitter else plain) - SLACK


def _handed_on(play: "Shell", change: "Change") -> tuple[str, int] | None:
    """The scope whose token moves, and the step run that it moves to. What it carries is noted."""
    tokens, event = play.history.tokens, change.event
    match event:
        case e.RunStarted():
            tokens[ROOT] = play.input
        case e.StepGiven(no=no, value=value):
            play.history.given[no] = value
        case e.ScopeOpened(no=no, scope=scope):
            tokens[scope] = _beginning(play, no, scope)
        case e.StepSucceeded(no=no, scope=scope):
            definition = play.graph.step(change.before.steps[no].key)
            assert event.hands_on == (definition.flow is not None)
            if _is_bare(definition) and isinstance(definition, SetVariables | Succeed):
                assert event.output == tokens[scope], "it hands on something else"
            if event.hands_on:
                tokens[scope] = event.output
                return scope, no
        case e.StepFailed(no=no, scope=scope, hands_on=True):
            assert event.goes_on
            tokens[scope] = event.output
            return scope, no
    return None


def _beginning(play: "Shell", no: int, scope: str) -> Any:
    definition, index = play.graph.step(play.keys[no]), scopes.index_of(scope)
    if isinstance(definition, Map):
        assert index is not None
        return play.items[no][index]
    return play.history.given[no] if definition.flow else play.history.tokens.get(scopes.outside(scope))


def _is_bare(definition: Any) -> bool:
    """Whether it has a flow that says nothing, so that everything goes through as it is."""
    return definition.flow is not None and not definition.flow.fields
