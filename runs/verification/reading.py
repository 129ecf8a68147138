"""Reading runs with all that hangs on them: a statement for each table, however many runs there are."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Func, IntegerField, QuerySet

from runs.models import (
    DeadLetter,
    Item,
    JournalEntry,
    NamedLock,
    Review,
    Run,
    Signal,
    StepRun,
    StoredValue,
    Subscription,
    Variable,
    Work,
)
from runs.models.people import DeadLetterStatus

from .account import Account, Beside
from .promise import Broken, BrokenPromises
from .promises import PROMISES


def check_run(run: Run) -> None:
    """Raises BrokenPromises with a sentence for each."""
    if broken := find_broken(run.pk):
        raise BrokenPromises(f"run {run.pk}:\n" + "\n".join(map(str, broken)))


def find_broken(run_id: UUID) -> list[Broken]:
    """What a run does not keep, as it is in one moment. Raises Run.DoesNotExist."""
    with one_moment():
        [account] = read_accounts([Run.objects.get(pk=run_id)])
        return broken_in(account)


def broken_in(account: Account) -> list[Broken]:
    return [broken for promise in PROMISES for broken in promise.broken_in(account)]


@contextmanager
def one_moment() -> Iterator[None]:
    """What is read inside is as it was at one moment, whoever writes meanwhile."""
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic(durable=True):
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def read_accounts(runs: Sequence[Run]) -> list[Account]:
    beside = {run.pk: Beside() for run in runs}
    known = list(beside)
    for pk, *entry in (
        _of(JournalEntry, known)
        .order_by("run", "seq")
        .values_list("run_id", "seq", "kind", "no", "at", "data")
    ):
        beside[pk].entries.append(tuple(entry))
    _read_steps(beside, known)
    for work in _of(Work, known):
        beside[work.run_id].work.append(work)
    for review in _of(Review, known).prefetch_related("trail"):
        beside[review.run_id].reviews.append(review)
    for pk, no in _of(DeadLetter, known).filter(status=DeadLetterStatus.OPEN).values_list("run_id", "no"):
        beside[pk].letters.append(no)
    for pk, event_id in _of(Signal, known).order_by().values_list("run_id", "event_id"):
        beside[pk].emitted.append(event_id)
    _read_relations(beside, known)
    _read_values(beside, known)
    for run in runs:
        beside[run.pk].envelopes += [("its input", run.input), ("its output", run.output)]
    return [Account(run, beside[run.pk]) for run in runs]


def _of(model: Any, known: Sequence[UUID], owner: str = "run") -> QuerySet[Any]:
    found: QuerySet[Any] = model.objects.filter(**{f"{owner}__in": known})
    return found


def _read_steps(beside: dict[UUID, Beside], known: Sequence[UUID]) -> None:
    for step in _of(StepRun, known).only("run_id", "no", "key", "scope", "status", "reason", *VALUES):
        told = beside[step.run_id]
        told.step_runs.append(step)
        told.envelopes += [(f"the {name} of {step}", getattr(step, name)) for name in VALUES]
    for item in _of(Item, known):
        beside[item.run_id].items.append(item)
        beside[item.run_id].envelopes.append((str(item), item.value))


VALUES = ("input", "output", "handed_on", "undo_input")


def _read_relations(beside: dict[UUID, Beside], known: Sequence[UUID]) -> None:
    for one in _of(Subscription, known):
        beside[one.run_id].subscriptions.append(one)
    for lock in _of(NamedLock, known):
        beside[lock.run_id].locks.append(lock)
    told = ("parent_id", "parent_no", "parent_attempt", "awaited", "ended_at")
    for child in _of(Run, known, "parent").order_by("id").only(*told):
        beside[child.parent_id].children.append(child)


def _read_values(beside: dict[UUID, Beside], known: Sequence[UUID]) -> None:
    """Large values by their size alone: reading them all would take the memory that this is careful with."""
    for pk, scope, name, value in _of(Variable, known).values_list("run_id", "scope", "name", "value"):
        beside[pk].envelopes.append((f"the variable {name} of scope “{scope}”", value))
    stored = _of(StoredValue, known).annotate(bytes=BytesOf("data"))
    for pk, key, said, size in stored.values_list("run_id", "pk", "size", "bytes"):
        beside[pk].stored[key] = (said, size)


class BytesOf(Func):
    """How many bytes a text has."""

    function = "OCTET_LENGTH"
    output_field = IntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return self.as_sql(compiler, connection, template="LENGTH(CAST(%(expressions)s AS BLOB))", **more)
