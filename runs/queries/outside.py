"""What steps wait for outside their run: signals, the runs that they have started, locks.

It is looked up for many steps at once: a list of runs costs no more statements than one of them.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import F, Q
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from runs.engine import Reason
from runs.models import NamedLock, Run, StepRun, Subscription

MOST_SIGNALS = 3  # named in a sentence
HEAVY = ("run__state", "run__input", "run__output", "run__fault")
type Place = tuple[UUID, int]  # a run, and a step run of it


@dataclass(frozen=True, slots=True)
class Outside:
    signals: Mapping[Place, Sequence[Subscription]]
    children: Mapping[Place, Run]  # the newest that each has started; another team's is not named
    locks: Mapping[Place, NamedLock]
    holders: Mapping[str, NamedLock]  # by the name of the lock


def outside_of(steps: Iterable[StepRun]) -> Outside:
    """``steps`` may wait for other things as well; nothing is looked up for these."""
    waiting: dict[str | None, list[StepRun]] = defaultdict(list)
    for step in steps:
        waiting[step.reason].append(step)
    locks = _locks(waiting[Reason.AWAITING_LOCK])
    return Outside(
        _signals(waiting[Reason.AWAITING_SIGNAL]),
        _children(waiting[Reason.AWAITING_CHILD]),
        locks,
        _holders({lock.name for lock in locks.values()}),
    )


def _signals(steps: Sequence[StepRun]) -> Mapping[Place, Sequence[Subscription]]:
    found: dict[Place, list[Subscription]] = defaultdict(list)
    if steps:
        for one in Subscription.objects.filter(_at(steps)).order_by("pk"):
            found[one.run_id, one.no].append(one)
    return found


def _children(steps: Sequence[StepRun]) -> Mapping[Place, Run]:
    if not steps:
        return {}
    wanted = _at(steps, run="parent", no="parent_no")
    named = Q(workflow__team=None) | Q(workflow__team=F("parent__workflow__team"))
    started = Run.objects.filter(wanted, named).order_by("pk")
    told = started.values_list("parent", "parent_no", "pk", "key")
    return {(parent, no): Run(pk=pk, key=key) for parent, no, pk, key in told if parent}


def _locks(steps: Sequence[StepRun]) -> Mapping[Place, NamedLock]:
    if not steps:
        return {}
    waiting = NamedLock.objects.filter(_at(steps)).select_related("run__workflow").defer(*HEAVY)
    return {(one.run_id, one.no): one for one in waiting}


def _holders(names: set[str]) -> Mapping[str, NamedLock]:
    if not names:
        return {}
    held = NamedLock.objects.filter(name__in=names, granted=True).select_related("run__workflow")
    return {one.name: one for one in held.defer(*HEAVY)}


def _at(steps: Sequence[StepRun], run: str = "run", no: str = "no") -> Q:
    wanted = Q(pk__in=[])
    for step in steps:
        wanted |= Q(**{run: step.run_id, no: step.no})
    return wanted


def _waits_for_signal(name: SafeString, place: Place, outside: Outside) -> SafeString:
    waiting = outside.signals.get(place, ())[:MOST_SIGNALS]
    if not waiting:
        return format_html("{} waits for a signal.", name)
    named = [format_html("{} with key {}", one.name, one.key) for one in waiting]
    return format_html("{} waits for the signal {}.", name, _either(named))


def _either(named: list[SafeString]) -> SafeString:
    *most, last = named
    return format_html("{} or {}", format_html(", ".join(["{}"] * len(most)), *most), last) if most else last


def _waits_for_child(name: SafeString, place: Place, outside: Outside) -> SafeString:
    child = outside.children.get(place)
    if child is None:
        return format_html("{} waits for the run that it has started.", name)
    return format_html("{} waits for {}.", name, _link(child))


def _waits_for_lock(name: SafeString, place: Place, outside: Outside) -> SafeString:
    """What it waits for, and who has it."""
    own = outside.locks.get(place)
    if own is None:
        return format_html("{} waits for its lock.", name)
    holder = outside.holders.get(own.name)
    if holder is None:
        return format_html("{} waits for the lock {}, which is free.", name, own.name)
    if holder.run_id == own.run_id:
        return format_html("{} waits for the lock {}, held by another step of this run.", name, own.name)
    if holder.run.workflow.team_id not in (None, own.run.workflow.team_id):
        return format_html("{} waits for the lock {}, held by a run of another team.", name, own.name)
    return format_html("{} waits for the lock {}, held by {}.", name, own.name, _link(holder.run))


def _link(run: Run) -> SafeString:
    return format_html('<a href="{}">{}</a>', reverse("runs:run", args=[run.pk]), run.name)


TELL_OF_OUTSIDE: Mapping[Reason, Callable[[SafeString, Place, Outside], SafeString]] = {
    Reason.AWAITING_SIGNAL: _waits_for_signal,
    Reason.AWAITING_CHILD: _waits_for_child,
    Reason.AWAITING_LOCK: _waits_for_lock,
}
