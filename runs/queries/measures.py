"""What lists compute in the database: seconds between two moments, slices of time, exact percentiles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, FloatField, Func, IntegerField, Model, Q, QuerySet, Window
from django.db.models.functions import RowNumber


class Seconds(Func):
    """From one moment to another. SQLite counts in milliseconds here."""

    output_field = FloatField()

    def __init__(self, since: str, until: str) -> None:
        super().__init__(F(until), F(since))

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "((julianday(%(expressions)s)) * 86400.0)"
        return self.as_sql(compiler, connection, template=template, arg_joiner=") - julianday(", **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "EXTRACT(EPOCH FROM (%(expressions)s))::double precision"
        return self.as_sql(compiler, connection, template=template, arg_joiner=" - ", **context)


class Slice(Func):
    """The number of the slice of so many seconds, counted from the epoch, that a moment falls into."""

    output_field = IntegerField()

    def __init__(self, moment: str, *, seconds: int) -> None:
        super().__init__(F(moment), seconds=int(seconds))

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "(CAST(strftime('%%%%s', %(expressions)s) AS INTEGER) / %(seconds)s)"
        return self.as_sql(compiler, connection, template=template, **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "FLOOR(EXTRACT(EPOCH FROM %(expressions)s) / %(seconds)s)::integer"
        return self.as_sql(compiler, connection, template=template, **context)


@dataclass(frozen=True, slots=True)
class Percentiles:
    """Nearest rank: each is a duration that was really measured."""

    p50: float
    p95: float
    p99: float


RANKS = (50, 95, 99)


def percentiles[M: Model](rows: QuerySet[M], *by: str) -> Mapping[tuple[Any, ...], Percentiles]:
    """Of the annotation ``seconds``, for each group of ``by``; without ``by``, of all under the key ()."""
    groups = [F(name) for name in by]
    ranked = rows.annotate(
        place=Window(RowNumber(), partition_by=groups, order_by="seconds"),
        many=Window(Count("*"), partition_by=groups),
    )
    wanted = Q(pk__in=[])
    for rank in RANKS:
        wanted |= Q(place=(F("many") * rank + 99) / 100)
    found: dict[tuple[Any, ...], list[tuple[int, int, float]]] = {}
    for *group, place, many, seconds in (
        ranked.filter(wanted).order_by().values_list(*by, "place", "many", "seconds")
    ):
        found.setdefault(tuple(group), []).append((place, many, seconds))
    return {group: _percentiles(places) for group, places in found.items()}


def _percentiles(places: Sequence[tuple[int, int, float]]) -> Percentiles:
    at = {place: max(0.0, seconds) for place, _, seconds in places}
    many = places[0][1]
    return Percentiles(*(at[(many * rank + 99) // 100] for rank in RANKS))
