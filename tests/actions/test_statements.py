"""Statements that travel together: their order, their answers, and what becomes of a broken one."""

import tracemalloc
from itertools import islice, permutations

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction

from runs.actions import statements
from runs.actions.columns import columns
from runs.models import Run, StepRun
from tests.actions.flows import echo, flow
from tests.factories import a_run

pytestmark = pytest.mark.django_db


def names() -> list[str]:
    return list(Group.objects.filter(name__startswith="t-").order_by("name").values_list("name", flat=True))


def test_each_statement_gets_its_own_answer():
    old = Group.objects.create(name="t-old")
    trip = statements.Trip()
    locked = trip.lock(Group, [old.pk])
    trip.insert(Group, [{"name": "t-a"}, {"name": "t-b"}])
    trip.update(Group, {"id": old.pk}, {"name": "t-new"})
    added = trip.insert_one(Group, {"name": "t-c"})
    deleted, missed = trip.delete(Group, {"name": "t-b"}), trip.delete(Group, {"name": "t-old"})
    trip.make()
    assert names() == ["t-a", "t-c", "t-new"]
    assert statements.found(Group, locked)[old.pk].name == "t-old"
    assert added.rows == [(Group.objects.get(name="t-c").pk,)]
    assert (deleted.count, missed.count) == (1, 0)


def test_a_row_that_is_read_is_the_model_s():
    run = a_run(flow(one=echo()))
    trip = statements.Trip()
    locked = trip.lock(Run, [run.pk])
    trip.make()
    read, kept = (
        {name: value for name, value in vars(row).items() if name != "_state"}
        for row in (statements.found(Run, locked)[run.pk], Run.objects.get())
    )
    assert read == kept


def test_rows_that_are_not_there_are_not_found():
    there = Group.objects.create(name="t-there")
    trip = statements.Trip()
    locked = trip.lock(Group, [2**30, there.pk])
    trip.make()
    assert statements.found(Group, locked) == {there.pk: there}


def test_a_broken_statement_is_django_s_error_and_takes_its_trip_along():
    Group.objects.create(name="t-old")
    trip = statements.Trip()
    for name in ("t-a", "t-old", "t-b"):
        trip.insert(Group, [{"name": name}])
    with pytest.raises(IntegrityError, match=r"(?i)unique"), transaction.atomic():
        trip.make()
    assert names() == ["t-old"]


def test_the_same_statement_may_be_sent_often():
    for number in range(20):
        trip = statements.Trip()
        trip.insert(Group, [{"name": f"t-{number:02d}"}])
        trip.make()
    assert len(names()) == 20


def test_the_texts_of_statements_do_not_pile_up():
    """Each number of rows has one, for every set of columns: a worker would meet new ones for hours."""
    tracemalloc.start()
    try:
        for names in islice(permutations(columns(StepRun), 12), 20):
            for length in range(1, 101):
                statements.Trip().lock(StepRun, range(length), names)
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 500_000
