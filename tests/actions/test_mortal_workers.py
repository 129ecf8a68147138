"""Runs that start runs and hold locks, made by workers who die after each transaction, and cancelled anywhere."""

from contextlib import suppress
from typing import Any

import pytest

from runs.actions import cancel_run
from runs.engine import RunStatus
from runs.models import NamedLock, Run, Work
from runs.refusals import Refused
from tests.actions.flows import branches, flow, undoable
from tests.actions.mortal import Mortals
from tests.factories import a_run, a_user, a_version

pytestmark = pytest.mark.django_db

DONE = {"kind": "succeed", "output": {"total": 9}}


def family() -> Run:
    """Two branches that want the same lock; one of them starts a run that wants it too, and that one starts another."""
    a_version(
        {"key": "child", "title": "Child", **flow(inner=undoable("i", lock="sku", next="end"), end=DONE)}
    )
    a_version({"key": "middle", "title": "Middle", **flow(deep={"kind": "workflow", "runs": "child"})})
    sub: dict[str, Any] = {"kind": "workflow", "runs": "middle"}
    left = undoable("l", lock="sku")
    return a_run(flow(both=branches(left=left, right=sub, next="last"), last=undoable("z")))


def reasons() -> set[tuple[str, str | None]]:
    assert not Work.objects.exists() and not NamedLock.objects.exists()
    return set(Run.objects.values_list("status", "reason"))


def test_all_goes_well_in_the_end():
    family()
    Mortals().finish()
    assert reasons() == {("succeeded", None)}
    assert Run.objects.count() == 3


def test_what_fails_at_the_end_is_undone_to_the_bottom():
    root = family()
    Mortals(last="Declined").finish()
    root.refresh_from_db()
    assert (root.status, root.reason) == (RunStatus.FAILED, "rolled_back")
    assert reasons() == {("failed", "rolled_back"), ("cancelled", "rolled_back")}


@pytest.mark.parametrize("undo", [True, False])
@pytest.mark.parametrize("when", range(1, 34, 3))
def test_wherever_it_is_cancelled_nothing_is_left_under_way(when: int, undo: bool):
    root, mortals = family(), Mortals()
    for _ in range(when):
        mortals.step()
    with suppress(Refused):
        cancel_run(run_id=root.pk, by=a_user(), undo=undo)
    mortals.finish()
    root.refresh_from_db()
    assert root.status in (RunStatus.CANCELLED, RunStatus.SUCCEEDED)
    if undo and root.status == RunStatus.CANCELLED:
        done = Run.objects.filter(step_runs__status="succeeded", step_runs__compensable=True)
        assert not done.exists(), "what was done is left standing"
    assert {status for status, _ in reasons()} <= {"cancelled", "succeeded"}
