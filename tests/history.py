"""A past for lists and charts: copies of runs that really ran, spread over the time before."""

import random
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import batched
from typing import Any

from django.utils import timezone

from runs.models import Run, StepRun


@dataclass(frozen=True, slots=True)
class Past:
    """How often runs like this one happened, and how long they took at the median."""

    run: Run
    weight: float
    seconds: float


def relive(pasts: Sequence[Past], *, count: int, span: timedelta, steps: int = 0, seed: int = 1) -> None:
    """``count`` copies, evenly over ``span``; the newest ``steps`` of them with their step runs."""
    chance, now = random.Random(seed), timezone.now()
    chosen = chance.choices(pasts, [past.weight for past in pasts], k=count)
    kept = {past.run.pk: list(past.run.step_runs.order_by("no")) for past in pasts}
    for batch in batched(_moments(chosen, now, span, chance), 2_000):
        Run.objects.bulk_create(run for _, run in batch)
        told = [(past, run) for past, run in batch if run.created_at > now - span * steps / max(count, 1)]
        StepRun.objects.bulk_create(
            step for past, run in told for step in _steps(past.run, run, kept[past.run.pk])
        )


def _moments(
    pasts: Iterable[Past], now: datetime, span: timedelta, chance: random.Random
) -> Iterator[tuple[Past, Run]]:
    for number, past in enumerate(pasts):
        start = now - span * chance.random()
        took = timedelta(seconds=past.seconds * chance.lognormvariate(0, 0.7))
        yield past, _copy(past.run, start, took, number)


def _copy(run: Run, start: datetime, took: timedelta, number: int) -> Run:
    fields = {field.attname: getattr(run, field.attname) for field in Run._meta.concrete_fields}
    over = run.ended_at is not None
    return Run(
        **fields
        | {
            "id": id_at(start),
            "key": f"ORD-{10_000 + number}",
            "idempotency_key": None,
            "created_at": start,
            "started_at": start,
            "ended_at": min(start + took, timezone.now()) if over else None,
        }
    )


def _steps(old: Run, new: Run, steps: Sequence[StepRun]) -> Iterator[StepRun]:
    """Their times stretched as the run's are."""
    length = max((old.ended_at or timezone.now()) - old.created_at, timedelta(milliseconds=1))
    stretch = ((new.ended_at or timezone.now()) - new.created_at) / length
    for step in steps:
        fields: dict[str, Any] = {
            field.attname: getattr(step, field.attname) for field in StepRun._meta.concrete_fields
        }
        for name, value in fields.items():
            if isinstance(value, datetime):
                fields[name] = new.created_at + (value - old.created_at) * stretch
        yield StepRun(**fields | {"id": None, "run_id": new.pk})


def id_at(when: datetime) -> uuid.UUID:
    """A UUIDv7 of that moment."""
    milliseconds = int(when.timestamp() * 1000)
    return uuid.UUID(int=milliseconds << 80 | 0x7 << 76 | 0x2 << 62 | uuid.uuid4().int & (1 << 62) - 1)
