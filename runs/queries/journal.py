"""The journal in words: one line for each entry."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.utils import timezone

from designer.durations import duration_text
from designer.graph import Fail, Graph
from runs.engine import Phase
from runs.models import JournalEntry, Run
from runs.wording import fault_words, sender

from .children import TELL_OF_CHILDREN
from .scope_lines import TELL_OF_SCOPES, apart_from_items
from .teller import Teller, Told
from .veils import veil_of


@dataclass(frozen=True, slots=True)
class JournalLine:
    seq: int
    at: datetime
    icon: str
    tone: str
    name: str  # the step, printed bold; empty when it is about the run
    text: str


@dataclass(frozen=True, slots=True)
class AttemptLine:
    """One try of a step, folded from the entries about it."""

    number: int  # counted within its phase
    phase: str
    started_at: datetime
    ended_at: datetime | None = None
    outcome: str = "running"  # succeeded, failed, lost
    error: str = ""
    waited: str = ""  # before the next try


def journal_lines(
    run: Run, graph: Graph, *, after: int = 0, before: int | None = None, which: str = "", limit: int = 200
) -> list[JournalLine]:
    """The newest lines after entry ``after``, newest first: what a person would tell, or what ``which`` asks for.

    None beyond what ``run`` knows of: the page says how far it has come by ``run.seq``, and is sent the rest next.
    """
    until = run.seq if before is None else min(run.seq, before - 1)
    wanted = run.journal.filter(seq__gt=after, seq__lte=until, kind__in=WHICH.get(which, LOUD))
    entries = list((wanted if which else apart_from_items(run, graph, wanted)).order_by("-seq")[:limit])
    nos = {entry.no for entry in entries if entry.no is not None}
    again = {
        entry.no or 0 for entry in entries if entry.kind == "AttemptStarted" and entry.data["attempt"] > 1
    }
    tries = _tries(run, again)
    steps = run.step_runs.filter(no__in=nos).values_list("no", "key", "scope")
    teller = Teller(graph, {no: (key, scope) for no, key, scope in steps}, tries)
    told = [tell(entry, teller) for entry in entries if which == "every" or _is_loud(entry)]
    veil = veil_of(run, now=True)
    lines = [replace(line, text=veil.text(line.text)) for line in told] if veil.hides else told
    return [line for line in lines if which != "errors" or line.tone in ("fail", "warn")]


def _tries(run: Run, nos: Collection[int]) -> Mapping[tuple[int, int], int]:
    """By step run and attempt: which try it is of its phase. A first attempt is the first try."""
    if not nos:
        return {}
    ordered = run.journal.filter(kind="AttemptOrdered", no__in=nos).order_by()
    return {(no or 0, data["attempt"]): data["tries"] for no, data in ordered.values_list("no", "data")}


def attempts_of(run: Run, no: int) -> list[AttemptLine]:
    """The tries of a step run, doing and undoing, newest first."""
    tries: dict[int, AttemptLine] = {}
    numbers: dict[int, int] = {}
    entries = list(run.journal.filter(no=no, kind__startswith="Attempt").order_by("seq"))
    veil = veil_of(run, now=True)
    for entry in entries:
        number, data = entry.data["attempt"], entry.data
        if entry.kind == "AttemptStarted":
            tries[number] = AttemptLine(numbers.get(number, number), data["phase"], entry.at)
        elif entry.kind == "AttemptOrdered":
            numbers[number] = data["tries"]
            waited = datetime.fromisoformat(data["due"]) - entry.at
            if waited > timedelta(0) and number - 1 in tries:
                tries[number - 1] = replace(tries[number - 1], waited=duration_text(waited.total_seconds()))
        elif number in tries:
            outcome, fault = entry.kind.removeprefix("Attempt").lower(), data.get("fault") or {}
            error = veil.text(f"{fault['name']}: {fault['message']}") if fault else ""
            tries[number] = replace(tries[number], outcome=outcome, ended_at=entry.at, error=error)
    return [tries[number] for number in sorted(tries, reverse=True)]


def tell(entry: JournalEntry, teller: Teller) -> JournalLine:
    icon, tone, text = TELL[entry.kind](entry, teller)
    name = teller.name(entry.no, entry.data.get("phase", _phase_of(entry)))
    return JournalLine(entry.seq, entry.at, icon, tone, name, text)


def _is_loud(entry: JournalEntry) -> bool:
    """A first attempt is told by its start, another one by what ended the one before."""
    if entry.kind == "StepParked":
        return entry.data["reason"] != "awaiting_signal"  # the signals that it waits for are told one by one
    return entry.kind != "AttemptOrdered" or bool(entry.data.get("fault"))


def _phase_of(entry: JournalEntry) -> str:
    return Phase.UNDO if entry.kind in ("UndoEntered", "StepUndone", "UndoFailed") else Phase.DO


def _attempt_started(entry: JournalEntry, teller: Teller) -> Told:
    number, phase = teller.tries.get((entry.no or 0, entry.data["attempt"]), 1), entry.data["phase"]
    tone, limit = "comp" if phase == Phase.UNDO else "run", teller.limit(entry.no, phase)
    return "run", tone, "started" if number == 1 else f"try {number} of {limit} started"


def _attempt_ordered(entry: JournalEntry, teller: Teller) -> Told:
    fault, wait = entry.data.get("fault"), datetime.fromisoformat(entry.data["due"]) - entry.at
    if not fault:
        return "waiting", "idle", "stands in the queue"
    limit, tries = teller.limit(entry.no, entry.data["phase"]), entry.data["tries"] - 1
    return (
        "retry",
        "warn",
        f"try {tries} of {limit} failed: {fault_words(fault)}. Next try in {duration_text(wait.total_seconds())}",
    )


def _retry_ordered(entry: JournalEntry, teller: Teller) -> Told:
    wait = datetime.fromisoformat(entry.data["due"]) - entry.at
    fault, limit, tries = entry.data["fault"], teller.limit(entry.no, Phase.DO), entry.data["tries"] - 1
    said = f"try {tries} of {limit} failed: {fault_words(fault)}. It begins anew"
    return "retry", "warn", f"{said} in {duration_text(wait.total_seconds())}"


def _attempt_lost(entry: JournalEntry, teller: Teller) -> Told:
    return "warning", "warn", "lost its worker; the attempt is handed to another"


def _report_refused(entry: JournalEntry, teller: Teller) -> Told:
    return "warning", "warn", "a worker that had lost its claim reported after all; the report was refused"


def _step_parked(entry: JournalEntry, teller: Teller) -> Told:
    if entry.data.get("fault"):
        return "fail", "fail", f"gave up and waits for a person: {fault_words(entry.data['fault'])}"
    words = {
        "awaiting_review": ("review", "review", "waits for a person"),
        "awaiting_timer": ("waiting", "run", "waits"),
        "awaiting_signal": ("kind-wait", "run", "waits for what comes first"),
        "awaiting_branches": ("run", "run", "opened its branches"),
        "awaiting_items": ("kind-map", "run", "began its items"),
        "awaiting_rounds": ("kind-loop", "run", "began its rounds"),
    }
    return words[entry.data["reason"]]


def _step_succeeded(entry: JournalEntry, teller: Teller) -> Told:
    return "ok", "ok", "succeeded"


def _step_failed(entry: JournalEntry, teller: Teller) -> Told:
    after = {"caught": "; its fallback takes over", "continued": "; the run goes on without it"}
    word = "ran out of time" if entry.data["reason"] == "deadline_passed" else "gave up"
    if isinstance(teller.step(entry.no), Fail):
        word = "ended the run"
    return "fail", "fail", f"{word}: {fault_words(entry.data['fault'])}{after.get(entry.data['reason'], '')}"


def _signal_awaited(entry: JournalEntry, teller: Teller) -> Told:
    return "kind-wait", "run", f"waits for the signal {entry.data['name']} with key {entry.data['key']}"


def _signal_emitted(entry: JournalEntry, teller: Teller) -> Told:
    return "kind-emit", "ok", f"published the signal {entry.data['name']} with key {entry.data['key']}"


def _signal_received(entry: JournalEntry, teller: Teller) -> Told:
    told = f"the signal {entry.data['name']} with key {entry.data['key']}"
    fault = entry.data.get("fault")  # journals that are older know none
    failed = f": it failed, {fault_words(fault)}" if fault else ""
    return (
        "kind-emit",
        "fail" if fault else "ok",
        f"received {told} from {sender(entry.data['source'])}{failed}",
    )


def _branch_taken(entry: JournalEntry, teller: Teller) -> Told:
    leads = teller.graph.steps.get(entry.data["next"])
    return "arrow-right", "idle", f"{entry.data['label']} → {leads.name if leads else 'the end'}"


def _review_decided(entry: JournalEntry, teller: Teller) -> Told:
    reason = f": {entry.data['reason']}" if entry.data["reason"] else ""
    return "review", "review", f"decided by {entry.data['by'] or 'the clock'}{reason}"


def _review_overdue(entry: JournalEntry, teller: Teller) -> Told:
    said = (
        "is past its limit and was escalated" if entry.data["response"] == "escalate" else "is past its limit"
    )
    return "warning", "warn", said


def _cancel_requested(entry: JournalEntry, teller: Teller) -> Told:
    reason = f": {entry.data['reason']}" if entry.data["reason"] else ""
    return "cancelled", "idle", f"Cancelled by {entry.data['by']}{reason}"


def _resolved(entry: JournalEntry, teller: Teller) -> Told:
    said = {"retry": "is tried again", "skip": "was skipped", "done": "was marked as done"}
    reason = f": {entry.data['reason']}" if entry.data["reason"] else ""
    return "review", "review", f"{said[entry.data['how']]} by {entry.data['by']}{reason}"


def _attempt_failed(entry: JournalEntry, teller: Teller) -> Told:
    return "fail", "fail", f"the attempt failed: {fault_words(entry.data['fault'])}"


def _timer_set(entry: JournalEntry, teller: Teller) -> Told:
    due = timezone.localtime(datetime.fromisoformat(entry.data["due"]))
    clock = entry.data["timer"].partition(":")[0]
    return "waiting", "idle", f"{CLOCKS.get(clock, 'will be looked at')} at {due:%H:%M:%S}"


def _end_decided(entry: JournalEntry, teller: Teller) -> Told:
    ending = entry.data["ending"]
    after = ", once what is finished has been undone" if ending["rollback"] else ""
    return "arrow-right", "idle", f"The run is going to be {ENDS[ending['status']]}{after}"


def _variable_set(entry: JournalEntry, teller: Teller) -> Told:
    return "kind-set", "idle", f"set “{entry.data['name']}”"


def _plain(icon: str, tone: str, text: str) -> Callable[[JournalEntry, Teller], Told]:
    return lambda entry, teller: (icon, tone, text)


def _undo_failed(entry: JournalEntry, teller: Teller) -> Told:
    return "fail", "fail", f"gave up: {fault_words(entry.data['fault'])}. The rollback stops here"


def _run_ended(entry: JournalEntry, teller: Teller) -> Told:
    status, reason = entry.data["status"], entry.data["reason"]
    words = {
        "rolled_back": ("comp", "comp", f"The run {status} and was rolled back"),
        "rollback_incomplete": ("fail", "fail", f"The run {status}; its rollback is incomplete"),
    }
    plain = {
        "succeeded": ("ok", "ok", "The run succeeded"),
        "failed": ("fail", "fail", "The run failed"),
        "cancelled": ("cancelled", "idle", "The run was cancelled"),
    }
    return words.get(reason or "", plain[status])


CLOCKS = {
    "arrival": "goes another way",
    "again": "begins anew",
    "timeout": "has taken too long",
    "deadline": "runs out of time",
    "wake": "goes on",
    "due": "is due",
}
ENDS = {"succeeded": "over", "failed": "failed", "cancelled": "cancelled"}
TELL: Mapping[str, Callable[[JournalEntry, Teller], Told]] = {
    "RunStarted": _plain("play", "run", "The run started"),
    "AttemptStarted": _attempt_started,
    "AttemptOrdered": _attempt_ordered,
    "AttemptSucceeded": _plain("ok", "ok", "the attempt succeeded"),
    "AttemptFailed": _attempt_failed,
    "RetryOrdered": _retry_ordered,
    "StepGiven": _plain("arrow-right", "idle", "worked out what its branches are given"),
    "AttemptLost": _attempt_lost,
    "ReportRefused": _report_refused,
    "StepEntered": _plain("arrow-right", "idle", "was reached"),
    "TimerSet": _timer_set,
    "TimerFired": _plain("waiting", "idle", "its moment has come"),
    "StepParked": _step_parked,
    "StepSucceeded": _step_succeeded,
    "StepFailed": _step_failed,
    "StepSkipped": _plain("skipped", "idle", "was skipped"),
    "StepCancelled": _plain("cancelled", "idle", "was cancelled"),
    "StepAbandoned": _plain("cancelled", "warn", "was left behind; its report is awaited"),
    "CompensationOwed": _plain("comp", "comp", "succeeded after all and owes its undo"),
    "VariableSet": _variable_set,
    **TELL_OF_SCOPES,
    **TELL_OF_CHILDREN,
    "EndDecided": _end_decided,
    "BranchTaken": _branch_taken,
    "ReviewDecided": _review_decided,
    "ReviewOverdue": _review_overdue,
    "SignalAwaited": _signal_awaited,
    "SignalEmitted": _signal_emitted,
    "SignalReceived": _signal_received,
    "CancelRequested": _cancel_requested,
    "DeadLetterResolved": _resolved,
    "RollbackStarted": _plain("comp", "comp", "Undo started"),
    "RollbackResumed": _plain("comp", "comp", "Undo goes on"),
    "UndoEntered": _plain("undo", "comp", "undo started"),
    "StepUndone": _plain("comp", "comp", "undone"),
    "UndoFailed": _undo_failed,
    "RunEnded": _run_ended,
}

# What a person would not tell: it is said by what follows from it.
QUIET = {
    *("StepEntered", "AttemptSucceeded", "AttemptFailed", "TimerSet", "TimerFired", "VariableSet"),
    *("StepGiven", "ScopeOpened", "ScopeEnded", "ScopeJoined", "EndDecided", "UndoEntered"),
}
LOUD = tuple(kind for kind in TELL if kind not in QUIET)
TROUBLE = (
    *(
        "AttemptOrdered",
        "RetryOrdered",
        "AttemptLost",
        "ReportRefused",
        "StepParked",
        "StepFailed",
        "StepAbandoned",
    ),
    *("ReviewOverdue", "UndoFailed", "RunEnded"),
)
WHICH: Mapping[str, tuple[str, ...]] = {"": LOUD, "errors": TROUBLE, "every": tuple(TELL)}
