"""Values of any size. Columns hold envelopes; what is too large for one is stored once and referred to.

An envelope is ``{"is": value}``, ``{"stored": id}``, ``{"parts": {name: envelope}}`` for an object of which some
parts are stored. An output made of other step runs' outputs is ``{"gathered": {branch: no}, "faults": {...}}`` for
a parallel, and ``{"collected": no}``, the step run itself, for a map.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from django.conf import settings
from django.db import models

from runs.engine import Collected, Fault, Gathered

from .run import Run

Envelope = dict[str, Any]


class ValueTooLarge(ValueError):
    """A value over the limit; the sentence says both sizes."""


class StoredValue(models.Model):
    """A value over the inline limit."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="stored_values")
    size = models.PositiveIntegerField()  # bytes of its JSON text
    data = models.TextField()

    def __str__(self) -> str:
        return f"{self.size} bytes"


class Variable(models.Model):
    """A variable as a scope last set it."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="variables", db_index=False)
    scope = models.CharField(max_length=900, blank=True)
    name = models.CharField(max_length=80)
    value = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "scope", "name"], name="variable_once")]

    def __str__(self) -> str:
        return self.name


class Keeper:
    """Puts a run's values into envelopes and takes them out again."""

    def __init__(self, run: Run):
        self.run = run
        self.read: dict[int, str] = {}  # stored values that were read beforehand

    def seal(self, value: Any) -> Envelope:
        """Raises ValueTooLarge."""
        if isinstance(value, Gathered):
            faults = {"faults": msgspec.to_builtins(value.faults)} if value.faults else {}
            return {"gathered": dict(value.parts), **faults}
        if isinstance(value, Collected):
            return {"collected": value.no}
        if is_inline(value):
            return {"is": value}
        text = _written(value)
        size = len(text.encode())
        if size > settings.CHOREO_VALUE_LIMIT:
            raise ValueTooLarge(
                f"The value has {size:,} bytes as JSON; the limit is {settings.CHOREO_VALUE_LIMIT:,}."
            )
        return self._parts(value) or {"stored": self._store(text, size)}

    def _parts(self, value: Any) -> Envelope | None:
        """An object that is large because some of its parts are: they may be stored already."""
        if not isinstance(value, dict):
            return None
        large = {name for name, part in value.items() if _is_large(part)}
        if not large or _is_large({name: part for name, part in value.items() if name not in large}):
            return None
        return {"parts": {name: self.seal(part) for name, part in value.items()}}

    def _store(self, text: str, size: int) -> int:
        """Once: what one step hands to the next is the same row."""
        known = self.run.stored_values.filter(size=size, data=text).values_list("pk", flat=True).first()
        return known or StoredValue.objects.create(run=self.run, size=size, data=text).pk

    def open_all(self, envelopes: Sequence[Envelope | None]) -> list[Any]:
        """Their values, with one statement at most; None for those that are none. Raises StoredValue.DoesNotExist."""
        stored = {pk for envelope in envelopes if envelope is not None for pk in _stored_in(envelope)}
        if stored:
            self.read |= dict(self.run.stored_values.filter(pk__in=stored).values_list("pk", "data"))
        return [None if envelope is None else self.open(envelope) for envelope in envelopes]

    def open(self, envelope: Envelope) -> Any:
        """The value; `Gathered` or `Collected` for one made of others. Raises StoredValue.DoesNotExist."""
        if "gathered" in envelope:
            faults = msgspec.convert(envelope.get("faults", {}), dict[str, Fault])
            return Gathered(envelope["gathered"], faults)
        if "collected" in envelope:
            return Collected(envelope["collected"])
        if "parts" in envelope:
            return {name: self.open(part) for name, part in envelope["parts"].items()}
        if "stored" in envelope:
            known = self.read.get(envelope["stored"])
            return json.loads(known or StoredValue.objects.get(pk=envelope["stored"], run=self.run).data)
        return envelope["is"]


def _stored_in(envelope: Envelope) -> Iterator[int]:
    if "stored" in envelope:
        yield envelope["stored"]
    for part in envelope.get("parts", {}).values():
        yield from _stored_in(part)


def _written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def is_inline(value: Any) -> bool:
    """Whether its envelope holds it, so that it takes no row of its own."""
    return isinstance(value, Gathered | Collected) or not _is_large(value)


def _is_large(value: Any) -> bool:
    return not _is_small(value) and _size(value) > settings.CHOREO_INLINE_LIMIT


def _size(value: Any) -> int:
    """Bytes of its JSON text, which is not written where that is quicker."""
    try:
        return len(msgspec.json.encode(value))
    except (OverflowError, ValueError):  # an integer beyond 64 bits, half a character
        return len(_written(value).encode())


def _is_small(value: Any) -> bool:
    """A cheap yes for most values, so that they are not written as JSON twice."""
    if isinstance(value, str):
        return len(value) < 1_000
    return value is None or isinstance(value, bool | int | float)
