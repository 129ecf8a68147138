"""Signals: who publishes and who listens, what came lately, who and who would react."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db.models import Count, QuerySet
from django.utils import timezone

from designer.graph import Emit, awaited_signals
from designer.versions import graph_of
from designer.visibility import hidden_workflows, seen_by, visible_workflows
from runs.actions import check_starts, triggers_for_signal
from runs.models import Signal, Subscription, Trigger
from runs.models.trigger import TriggerKind
from runs.refusals import refusal_of
from runs.wording import sender

from .run_page import visible_runs
from .veils import veiled_signals

LATELY = timedelta(hours=24)
MOST_NAMES, MOST_UNMATCHED, MOST_WAITING = 40, 20, 20
WORKFLOWS = "/workflows/"


@dataclass
class Traffic:
    """One name: who publishes it, who listens to it, and how much of it there was in the last day."""

    name: str
    senders: set[str] = field(default_factory=set)
    listeners: set[str] = field(default_factory=set)
    lately: int = 0


@dataclass(frozen=True, slots=True)
class Reaction:
    """Who would react to a signal: runs that wait for it, and workflows that it would start."""

    waiting: Sequence[Subscription]
    more: int  # that wait too
    starting: Sequence[Trigger]
    unmoved: Sequence[tuple[Trigger, str]]  # that would start nothing, and why

    @property
    def is_nobody(self) -> bool:
        return not self.waiting and not self.starting


def traffic(user: Any) -> list[Traffic]:
    """By name, as published workflows and triggers have it, and what came from outside in the last day."""
    found: dict[str, Traffic] = {}

    def of(name: str) -> Traffic:
        return found.setdefault(name, Traffic(name))

    for key, version in visible_workflows(user).exclude(published=None).values_list("key", "published"):
        for step in graph_of(version).steps.values():
            if isinstance(step, Emit) and step.signal:
                of(step.signal).senders.add(key)
            for awaited in awaited_signals(step).values():
                of(awaited.name).listeners.add(key)
    listening = seen_by(Trigger.objects.filter(kind=TriggerKind.SIGNAL, enabled=True), user)
    for name, key in listening.values_list("signal", "workflow__key"):
        of(name).listeners.add(key)
    lately = visible_signals(user).filter(received_at__gt=timezone.now() - LATELY).order_by()
    for name, source, count in lately.values_list("name", "source").annotate(Count("pk")):
        of(name).lately += count
        of(name).senders.add(
            source.removeprefix(WORKFLOWS) if source.startswith(WORKFLOWS) else sender(source)
        )
    return sorted(found.values(), key=lambda one: (-one.lately, one.name))[:MOST_NAMES]


def unmatched(user: Any) -> list[Signal]:
    """What nobody has wanted yet, the newest first."""
    waiting = visible_signals(user).filter(taken=0).exclude(published_at=None)
    found = waiting.select_related("run").defer("data").order_by("-id")[:MOST_UNMATCHED]
    return veiled_signals(found, user)


def visible_signals(user: Any) -> QuerySet[Signal]:
    """What comes from outside is everybody's to see; what a run has sent, those who see the run."""
    return seen_by(Signal.objects.all(), user, "run__workflow")


def reaction_to(signal: Signal, user: Any) -> Reaction:
    """Asked before it is sent; nothing is changed."""
    waiting = Subscription.objects.filter(
        name=signal.name, key=signal.key, signal=None, run__in=visible_runs(user)
    )
    shown = list(waiting.select_related("run__workflow").order_by("pk")[:MOST_WAITING])
    starting: list[Trigger] = []
    unmoved: list[tuple[Trigger, str]] = []
    hidden = hidden_workflows(user)
    for trigger in triggers_for_signal(signal.name):
        if trigger.workflow_id in hidden:
            continue
        if refusal := refusal_of(check_starts, trigger, signal):
            unmoved.append((trigger, refusal))
        else:
            starting.append(trigger)
    return Reaction(shown, max(0, waiting.count() - len(shown)), starting, unmoved)
