"""Of what a run waits for: somebody will bring it, and nobody brings it twice."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from runs.engine import events as e
from runs.models import Work
from runs.models.people import ReviewStatus
from runs.models.work import WorkKind

from .account import Account, awaits_person, awaits_report

FOR_OTHERS = (WorkKind.PUBLISH, WorkKind.SIGNAL)  # what a run that is over may still have
BETWEEN = (WorkKind.CHILD, WorkKind.CANCEL, WorkKind.UNDO)


def attempts_and_timers_are_ordered(account: Account) -> Iterable[str]:
    steps = account.state.steps
    wanted = {no: step for no, step in steps.items() if awaits_report(step) and not account.is_child(step)}
    attempts: dict[int, list[Work]] = defaultdict(list)
    for work in account.beside.work:
        if work.kind == WorkKind.ATTEMPT:
            attempts[work.no].append(work)
    for no in wanted.keys() | attempts.keys():
        rows, step = attempts[no], wanted.get(no)
        if step is None or [row.attempt for row in rows] != [step.attempt]:
            yield f"step run {no} awaits {step and step.attempt}, and {[row.attempt for row in rows]} are ordered."
        elif rows[0].worker is not None and not step.out:
            yield f"a worker holds attempt {step.attempt} of {no}, and the state does not know."
    own = [(0, "deadline")] if account.state.deadline and account.state.ending is None else []
    set_now = sorted([*own, *((no, timer) for no, step in steps.items() for timer in step.timers)])
    ordered = sorted((work.no, work.timer) for work in account.beside.work if work.kind == WorkKind.TIMER)
    if set_now != ordered:
        yield f"the timers {set_now} are set, and {ordered} are ordered."


def people_are_asked_what_is_open(account: Account) -> Iterable[str]:
    steps = account.state.steps
    waiting = {no for no, step in steps.items() if account.is_open_review(step)}
    asked = [review.no for review in account.beside.reviews if review.status == ReviewStatus.OPEN]
    if sorted(asked) != sorted(waiting):
        yield f"the reviews {sorted(waiting)} are awaited, and {sorted(asked)} are open."
    stuck = {no for no, step in steps.items() if awaits_person(step)}
    letters = sorted(account.beside.letters)
    if letters != sorted(stuck):
        yield f"the dead letters {sorted(stuck)} are awaited, and {letters} are open."


def a_living_run_awaits_something(account: Account) -> Iterable[str]:
    people = any(account.is_open_review(step) or awaits_person(step) for step in account.state.steps.values())
    children = any(account.awaits_child(step) for step in account.state.steps.values())
    listening = any(not fan.closed for fan in account.state.fans.values())
    outside = people or account.awaited_signals() or children or account.state.locks or listening
    own = [work for work in account.beside.work if work.kind not in (*FOR_OTHERS, *BETWEEN)]
    if not account.state.status.is_over and not own and not outside:
        yield "it goes on, and nothing will ever move it."
    if account.state.status.is_over and own:
        yield f"it is over, and there is still work: {[str(work) for work in own]}."


def who_waits_for_a_signal_is_subscribed(account: Account) -> Iterable[str]:
    known = {(one.no, one.arrival) for one in account.beside.subscriptions}
    if known != (waits := account.awaited_signals()):
        yield f"the signals {sorted(waits)} are awaited, and {sorted(known)} are subscribed to."


def what_is_emitted_is_published_once(account: Account) -> Iterable[str]:
    """Signals are forgotten after a while, the journal is not."""
    forgotten = timezone.now() - timedelta(days=settings.CHOREO_SIGNAL_DAYS)
    told = Counter(event.signal for _, event in account.told(e.SignalEmitted))
    fresh = Counter(event.signal for _, event in account.told(e.SignalEmitted) if event.at > forgotten)
    rows = Counter(account.beside.emitted)
    if (rows - told) or (fresh - rows) or any(count > 1 for count in told.values()):
        yield f"the signals {sorted(told.elements())} were emitted, and there are rows for {sorted(rows.elements())}."


def a_signal_is_received_once(account: Account) -> Iterable[str]:
    """Where a step listens anew after a retry, it hears another signal."""
    told = Counter((event.no, event.source, event.signal) for _, event in account.told(e.SignalReceived))
    if twice := [which for which, count in told.items() if count > 1]:
        yield f"the signals {twice} were received more than once."


def a_review_is_decided_once_and_by_the_right_person(account: Account) -> Iterable[str]:
    told = Counter(event.no for _, event in account.told(e.ReviewDecided))
    if twice := [no for no, count in told.items() if count > 1]:
        yield f"the reviews {twice} were decided more than once."
    for review in account.beside.reviews:
        decided = review.status == ReviewStatus.DECIDED
        if decided != (told[review.no] == 1):
            yield f"the review {review.no} is {review.status}, and the journal holds {told[review.no]} decisions."
        trail = (entry for entry in review.trail.all() if entry.verb == "decided")
        answers = [entry.by_id for entry in trail if entry.by_id is not None]
        if len(answers) != len(set(answers)):
            yield f"somebody answered the review {review.no} twice."
        if (
            review.four_eyes
            and account.run.started_by_id is not None
            and account.run.started_by_id in answers
        ):
            yield f"the review {review.no} was answered by who had started the run."
