"""What is promised of every run that is stored, whatever happened to the processes that worked on it.

`check_run` reads rows alone and works out again what they must say: no rule of the engine's is used, only the fold
of the journal and the graph. The numbers are those of the invariants in RELIABILITY.md, section 2.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from designer.graph import (
    Action,
    AnyOpener,
    Graph,
    RunWorkflow,
    UndoOrder,
    awaited_signals,
    decode,
    question_of,
)
from runs.engine import Event, Phase, Reason, RunState, Status, load_event, load_state, replay, scopes
from runs.engine import events as e
from runs.models import JournalEntry, Review, Run, StepRun, Work
from runs.models.people import DeadLetterStatus, ReviewStatus
from runs.models.work import WorkKind
from tests.promises_between import (
    BETWEEN,
    a_run_is_started_once,
    awaits_child,
    is_child,
    locks_are_what_the_state_says,
    runs_that_are_awaited_will_say_when_they_end,
)

FATES: Mapping[type[Event], Status] = {
    e.StepSucceeded: Status.SUCCEEDED,
    e.StepFailed: Status.FAILED,
    e.StepSkipped: Status.SKIPPED,
    e.StepCancelled: Status.CANCELLED,
    e.StepUndone: Status.UNDONE,
}
FOR_OTHERS = (WorkKind.PUBLISH, WorkKind.SIGNAL)  # what a run that is over may still have
CLOSED = (e.AttemptSucceeded, e.AttemptFailed)


def check_run(run: Run) -> None:
    """Raises AssertionError with a sentence for each broken promise."""
    broken = find_violations(run)
    assert not broken, f"run {run.pk}:\n" + "\n".join(broken)


def check_all_runs() -> int:
    """How many there were."""
    runs = list(Run.objects.all())
    for run in runs:
        check_run(run)
    return len(runs)


def find_violations(run: Run) -> list[str]:
    story = Story(Run.objects.select_related("version").get(pk=run.pk))
    return [f"{promise.__name__}: {said}" for promise in PROMISES for said in promise(story)]


@dataclass
class Story:
    """A run and everything its rows tell."""

    run: Run

    @cached_property
    def graph(self) -> Graph:
        return decode(self.run.version.document)

    @cached_property
    def state(self) -> RunState:
        return load_state(self.run.state)

    @cached_property
    def entries(self) -> list[JournalEntry]:
        return list(self.run.journal.order_by("seq"))

    @cached_property
    def events(self) -> list[Event]:
        return [event_of(entry) for entry in self.entries]

    @cached_property
    def step_runs(self) -> dict[int, StepRun]:
        return {step.no: step for step in self.run.step_runs.all()}

    @cached_property
    def work(self) -> list[Work]:
        return list(self.run.work.all())

    @cached_property
    def reviews(self) -> list[Review]:
        return list(self.run.reviews.all())

    def told[E: Event](self, *kinds: type[E]) -> Iterator[tuple[int, E]]:
        """Events of these kinds, with their numbers."""
        return ((seq, event) for seq, event in enumerate(self.events, 1) if isinstance(event, kinds))

    def has_undo(self, key: str) -> bool:
        definition = self.graph.step(key)
        if isinstance(definition, RunWorkflow):
            return definition.awaited
        return isinstance(definition, Action) and definition.compensate is not None


def event_of(entry: JournalEntry) -> Event:
    about = {} if entry.no is None else {"no": entry.no}
    return load_event(entry.kind, {**entry.data, **about, "at": entry.at.isoformat()})


# --- acceptance and history --------------------------------------------------------------------------------------


def one_request_is_one_run(story: Story) -> Iterable[str]:  # I1
    run = story.run
    if run.idempotency_key is not None:
        same = Run.objects.filter(workflow=run.workflow_id, idempotency_key=run.idempotency_key).count()
        if same != 1:
            yield f"{same} runs have the idempotency key {run.idempotency_key}."


def the_journal_has_no_gap(story: Story) -> Iterable[str]:  # I3
    seqs = [entry.seq for entry in story.entries]
    if seqs != list(range(1, story.run.seq + 1)):
        yield f"the entries are {seqs[:3]}…{seqs[-3:]}, and the run says there are {story.run.seq}."


def the_journal_explains_the_state(story: Story) -> Iterable[str]:  # I4
    if replay(story.events) != story.state:
        yield f"the fold of {len(story.events)} events is not the stored state."


def rows_say_what_the_state_says(story: Story) -> Iterable[str]:  # I4
    run, state = story.run, story.state
    stored, meant = (run.status, run.reason, run.seq), (state.status, state.condition(), state.seq)
    if stored != meant:
        yield f"the run's row says {stored}, its state {meant}."
    entered = {event.no: event for _, event in story.told(e.StepEntered)}
    if entered.keys() != story.step_runs.keys():
        yield f"steps {sorted(entered)} were entered, and there are rows for {sorted(story.step_runs)}."
    fates: dict[int, Status] = {}
    for _, event in story.told(*FATES):
        fates[event.no] = FATES[type(event)]
    for no, row in story.step_runs.items():
        active = state.steps.get(no)
        meant_status = active.status if active else fates.get(no)
        if row.status != meant_status:
            yield f"the row of {row} says {row.status}, the journal {meant_status}."
        if active and row.reason != active.reason:
            yield f"the row of {row} says {row.reason}, the state {active.reason}."
        if (row.key, row.scope) != (entered[no].key, entered[no].scope):
            yield f"the row of {row} is about another step."


def the_end_is_final(story: Story) -> Iterable[str]:  # I2
    for (seq, before), after in zip(enumerate(story.events, 1), story.events[1:], strict=False):
        reopening = e.DeadLetterResolved | e.ChildEnded | e.UndoRequested
        if isinstance(before, e.RunEnded) and not isinstance(after, reopening):
            yield f"{type(after).__name__} follows the end at {seq}."
    if story.run.ended_at is None and story.state.status.is_over:
        yield "it is over, and nobody knows when it ended."
    if story.run.ended_at is not None and not story.state.status.is_over:
        yield "it goes on, and has a time at which it ended."


# --- steps and attempts ------------------------------------------------------------------------------------------


def a_scope_has_one_token(story: Story) -> Iterable[str]:  # I5
    """A step is entered where the one before it said, once that is over, and nowhere else."""
    expected: dict[str, str | None] = {"": story.graph.start}
    for seq, event in enumerate(story.events, 1):
        match event:
            case e.ScopeOpened(no=no, scope=scope, branch=branch):
                definition = story.graph.step(story.step_runs[no].key)
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


def items_are_what_the_journal_says(story: Story) -> Iterable[str]:
    """As many rows as were listed and added; each ended as its scope did."""
    told: Counter[int] = Counter()
    ended: dict[tuple[int, int], tuple[str, int | None]] = {}
    for event in story.events:
        match event:
            case e.ItemsListed(no=no, count=count) | e.ItemsAdded(no=no, count=count):
                told[no] += count
            case e.ItemsRedriven(no=no, afresh=True):
                ended = {place: how for place, how in ended.items() if place[0] != no}
            case e.ScopeEnded(scope=scope) if (index := scopes.index_of(scope)) is not None:
                how = "skipped" if event.skipped else "failed" if event.fault else "succeeded"
                ended[scopes.opener_of(scope), index] = (how, event.last)
    rows = {(item.no, item.index): (item.status, item.last) for item in story.run.items.all()}
    if Counter(no for no, _ in rows) != +told:
        yield f"there are items {dict(Counter(no for no, _ in rows))}, and the journal lists {dict(told)}."
    for place, row in rows.items():
        if row != ended.get(place, ("waiting", None)):
            yield f"item {place} is {row}, and the journal says {ended.get(place)}."


def a_join_fires_once(story: Story) -> Iterable[str]:  # I5
    joined = Counter(event.no for _, event in story.told(e.ScopeJoined))
    again = Counter(event.no for _, event in story.told(e.ItemsRedriven, e.RetryOrdered))
    if twice := [no for no, count in joined.items() if count > 1 + again[no]]:
        yield f"the openers {twice} were joined more than once."


def attempts_are_counted_and_closed_once(story: Story) -> Iterable[str]:  # I6
    ordered: dict[int, list[int]] = defaultdict(list)
    for _, order in story.told(e.AttemptOrdered):
        ordered[order.no].append(order.attempt)
    for no, attempts in ordered.items():
        if attempts != list(range(1, len(attempts) + 1)):
            yield f"the attempts of {story.step_runs[no]} are {attempts}."
    closed = Counter((event.no, event.attempt) for _, event in story.told(*CLOSED))
    if twice := [which for which, count in closed.items() if count > 1]:
        yield f"the attempts {twice} were closed more than once."
    succeeded = Counter((event.no, event.phase) for _, event in story.told(e.AttemptSucceeded))
    anew = Counter(event.no for _, event in story.told(e.RetryOrdered))
    if twice := [which for which, count in succeeded.items() if count > 1 + anew[which[0]]]:
        yield f"{twice} succeeded more than once."


def the_policy_is_kept(story: Story) -> Iterable[str]:  # I6
    for _, order in story.told(e.AttemptOrdered):
        definition = story.graph.step(story.step_runs[order.no].key)
        assert isinstance(definition, Action)
        policy = definition.compensate if order.phase is Phase.UNDO else definition
        if policy is None or order.tries > policy.retry.most:
            yield f"try {order.tries} of {definition.key} is one too many."
        if order.due < order.at:
            yield f"try {order.tries} of {definition.key} was due before it was ordered."


def an_attempt_has_one_holder(story: Story) -> Iterable[str]:  # I7, I8
    """Between two claims of an attempt the first one is known to be lost."""
    held: set[tuple[int, int]] = set()
    due = {(order.no, order.attempt): order.due for _, order in story.told(e.AttemptOrdered)}
    for seq, event in story.told(e.AttemptStarted, e.AttemptLost, *CLOSED):
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


def timers_fire_once_and_never_early(story: Story) -> Iterable[str]:  # I11
    due: dict[tuple[int, str], Any] = {}
    for seq, event in story.told(e.TimerSet, e.TimerFired):
        which = (event.no, event.timer)
        if isinstance(event, e.TimerSet):
            due[which] = event.due
        elif which not in due:
            yield f"the timer {which} fired at {seq}, and was not set."
        elif event.at < due.pop(which):
            yield f"the timer {which} fired at {seq}, before its time."


# --- undoing -----------------------------------------------------------------------------------------------------


def undoing_goes_backwards_alone_and_once(story: Story) -> Iterable[str]:  # I10
    done: dict[int, int] = {}
    debts: set[int] = set()
    begun: set[int] = set()
    rolling = undoing = False
    for seq, event in enumerate(story.events, 1):
        match event:
            case e.StepSucceeded(no=no, compensable=True) if story.has_undo(story.step_runs[no].key):
                done[no] = seq
            case e.StepFailed(no=no, compensable=True) if story.graph.undoing.failed_step:
                done[no] = seq
            case e.CompensationOwed(no=no):
                debts.add(no)
            case e.RollbackStarted():
                rolling = True
            case e.StepEntered(key=key) if rolling:
                yield f"{key} was entered at {seq}, after the rollback had started."
            case e.UndoEntered(no=no):
                if undoing and story.graph.undoing.order is UndoOrder.REVERSE:
                    yield f"the undo of {no} was entered at {seq} while another was under way."
                undoing = True
                if no in begun:
                    continue  # a person had it tried again
                begun.add(no)
                if no in debts:
                    debts.discard(no)
                elif no not in done or done[no] != max(done.values()):
                    yield f"the undo of {no} was entered at {seq}, out of turn."
                done.pop(no, None)
            case e.StepUndone() | e.UndoFailed():
                undoing = False
    if story.state.reason == Reason.ROLLED_BACK and done:
        yield f"it says that all was undone, and {sorted(done)} were not."
    if story.state.status.is_over and debts:
        yield f"it is over, and {sorted(debts)} still owe their undo."


def an_incomplete_rollback_says_so(story: Story) -> Iterable[str]:  # I10
    stuck = any(row.status == Status.UNDO_FAILED for row in story.step_runs.values())
    if story.state.status.is_over and stuck != (story.state.reason == Reason.ROLLBACK_INCOMPLETE):
        yield f"it ended as {story.state.reason}, and {'an' if stuck else 'no'} undo has failed."


# --- what is awaited ---------------------------------------------------------------------------------------------


def attempts_and_timers_are_ordered(story: Story) -> Iterable[str]:  # I8, I12
    steps = story.state.steps
    wanted = {no: step for no, step in steps.items() if awaits_report(step) and not is_child(story, step)}
    attempts: dict[int, list[Work]] = defaultdict(list)
    for work in story.work:
        if work.kind == WorkKind.ATTEMPT:
            attempts[work.no].append(work)
    for no in wanted.keys() | attempts.keys():
        rows, step = attempts[no], wanted.get(no)
        if step is None or [row.attempt for row in rows] != [step.attempt]:
            yield f"step run {no} awaits {step and step.attempt}, and {[row.attempt for row in rows]} are ordered."
        elif rows[0].worker is not None and not step.out:
            yield f"a worker holds attempt {step.attempt} of {no}, and the state does not know."
    own = [(0, "deadline")] if story.state.deadline and story.state.ending is None else []
    set_now = sorted([*own, *((no, timer) for no, step in steps.items() for timer in step.timers)])
    ordered = sorted((work.no, work.timer) for work in story.work if work.kind == WorkKind.TIMER)
    if set_now != ordered:
        yield f"the timers {set_now} are set, and {ordered} are ordered."


def people_are_asked_what_is_open(story: Story) -> Iterable[str]:  # I12, I14
    steps = story.state.steps
    waiting = {no for no, step in steps.items() if is_open_review(story, step)}
    asked = [review.no for review in story.reviews if review.status == ReviewStatus.OPEN]
    if sorted(asked) != sorted(waiting):
        yield f"the reviews {sorted(waiting)} are awaited, and {sorted(asked)} are open."
    stuck = {no for no, step in steps.items() if awaits_person(step)}
    letters = list(story.run.dead_letters.filter(status=DeadLetterStatus.OPEN).values_list("no", flat=True))
    if sorted(letters) != sorted(stuck):
        yield f"the dead letters {sorted(stuck)} are awaited, and {sorted(letters)} are open."


def a_living_run_awaits_something(story: Story) -> Iterable[str]:  # I12
    people = any(is_open_review(story, step) or awaits_person(step) for step in story.state.steps.values())
    children = any(awaits_child(story, step) for step in story.state.steps.values())
    listening = any(not fan.closed for fan in story.state.fans.values())
    outside = people or awaited_signals_of(story) or children or story.state.locks or listening
    own = [work for work in story.work if work.kind not in (*FOR_OTHERS, *BETWEEN)]
    if not story.state.status.is_over and not own and not outside:
        yield "it goes on, and nothing will ever move it."
    if story.state.status.is_over and own:
        yield f"it is over, and there is still work: {[str(work) for work in own]}."


def who_waits_for_a_signal_is_subscribed(story: Story) -> Iterable[str]:  # I12
    known = {(one.no, one.arrival) for one in story.run.subscriptions.all()}
    if known != (waits := awaited_signals_of(story)):
        yield f"the signals {sorted(waits)} are awaited, and {sorted(known)} are subscribed to."


def what_is_emitted_is_published_once(story: Story) -> Iterable[str]:
    told = Counter(event.signal for _, event in story.told(e.SignalEmitted))
    rows = Counter(story.run.emitted.values_list("event_id", flat=True))
    if told != rows or any(count > 1 for count in told.values()):
        yield f"the signals {sorted(told.elements())} were emitted, and there are rows for {sorted(rows.elements())}."


def a_review_is_decided_once_and_by_the_right_person(story: Story) -> Iterable[str]:  # I14
    told = Counter(event.no for _, event in story.told(e.ReviewDecided))
    if twice := [no for no, count in told.items() if count > 1]:
        yield f"the reviews {twice} were decided more than once."
    for review in story.reviews:
        decided = review.status == ReviewStatus.DECIDED
        if decided != (told[review.no] == 1):
            yield f"the review {review.no} is {review.status}, and the journal holds {told[review.no]} decisions."
        answers = list(review.trail.filter(verb="decided").values_list("by", flat=True))
        if len(answers) != len(set(answers)):
            yield f"somebody answered the review {review.no} twice."
        if review.four_eyes and story.run.started_by_id is not None and story.run.started_by_id in answers:
            yield f"the review {review.no} was answered by who had started the run."


PROMISES: tuple[Callable[[Story], Iterable[str]], ...] = (
    one_request_is_one_run,
    the_journal_has_no_gap,
    the_journal_explains_the_state,
    rows_say_what_the_state_says,
    the_end_is_final,
    a_scope_has_one_token,
    items_are_what_the_journal_says,
    a_join_fires_once,
    attempts_are_counted_and_closed_once,
    the_policy_is_kept,
    an_attempt_has_one_holder,
    timers_fire_once_and_never_early,
    undoing_goes_backwards_alone_and_once,
    an_incomplete_rollback_says_so,
    attempts_and_timers_are_ordered,
    people_are_asked_what_is_open,
    a_living_run_awaits_something,
    who_waits_for_a_signal_is_subscribed,
    what_is_emitted_is_published_once,
    a_review_is_decided_once_and_by_the_right_person,
    runs_that_are_awaited_will_say_when_they_end,
    a_run_is_started_once,
    locks_are_what_the_state_says,
)


def awaits_report(step: Any) -> bool:
    left_behind = step.status is Status.ABANDONED and (step.out or not step.owed)
    parked = step.status is Status.WAITING and step.out
    ordered = step.status is Status.READY and "again" not in step.timers
    return left_behind or parked or ordered or step.status in (Status.RUNNING, Status.UNDOING)


def is_open_review(story: Story, step: Any) -> bool:
    asks = question_of(story.graph.step(step.key)) is not None
    return asks and step.status is Status.WAITING and step.fault is None and not step.outside


def awaited_signals_of(story: Story) -> set[tuple[int, str]]:
    steps = [step for step in story.state.steps.values() if not step.outside]
    waiting = [step for step in steps if step.status is Status.WAITING and step.fault is None]
    return {(step.no, name) for step in waiting for name in awaited_signals(story.graph.step(step.key))}


def awaits_person(step: Any) -> bool:
    stuck = step.status is Status.UNDO_FAILED and not step.let_go
    return (stuck or step.status is Status.WAITING) and step.fault is not None
