"""100,000 runs, and what it costs to verify them. `tests.reliability.verifying` starts a process for each of the two,
so that the memory of one is not taken for that of the other, and reads JSON on their last lines.

They are copies of runs that really ran: a sequence, a fan-out, a map, a saga that was undone, and runs that wait.
"""

import json
import resource
import time
from io import StringIO
from typing import Any
from uuid import UUID

from django.core.management import call_command
from django.db import connection, models, transaction

from designer.ids import uuid7
from runs.models import Item, JournalEntry, Review, Run, StepRun, Variable, Work
from tests.actions.flows import SAGA, branches, echo, flow, review, undoable
from tests.factories import Hand, a_run
from tests.situations import play_on

RUNS = 100_000
LINKS: dict[str, Any] = {f"s{n}": echo("${ input.n }", next=f"s{n + 1}") for n in range(9)}
CHAIN = flow(**LINKS, s9=echo())
SPREAD = flow(both=branches(a=echo(), b=echo(), c=echo(), d=echo(), next="last"), last=echo())
EACH = flow(
    each={"kind": "map", "items": list(range(20)), "start": "one", "steps": {"one": echo("${ item }")}}
)
ASKED = flow(one=undoable("x", next="look"), look=review(), yes=echo(), no={"kind": "fail", "error": "No"})


def make() -> None:
    began = time.monotonic()
    call_command("migrate", verbosity=0)
    originals = [
        played(number, document) for number, document in enumerate((CHAIN, SPREAD, EACH, SAGA, ASKED))
    ]
    multiply(originals, RUNS // len(originals))
    print(json.dumps({"seconds": time.monotonic() - began}))


def measure() -> None:
    said = StringIO()
    call_command("choreo_verify", stdout=said)
    print(json.dumps({"said": said.getvalue().strip(), "megabytes": memory()}))


def memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def played(number: int, document: dict[str, Any]) -> UUID:
    """A run, as far as workers bring it."""
    run, hand = a_run({**document, "key": f"flow_{number}"}, {"n": 1}), Hand()
    play_on(hand)
    return UUID(str(run.pk))


@transaction.atomic
def multiply(originals: list[UUID], times: int) -> None:
    """Each with all that hangs on it, by the database itself."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE copies (old_id char(36), new_id char(36))")
        if connection.vendor == "postgresql":
            cursor.execute("ALTER TABLE copies ALTER old_id TYPE uuid USING old_id::uuid,"
                           " ALTER new_id TYPE uuid USING new_id::uuid")  # fmt: skip
        field = Run._meta.pk
        pairs = [
            tuple(field.get_db_prep_value(value, connection) for value in (original, uuid7()))
            for _ in range(times)
            for original in originals
        ]
        cursor.executemany("INSERT INTO copies VALUES (%s, %s)", pairs)
        for model in (Run, StepRun, JournalEntry, Item, Variable, Work):
            cursor.execute(copying(model))
        cursor.execute(f"DELETE FROM copies WHERE old_id NOT IN (SELECT run_id FROM {Review._meta.db_table})")
        for row in Review.objects.all():
            cursor.execute("SELECT new_id FROM copies")
            Review.objects.bulk_create(
                Review(**row_of(row) | {"id": uuid7(), "run_id": UUID(str(new))})
                for (new,) in cursor.fetchall()
            )


def row_of(row: models.Model) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def copying(model: type[models.Model]) -> str:
    owner = "id" if model is Run else "run_id"
    names = [
        field.column for field in model._meta.local_concrete_fields if field.column != "id" or model is Run
    ]
    values = ["c.new_id" if name == owner else f'o."{name}"' for name in names]
    columns = ", ".join(f'"{name}"' for name in names)
    table = model._meta.db_table
    return (
        f'INSERT INTO "{table}" ({columns}) SELECT {", ".join(values)} FROM copies c'
        f' JOIN "{table}" o ON o."{owner}" = c.old_id'
    )
