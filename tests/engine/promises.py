"""The promises of the engine (DESIGN.md, section 4), checked after every fact of every test in this folder.

They do not use the engine's rules: what a join needs, who is to be undone next and how often something may be
tried is worked out here again, from the graph and from the events.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from designer.graph import (
    ROOT,
    Action,
    AfterFailedUndo,
    Loop,
    Map,
    OnBranchFailure,
    Parallel,
    UndoOrder,
)
from runs.engine import (
    MOVES,
    RUN_MOVES,
    PerformStep,
    Phase,
    Reason,
    Resolution,
    RunState,
    RunStatus,
    Status,
    dump_event,
    dump_state,
    load_event,
    load_state,
    replay,
    scopes,
)
from runs.engine import events as e

from .promises_of_children_and_locks import (
    a_milestone_is_kept,
    an_end_of_all_ends_all,
    locks_are_held_while_they_are_needed,
    only_what_is_awaited_is_heard,
    runs_are_awaited,
    the_deadline_is_set,
    undone_is_what_its_run_has_undone,
    what_a_run_has_done_is_noted_or_owed,
)
from .promises_of_flows import (
    a_token_is_never_lost,
    lists_keep_their_order,
    tries_are_counted_by_rule,
    what_begins_is_given_the_token,
    who_catches_is_handed_the_error,
)
from .promises_of_openers import (
    a_branch_that_is_skipped_has_a_reason,
    a_map_leaves_no_room_unused,
    each_scope_begins_in_its_turn,
    items_are_counted,
)
from .promises_of_waits import (
    a_wait_that_is_over_is_never_woken,
    one_arrival_wins,
    the_others_are_withdrawn,
    what_is_emitted_is_published_once,
)
from .reckoning import (
    FATES,
    LIVE,
    awaits_person,
    awaits_report,
    awaits_review,
    awaits_signals,
    can_be_undone,
    counted,
    enough,
    has_deadline,
    has_stuck,
    is_due,
    is_waiting,
    join_of,
    leaves_all_as_it_is,
    moves_in,
    outcomes,
    policy_of,
    policy_owner,
    was_broken_off,
    was_forced,
)

if TYPE_CHECKING:
    from .shell import Change, Shell

REDELIVERIES = 3
MOST_FOR_A_STEP, MOST_FOR_A_SCOPE, MOST_FOR_A_RUN = 700, 400, 900  # bytes of the stored state


def check(play: "Shell", before: RunState) -> None:
    assert play.last is not None
    if play.last.ignored is not None:
        an_ignored_fact_changes_nothing(play, before)
        return
    for change in play.changes:
        for rule in FOR_EACH_EVENT:
            rule(play, change)
    for promise in AFTER_EACH_FACT:
        promise(play)


# --- after each fact -----------------------------------------------------------------------------------------


def replay_gives_the_state(play: "Shell") -> None:  # 1
    state = play.changes[0].before
    for change in play.changes:
        state = replay([load_event(*dump_event(change.event))], state)
        assert state == change.after
    assert state == play.state
    assert load_state(dump_state(state)) == state


def a_living_run_awaits_something(play: "Shell") -> None:  # 2
    if not play.state.status.is_over and play.state.status is not RunStatus.READY:
        listening = any(not fan.closed for fan in play.state.fans.values())
        asked = play.reviews or play.dead_letters or listening
        beside = play.beside.under_way or play.beside.unanswered or play.beside.waiting
        assert play.orders or play.timers or play.subscriptions or asked or beside or play.beside.due
    for scope in play.state.scopes.values():
        assert (
            scope.ended
            or play.state.ending
            or any(moves_in(step, scope) for step in play.state.steps.values())
        )


def what_is_awaited_has_been_ordered(play: "Shell") -> None:  # 2
    steps = play.state.steps
    to_report = {no for no, step in steps.items() if awaits_report(play.graph, step)}
    assert to_report == play.orders.keys()
    for no, order in play.orders.items():
        assert (order.attempt, order.claimed) == (steps[no].attempt, steps[no].out)
    assert {(no, timer) for no, step in steps.items() for timer in step.timers} == play.timers.keys()
    assert {no for no, step in steps.items() if has_deadline(play.graph, step)} == {
        no for no, timer in play.timers if timer == "deadline"
    }
    assert {no for no, step in steps.items() if awaits_review(play.graph, step)} == play.reviews.keys()
    assert {
        (no, arrival) for no, step in steps.items() for arrival in awaits_signals(play.graph, step)
    } == play.subscriptions.keys()
    assert {no for no, step in steps.items() if awaits_person(step)} == play.dead_letters.keys()


def nothing_is_kept_of_what_is_over(play: "Shell") -> None:
    state = play.state
    final = {status for status, moves in MOVES.items() if not moves} | {Status.SUCCEEDED}
    assert not {step.status for step in state.steps.values()} & final
    assert all(where.rpartition(":")[0] in state.scopes for where in state.visits)
    assert state.fans.keys() <= state.steps.keys()
    for scope in state.scopes.values():
        opener = state.steps.get(scope.opener)
        waiting = opener and opener.status is Status.WAITING and opener.fault is None
        assert scope.id == ROOT or scope.absorbed or waiting
    for step in state.steps.values():
        assert step.status not in LIVE or (step.scope in state.scopes and not state.scopes[step.scope].ended)
    room = MOST_FOR_A_RUN + MOST_FOR_A_STEP * len(state.steps) + MOST_FOR_A_SCOPE * len(state.scopes)
    visited = sum(len(list(play.graph.within(scopes.place(scope)))) for scope in state.scopes)
    assert len(dump_state(state)) <= room + 60 * visited


def a_join_is_not_late(play: "Shell") -> None:  # 8
    for step in play.state.steps.values():
        definition = play.graph.step(step.key)
        if isinstance(definition, Parallel | Map) and is_waiting(step):
            won, lost, total = counted(play.state, step.no, definition)
            if isinstance(definition, Map) and not play.state.fans[step.no].closed:
                continue
            join, left = join_of(play.state, step.no, definition), total - won - lost
            assert left, "all have ended"
            assert join.wait_for == "all" or not enough(join, won, total)
            assert join.on_failure is OnBranchFailure.WAIT or True in outcomes(join, won, lost, total)


def a_rollback_is_whole(play: "Shell") -> None:  # 9
    if not play.state.status.is_over:
        return
    ending, history = play.state.ending, play.history
    assert ending is not None and not history.debts and not history.retried
    stuck = [step for step in play.state.steps.values() if step.status is Status.UNDO_FAILED]
    assert len(stuck) == len(play.state.steps)
    assert (play.state.reason is Reason.ROLLBACK_INCOMPLETE) == bool(stuck)
    goes_on = play.graph.undoing.after_failure is AfterFailedUndo.GO_ON
    if ending.rollback and (goes_on or not any(not step.owed and not step.let_go for step in stuck)):
        assert not history.successes, "the run ended before all was undone"


def no_new_work_once_the_end_is_decided(play: "Shell") -> None:  # 12
    assert play.last is not None
    assert play.state.ending is not None or not any(
        isinstance(fact, e.CancelRequested) for fact in play.facts
    )
    if play.changes[0].before.ending is not None or any(
        isinstance(c.event, e.CancelRequested) for c in play.changes
    ):
        assert not [c for c in play.last.commands if isinstance(c, PerformStep) and c.phase is Phase.DO]
        assert not [c.event for c in play.changes if isinstance(c.event, e.StepEntered)]


def the_same_question_has_the_same_answer(play: "Shell") -> None:  # 13
    assert play.again == play.last


def an_ignored_fact_changes_nothing(play: "Shell", before: RunState) -> None:  # 5, 6
    assert play.last is not None
    assert play.last.state == before == play.state
    assert not play.last.events and not play.last.commands
    assert play.last.ignored and play.last.ignored[0].islower()


# --- for each event ------------------------------------------------------------------------------------------


def it_ends_once(play: "Shell", change: "Change") -> None:  # 3
    reopened = isinstance(change.event, e.RollbackResumed)
    again = isinstance(change.event, e.DeadLetterResolved | e.ChildEnded | e.UndoRequested)
    assert not play.history.ended or reopened or again
    if change.after.status is not change.before.status:
        assert change.after.status in RUN_MOVES[change.before.status]
    play.history.ended = change.after.status.is_over
    assert play.history.ended == isinstance(change.event, e.RunEnded) or not reopened


def every_move_is_in_the_table(play: "Shell", change: "Change") -> None:  # 7
    if not isinstance(change.event, e.StepEvent) or isinstance(change.event, e.LockReleased):
        return
    old = change.before.steps.get(change.event.no)
    new = change.after.steps.get(change.event.no)
    left = FATES[type(change.event)] if new is None else new.status
    if isinstance(change.event, e.StepEntered):
        assert old is None and left is Status.READY
    else:
        was = old.status if old else Status.SUCCEEDED
        assert left is was or left in MOVES[was]
        assert old or isinstance(change.event, e.UndoEntered)


def nothing_is_ordered_twice(play: "Shell", change: "Change") -> None:  # 4
    if isinstance(change.event, e.AttemptOrdered):
        order = (change.event.no, change.event.attempt)
        assert order not in play.history.ordered
        assert (
            change.event.attempt == 1 or (change.event.no, change.event.attempt - 1) in play.history.ordered
        )
        play.history.ordered.add(order)


def an_attempt_that_is_out_is_awaited(play: "Shell", change: "Change") -> None:  # 6
    """Whatever becomes of its step."""
    no = getattr(change.event, "no", 0)
    old, new = change.before.steps.get(no), change.after.steps.get(no)
    answered = isinstance(change.event, e.ChildEnded | e.ChildRefused)
    reported = answered or isinstance(change.event, e.AttemptSucceeded | e.AttemptFailed | e.AttemptLost)
    if old is not None and old.out and not reported:
        assert new is not None and new.out


def what_was_done_is_noted_or_owed(play: "Shell", change: "Change") -> None:  # 6
    match change.event:
        case e.AttemptSucceeded(no=no) if change.before.steps[no].status is not Status.UNDOING:
            told = [type(c.event) for c in play.changes if getattr(c.event, "no", None) == no]
            step, late = change.before.steps[no], change.before.steps[no].status is Status.ABANDONED
            noted = e.StepSucceeded in told or (late and leaves_all_as_it_is(change.before))
            assert (e.CompensationOwed in told) == (not noted and can_be_undone(play.graph, step.key))
        case e.CompensationOwed(no=no):
            play.history.debts.add(no)
        case e.StepSucceeded(no=no):
            play.history.debts.discard(no)


def a_join_fires_once_and_by_its_rule(play: "Shell", change: "Change") -> None:  # 8
    if not isinstance(change.event, e.ScopeJoined):
        return
    no = change.event.no
    definition = play.graph.step(change.before.steps[no].key)
    assert not change.after.scopes_of(no)
    assert change.before.steps[no].status is Status.WAITING and change.before.steps[no].fault is None
    if isinstance(definition, Loop) or was_forced(play, no) or was_broken_off(play, no):
        return
    assert isinstance(definition, Parallel | Map)
    won, lost, total = counted(change.before, no, definition)
    join, left = join_of(change.before, no, definition), total - won - lost
    if change.event.passed:
        go_on = join.on_failure is OnBranchFailure.CONTINUE and not left
        assert go_on or (enough(join, won, total) and (join.wait_for != "all" or not left))
    else:
        assert outcomes(join, won, lost, total) == {False}
        assert join.on_failure is OnBranchFailure.STOP or not left


def only_living_scopes_go_on(play: "Shell", change: "Change") -> None:
    match change.event:
        case e.StepEntered(scope=scope) | e.ScopeEnded(scope=scope):
            assert not change.before.scopes[scope].ended
            assert not any(
                moves_in(step, change.before.scopes[scope]) for step in change.before.steps.values()
            )


def compensation_works_alone(play: "Shell", change: "Change") -> None:  # 9
    undoing = [step for step in change.after.steps.values() if step.status is Status.UNDOING]
    assert len(undoing) <= 1 or play.graph.undoing.order is UndoOrder.AT_ONCE
    if change.after.status is RunStatus.UNDOING:
        assert {step.status for step in change.after.steps.values()} <= {Status.UNDOING, Status.UNDO_FAILED}


def compensation_goes_backwards_and_once(play: "Shell", change: "Change") -> None:  # 9
    history = play.history
    match change.event:
        case e.StepSucceeded(no=no):
            by_hand = isinstance(play.changes[0].event, e.DeadLetterResolved) and not change.event.compensable
            if can_be_undone(play.graph, change.before.steps[no].key) and not by_hand:
                history.successes[no] = change.after.seq
        case e.StepFailed(no=no):
            step = change.before.steps[no]
            tried = step.attempt > 0 and not step.out and not step.owed
            counts = play.graph.undoing.failed_step and isinstance(play.graph.step(step.key), Action)
            assert change.event.compensable == (tried and counts and can_be_undone(play.graph, step.key))
            if change.event.compensable:
                history.successes[no] = change.after.seq
        case e.UndoEntered(no=no):
            if no in history.retried:
                history.retried.discard(no)
                return
            assert no not in history.undone
            history.undone.add(no)
            assert change.after.steps[no].order == len(history.undone)
            if no in history.debts:
                due = [debt for debt in history.debts if is_due(change.before.steps[debt])]
                assert no == max(due, key=lambda debt: change.before.steps[debt].owed)
                history.debts.discard(no)
            else:
                assert change.before.status is RunStatus.UNDOING
                assert no == max(history.successes, key=lambda done: history.successes[done])
                goes_on = play.graph.undoing.after_failure is AfterFailedUndo.GO_ON
                assert goes_on or not has_stuck(change.before)
                del history.successes[no]
        case e.RollbackStarted():
            assert not history.debts and not any(change.before.active())
        case e.DeadLetterResolved(no=no, how=Resolution.RETRY):
            if change.before.steps[no].status is Status.UNDO_FAILED:
                history.retried.add(no)


def the_policy_is_kept(play: "Shell", change: "Change") -> None:  # 10
    match change.event:
        case e.AttemptOrdered(no=no, tries=tries):
            step, first = change.before.steps[no], change.event.fault is None
            assert 1 <= tries <= policy_of(play.graph, step).most
            assert tries == (max(step.tries, 1) if first else step.tries + 1)
            assert not first or change.event.due == change.event.at
        case e.AttemptLost(no=no):
            step = change.before.steps[no]
            contract = play.graph.contracts[policy_owner(play.graph, step).does]
            if (
                step.losses < REDELIVERIES
                and not contract.at_most_once
                and step.status is not Status.ABANDONED
            ):
                assert len(play.changes) == 1, "a lost attempt is simply handed out again"
            asked = step.status is Status.WAITING or bool(step.owed)
            if not asked and (step.losses >= REDELIVERIES or contract.at_most_once):
                assert len(play.changes) > 1, "an attempt is lost without end"


def loops_are_bounded(play: "Shell", change: "Change") -> None:  # 11
    match change.event:
        case e.DeadLetterResolved():
            play.history.resolved += 1
        case e.ScopeOpened(scope=scope):  # a second time only when a person has the parallel tried again
            for place in [place for place in play.history.entered if place[0] == scope]:
                del play.history.entered[place]
        case e.StepEntered(scope=scope, key=key):
            play.history.entered[scope, key] += 1
            limit = (
                play.graph.visit_limit + 1 + play.history.resolved
            )  # a person may have them go round again
            assert play.history.entered[scope, key] <= limit


def what_went_wrong_names_its_place(play: "Shell", change: "Change") -> None:
    match change.event:
        case e.StepFailed(fault=fault) | e.UndoFailed(fault=fault):
            assert fault.step in play.graph.steps


FOR_EACH_EVENT: tuple[Callable[["Shell", "Change"], None], ...] = (
    it_ends_once,
    a_milestone_is_kept,
    an_end_of_all_ends_all,
    only_what_is_awaited_is_heard,
    undone_is_what_its_run_has_undone,
    what_a_run_has_done_is_noted_or_owed,
    nothing_is_ordered_twice,
    an_attempt_that_is_out_is_awaited,
    every_move_is_in_the_table,
    what_was_done_is_noted_or_owed,
    a_join_fires_once_and_by_its_rule,
    only_living_scopes_go_on,
    compensation_works_alone,
    compensation_goes_backwards_and_once,
    the_policy_is_kept,
    tries_are_counted_by_rule,
    a_token_is_never_lost,
    who_catches_is_handed_the_error,
    lists_keep_their_order,
    loops_are_bounded,
    what_went_wrong_names_its_place,
    a_wait_that_is_over_is_never_woken,
    one_arrival_wins,
    each_scope_begins_in_its_turn,
    a_branch_that_is_skipped_has_a_reason,
)
AFTER_EACH_FACT: tuple[Callable[["Shell"], None], ...] = (
    replay_gives_the_state,
    items_are_counted,
    a_map_leaves_no_room_unused,
    runs_are_awaited,
    locks_are_held_while_they_are_needed,
    the_deadline_is_set,
    a_living_run_awaits_something,
    what_is_awaited_has_been_ordered,
    nothing_is_kept_of_what_is_over,
    a_join_is_not_late,
    a_rollback_is_whole,
    no_new_work_once_the_end_is_decided,
    the_same_question_has_the_same_answer,
    what_begins_is_given_the_token,
    the_others_are_withdrawn,
    what_is_emitted_is_published_once,
)
