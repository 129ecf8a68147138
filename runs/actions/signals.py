"""Signals: taken in once, and handed out to every run that waits and every workflow that is subscribed.

Who hands out, and who looks whether a signal is kept, holds the lock on its name and key, in a transaction of its
own that waits for nothing else. So a signal and somebody who comes to wait for it at the same time never miss each
other, and transactions that decide about runs take no lock but their run's.
"""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from runs import bell
from runs.crash_points import crash_at
from runs.engine import Event, Fault, Publish, events, storage_flaw
from runs.models import Reception, Run, Signal, Subscription, Trigger, Work
from runs.models.lanes import TRIGGER_LANE
from runs.models.signal import (
    LONGEST_FAULT_MESSAGE,
    LONGEST_FAULT_NAME,
    LONGEST_KEY,
    LONGEST_NAME,
    LONGEST_SOURCE,
)
from runs.models.work import WorkKind
from runs.refusals import SignalRefused

from .signal_triggers import start_from_signal, triggers_for_signal

USUAL_KEEP = timedelta(days=1)
LONGEST_KEEP = timedelta(days=366)
OLD_AT_ONCE = 500
FAULT_NAMELESS = f"Say what it failed of, such as Declined: 1 to {LONGEST_FAULT_NAME} characters in one line."


class Published(NamedTuple):
    signal: Signal
    replayed: bool  # whether its source has sent it before


def publish_signal(
    *,
    name: str,
    key: str,
    data: Any = None,
    fault: Fault | None = None,
    source: str,
    event_id: str = "",
    subject: str = "",
    sent_at: datetime | None = None,
    keep: timedelta = USUAL_KEEP,
) -> Published:
    """Take a signal in, and order that all who are concerned are told. Raises SignalRefused.

    The same ``event_id`` of the same ``source`` is the same signal. Where nobody wants it, it is kept for the first
    run that comes to wait for it; without ``keep`` it is gone. With a ``fault`` it says that what is waited for has
    failed: whoever waits for it fails of that, and no workflow is started.
    """
    now = timezone.now()
    wanted = Signal(name=name, key=key, data=data, source=source, subject=subject)
    wanted.fault = {"name": fault.name, "message": fault.message} if fault else None
    wanted.event_id = event_id or str(wanted.pk)
    _time(wanted, sent_at or now, now, keep)
    check_signal(wanted, keep)
    known = Signal.objects.filter(source=source, event_id=wanted.event_id)
    try:
        with transaction.atomic(durable=True):
            wanted.save(force_insert=True)
            crash_at("signal.after_insert")
            _hand_out(wanted)
    except IntegrityError:
        first = known.first()
        if first is None:
            raise
        return Published(first, replayed=True)
    return Published(wanted, replayed=False)


def check_signal(signal: Signal, keep: timedelta = USUAL_KEEP) -> None:
    """Raises SignalRefused."""
    for field, most, what in (
        ("name", LONGEST_NAME, "the name of the signal, such as order.paid"),
        ("key", LONGEST_KEY, "the key that says which one is meant, such as ORD-1"),
        ("source", LONGEST_SOURCE, "who sends it, such as /bank"),
        ("event_id", LONGEST_SOURCE, "an id of its own"),
    ):
        text = getattr(signal, field)
        if not text.strip() or len(text) > most or not text.isprintable():
            raise SignalRefused(field, f"Say {what}: 1 to {most} characters in one line.")
    if len(signal.subject) > LONGEST_SOURCE or not signal.subject.isprintable():
        raise SignalRefused("subject", f"A subject has at most {LONGEST_SOURCE} characters in one line.")
    if not timedelta() <= keep <= LONGEST_KEEP:
        raise SignalRefused("keep", "A signal is kept for at most 366 days; 0 s keeps it for nobody.")
    _check_fault(signal)
    if flaw := storage_flaw(signal.data, largest=settings.CHOREO_VALUE_LIMIT):
        raise SignalRefused("data", f"What the signal carries {flaw}.")


def _check_fault(signal: Signal) -> None:
    """Raises SignalRefused."""
    if signal.fault is None:
        return
    name, message = signal.fault["name"], signal.fault["message"]
    if not name.strip() or len(name) > LONGEST_FAULT_NAME or not name.isprintable():
        raise SignalRefused("fault.name", FAULT_NAMELESS)
    if len(message) > LONGEST_FAULT_MESSAGE:
        raise SignalRefused("fault.message", f"A message has at most {LONGEST_FAULT_MESSAGE:,} characters.")
    if flaw := storage_flaw(message, largest=settings.CHOREO_VALUE_LIMIT):
        raise SignalRefused("fault.message", f"The message {flaw}.")
    if signal.data is not None:
        raise SignalRefused("data", "What has failed has no data: tell it in the message of the fault.")


def emitted(run: Run, command: Publish) -> Signal:
    """The signal that a step publishes. A worker hands it out once the transaction that is open is committed."""
    signal = Signal(name=command.name, key=command.key, data=command.data, source=source_of(run))
    signal.event_id, signal.run, signal.no = command.signal, run, command.no
    now = timezone.now()
    _time(signal, now, now, command.keep)
    signal.save(force_insert=True)
    return signal


def source_of(run: Run) -> str:
    """Who sends what a run emits: its workflow."""
    return f"/workflows/{run.workflow.key}"


def hand_out(work: Work) -> None:
    """Hand out what a step has emitted, or what nobody took after all. A part of an open transaction."""
    if (signal := _signal_of(work)) is not None:
        _hand_out(signal)


def look_for_kept(work: Work) -> None:
    """The oldest signal that nobody wanted is for the first who comes to wait. A part of an open transaction."""
    waits = Subscription.objects.filter(run=work.run_id, no=work.no, arrival=work.timer, signal=None)
    waiting = waits.select_related("run").first()
    if waiting is None:
        return
    _lock(waiting.name, waiting.key)
    kept = Signal.objects.filter(name=waiting.name, key=waiting.key, taken=0, expires_at__gt=timezone.now())
    signal = kept.order_by("id").first()
    if signal is not None and _promise(waiting, signal):
        _order([_tell(waiting, signal)])
        Signal.objects.filter(pk=signal.pk).update(taken=1)


def start_by_signal(work: Work) -> None:
    """Start the run of a trigger; without one the signal is offered to others again. A part of an open transaction."""
    trigger, signal = work.trigger, _signal_of(work)
    if signal is None:
        return
    run = start_from_signal(trigger, signal) if trigger and trigger.enabled else None
    if run is None:
        _offer_again(signal)
    else:
        _note(signal, run, 0)


def reception_of(work: Work) -> Event | None:
    """What the run is told; None where it has stopped waiting for this signal."""
    waits = Subscription.objects.filter(
        run=work.run_id, no=work.no, arrival=work.timer, signal=work.signal_id
    )
    signal = _signal_of(work) if waits.exists() else None
    if signal is None or work.claimed_at is None:
        return None
    return events.SignalReceived(
        at=work.claimed_at,
        no=work.no,
        arrival=work.timer,
        signal=signal.event_id,
        name=signal.name,
        key=signal.key,
        source=signal.source,
        sent_at=signal.sent_at,
        fault=Fault(**signal.fault) if signal.fault else None,
        data=signal.data,
    )


def note_reception(work: Work, *, accepted: bool) -> None:
    """What came of telling a run: it is its own now, or is offered to others again."""
    signal = _signal_of(work)
    if accepted and signal is not None:
        _note(signal, work.run, work.no)
    elif signal is not None:
        _offer_again(signal)


def forget_signals() -> int:
    """Remove signals that are so old that nobody needs them; how many, and not all at once."""
    old = Signal.objects.filter(forget_at__lt=timezone.now()).order_by("forget_at")
    gone = list(old.values_list("pk", flat=True)[:OLD_AT_ONCE])
    if not gone:
        return 0
    with transaction.atomic(durable=True):
        Signal.objects.filter(pk__in=gone).delete()
    return len(gone)


def _hand_out(signal: Signal) -> None:
    """To each run that waits and each workflow that is subscribed; what has been told before is not told again."""
    _lock(signal.name, signal.key)
    first_time = signal.published_at is None
    if first_time or not _takers(signal):
        Subscription.objects.filter(name=signal.name, key=signal.key, signal=None).update(signal=signal)
        told = [_tell(one, signal) for one in signal.promised.select_related("run")]
        starts = first_time and signal.fault is None
        told += [_trigger(one, signal) for one in triggers_for_signal(signal.name)] if starts else []
        _order(told)
    signal.published_at = signal.published_at or timezone.now()
    signal.taken = _takers(signal)
    signal.save(update_fields=["published_at", "taken"])


def _note(signal: Signal, run: Run | None, no: int) -> None:
    Reception.objects.get_or_create(signal=signal, run=run, no=no, defaults={"at": timezone.now()})


def _signal_of(work: Work) -> Signal | None:
    """None where it has been forgotten meanwhile."""
    return Signal.objects.filter(pk=work.signal_id).first() if work.signal_id else None


def _takers(signal: Signal) -> int:
    """Who has received it or is about to."""
    starting = Work.objects.filter(kind=WorkKind.SIGNAL, signal=signal, run=None)
    return signal.receptions.count() + signal.promised.count() + starting.count()


def _promise(waiting: Subscription, signal: Signal) -> bool:
    """Whether the step still waits, and for nothing else that has come."""
    return Subscription.objects.filter(pk=waiting.pk, signal=None).update(signal=signal) == 1


def _offer_again(signal: Signal) -> None:
    _order([Work(kind=WorkKind.PUBLISH, signal=signal, due_at=timezone.now(), lane=TRIGGER_LANE)])


def _tell(waiting: Subscription, signal: Signal) -> Work:
    return Work(
        kind=WorkKind.SIGNAL,
        run=waiting.run,
        no=waiting.no,
        timer=waiting.arrival,
        signal=signal,
        lane=waiting.run.lane,
        due_at=timezone.now(),
    )


def _trigger(trigger: Trigger, signal: Signal) -> Work:
    now = timezone.now()
    return Work(kind=WorkKind.SIGNAL, trigger=trigger, signal=signal, lane=TRIGGER_LANE, due_at=now)


def _order(works: Iterable[Work]) -> None:
    if Work.objects.bulk_create(works):
        transaction.on_commit(bell.wake, robust=True)


def _lock(name: str, key: str) -> None:
    """Until the transaction ends nobody else hands out, or looks for, signals of this name and key.

    On SQLite a transaction that writes is alone anyway.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [json.dumps([name, key])])


def _time(signal: Signal, sent_at: datetime, now: datetime, keep: timedelta) -> None:
    signal.sent_at, signal.received_at = sent_at, now
    signal.expires_at = now + max(timedelta(), min(keep, LONGEST_KEEP))
    signal.forget_at = max(signal.expires_at, now + timedelta(days=settings.CHOREO_SIGNAL_DAYS))
