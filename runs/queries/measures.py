"""What lists compute in the database: seconds between two moments, slices of time, exact percentiles."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import BigIntegerField, F, Func, IntegerField


class Milliseconds(Func):
    """From one moment to another. SQLite counts no finer."""

    output_field = BigIntegerField()

    def __init__(self, since: str, until: str) -> None:
        super().__init__(F(until), F(since))

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "CAST(ROUND((julianday(%(expressions)s)) * 86400000.0) AS INTEGER)"
        return self.as_sql(compiler, connection, template=template, arg_joiner=") - julianday(", **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "ROUND(EXTRACT(EPOCH FROM (%(expressions)s)) * 1000)::bigint"
        return self.as_sql(compiler, connection, template=template, arg_joiner=" - ", **context)


class Slice(Func):
    """The number of the slice of so many seconds, counted from the epoch, that a moment falls into; of the epoch of
    clocks that are ahead by ``ahead`` seconds."""

    output_field = IntegerField()

    def __init__(self, moment: str, *, seconds: int, ahead: int = 0) -> None:
        super().__init__(F(moment), seconds=int(seconds), ahead=int(ahead))

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "((CAST(strftime('%%%%s', %(expressions)s) AS INTEGER) + %(ahead)s) / %(seconds)s)"
        return self.as_sql(compiler, connection, template=template, **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "FLOOR((EXTRACT(EPOCH FROM %(expressions)s) + %(ahead)s) / %(seconds)s)::integer"
        return self.as_sql(compiler, connection, template=template, **context)


@dataclass(frozen=True, slots=True)
class Percentiles:
    """In seconds. Nearest rank: each is a duration that was really measured."""

    p50: float
    p95: float
    p99: float


def percentiles_of(milliseconds: Iterable[int]) -> Percentiles | None:
    """None of nothing. A clock that was set back has measured nothing less than 0."""
    ordered = sorted(milliseconds)
    if not ordered:
        return None
    found = (ordered[(len(ordered) * rank + 99) // 100 - 1] for rank in (50, 95, 99))
    return Percentiles(*(max(0, each) / 1000 for each in found))
