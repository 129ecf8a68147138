"""Of steps and their attempts: each where and when it was its turn, and none twice."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from designer.graph import Action, AnyOpener
from runs.engine import Phase, scopes
from runs.engine import events as e
from runs.models.work import WorkKind

from .account import Account

CLOSED = (e.AttemptSucceeded, e.AttemptFailed)


def a_scope_has_one_token(account: Account) -> Iterable[str]:
    """A step is entered where the one before it said, once that is over, and nowhere else."""
    expected: dict[str, str | None] = {"": account.graph.start}
    for seq, event in enumerate(account.events, 1):
        match event:
            case e.ScopeOpened(no=no, scope=scope, branch=branch):
                definition = account.graph.step(account.step_runs[no].key)
                assert isinstance(definition, AnyOpener)
                starts = {known.name: known.start for known in definition.bodies}
                expected[scope] = starts[branch]
            case e.StepEntered(scope=scope, key=key):
                if expected.get(scope) != key:
                    yield f"{key} was entered at {seq}, and {expected.get(scope)} was to follow."
                expected[scope] = None
            case e.StepSucceeded(scope=scope, next=next) | e.StepSkipped(scope=scope, next=next):
                expected[scope] = next
            case e.StepFailed(scope=scope, next=next, goes_on=True):
                expected[scope] = next


def items_are_what_the_journal_says(account: Account) -> Iterable[str]:
    """As many rows as were listed and added; each ended as its scope did."""
    told: Counter[int] = Counter()
    ended: dict[tuple[int, int], tuple[str, int | None]] = {}
    for event in account.events:
        match event:
            case e.ItemsListed(no=no, count=count) | e.ItemsAdded(no=no, count=count):
                told[no] += count
            case e.ItemsRedriven(no=no, afresh=True):
                ended = {place: how for place, how in ended.items() if place[0] != no}
            case e.ScopeEnded(scope=scope) if (index := scopes.index_of(scope)) is not None:
                how = "skipped" if event.skipped else "failed" if event.fault else "succeeded"
                ended[scopes.opener_of(scope), index] = (how, event.last)
    rows = {(item.no, item.index): (item.status, item.last) for item in account.beside.items}
    if Counter(no for no, _ in rows) != +told:
        yield f"there are items {dict(Counter(no for no, _ in rows))}, and the journal lists {dict(told)}."
    for place, row in rows.items():
        if row != ended.get(place, ("waiting", None)):
            yield f"item {place} is {row}, and the journal says {ended.get(place)}."


def a_join_fires_once(account: Account) -> Iterable[str]:
    joined = Counter(event.no for _, event in account.told(e.ScopeJoined))
    again = Counter(event.no for _, event in account.told(e.ItemsRedriven, e.RetryOrdered))
    if twice := [no for no, count in joined.items() if count > 1 + again[no]]:
        yield f"the openers {twice} were joined more than once."


def attempts_are_counted_and_closed_once(account: Account) -> Iterable[str]:
    ordered: dict[int, list[int]] = defaultdict(list)
    for _, order in account.told(e.AttemptOrdered):
        ordered[order.no].append(order.attempt)
    for no, attempts in ordered.items():
        if attempts != list(range(1, len(attempts) + 1)):
            yield f"the attempts of {account.step_runs[no]} are {attempts}."
    closed = Counter((event.no, event.attempt) for _, event in account.told(*CLOSED))
    if twice := [which for which, count in closed.items() if count > 1]:
        yield f"the attempts {twice} were closed more than once."
    succeeded = Counter((event.no, event.phase) for _, event in account.told(e.AttemptSucceeded))
    anew = Counter(event.no for _, event in account.told(e.RetryOrdered))
    if twice := [which for which, count in succeeded.items() if count > 1 + anew[which[0]]]:
        yield f"{twice} succeeded more than once."


def the_policy_is_kept(account: Account) -> Iterable[str]:
    for _, order in account.told(e.AttemptOrdered):
        definition = account.graph.step(account.step_runs[order.no].key)
        assert isinstance(definition, Action)
        policy = definition.compensate if order.phase is Phase.UNDO else definition
        if policy is None or order.tries > policy.retry.most:
            yield f"try {order.tries} of {definition.key} is one too many."
        if order.due < order.at:
            yield f"try {order.tries} of {definition.key} was due before it was ordered."


def an_attempt_has_one_holder(account: Account) -> Iterable[str]:
    """Between two claims of an attempt the first one is known to be lost."""
    held: set[tuple[int, int]] = set()
    due = {(order.no, order.attempt): order.due for _, order in account.told(e.AttemptOrdered)}
    for seq, event in account.told(e.AttemptStarted, e.AttemptLost, *CLOSED):
        which = (event.no, event.attempt)
        if isinstance(event, e.AttemptStarted):
            if which in held:
                yield f"attempt {which} was started at {seq} while a worker held it."
            if which not in due or event.at < due[which]:
                yield f"attempt {which} was started at {seq}, before it was due."
            held.add(which)
        elif which not in held:
            yield f"{type(event).__name__} at {seq} is about attempt {which}, which nobody held."
        else:
            held.discard(which)


def timers_fire_once_and_never_early(account: Account) -> Iterable[str]:
    due: dict[tuple[int, str], Any] = {}
    for seq, event in account.told(e.TimerSet, e.TimerFired):
        which = (event.no, event.timer)
        if isinstance(event, e.TimerSet):
            due[which] = event.due
        elif which not in due:
            yield f"the timer {which} fired at {seq}, and was not set."
        elif event.at < due.pop(which):
            yield f"the timer {which} fired at {seq}, before its time."


def a_claim_has_its_fence(account: Account) -> Iterable[str]:
    """The fence grows with every claim: it is never behind the starts that the journal tells."""
    starts = Counter((event.no, event.attempt) for _, event in account.told(e.AttemptStarted))
    for work in account.beside.work:
        if work.kind == WorkKind.ATTEMPT and work.token < starts[work.no, work.attempt]:
            known = starts[work.no, work.attempt]
            yield f"attempt {work.attempt} of {work.no} was started {known} times, and its fence is {work.token}."
