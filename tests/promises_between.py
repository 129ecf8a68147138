"""What is promised of stored runs and what is beside them: the runs they start, the locks they hold."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from designer.graph import RunWorkflow
from runs.engine import Status
from runs.models import NamedLock, Run, Work
from runs.models.work import WorkKind

if TYPE_CHECKING:
    from .promises import Story

BETWEEN = (WorkKind.CHILD, WorkKind.CANCEL, WorkKind.UNDO)


def runs_that_are_awaited_will_say_when_they_end(story: "Story") -> Iterable[str]:  # I12
    for no, step in story.state.steps.items():
        if not awaits_child(story, step):
            continue
        child = Run.objects.filter(parent=story.run, parent_no=no, parent_attempt=step.attempt).first()
        told = Work.objects.filter(run=story.run, kind=WorkKind.CHILD, no=no, attempt=step.attempt)
        asked = Work.objects.filter(run=child, kind=WorkKind.UNDO) if child else Work.objects.none()
        if not told.exists() and not asked.exists() and (child is None or child.ended_at is not None):
            yield f"step run {no} awaits a run that has ended, and nobody will ever tell it."
    for child in story.run.children.filter(awaited=True, ended_at=None):
        step = story.state.steps.get(child.parent_no)
        if step is None or step.attempt != child.parent_attempt:
            yield f"{child.pk} is under way for step run {child.parent_no}, which does not wait for it any more."


def a_run_is_started_once(story: "Story") -> Iterable[str]:
    places = [(child.parent_no, child.parent_attempt) for child in story.run.children.all()]
    if len(places) != len(set(places)):
        yield f"runs were started twice: {sorted(places)}."


def locks_are_what_the_state_says(story: "Story") -> Iterable[str]:
    meant = {
        no: (lock.name, not story.state.steps[no].outside if no in story.state.steps else True)
        for no, lock in story.state.locks.items()
    }
    rows = {row.no: row for row in NamedLock.objects.filter(run=story.run)}
    if {no: name for no, (name, _) in meant.items()} != {no: row.name for no, row in rows.items()}:
        yield f"the state knows the locks {meant}, and the queues {sorted(map(str, rows.values()))}."
    for no, (name, inside) in meant.items():
        told = Work.objects.filter(run=story.run, kind=WorkKind.LET_IN, no=no).exists()
        if no in rows and rows[no].granted != (inside or told):
            yield f"step run {no} {'holds' if inside else 'waits for'} {name}, and its queue says otherwise."
        looks = Work.objects.filter(kind=WorkKind.LOCK, does=name).exists()
        if not looks and not NamedLock.objects.filter(name=name, granted=True).exists():
            yield f"nobody holds {name}, and nobody will ever look who comes next."


def is_child(story: "Story", step: Any) -> bool:
    return isinstance(story.graph.step(step.key), RunWorkflow)


def awaits_child(story: "Story", step: Any) -> bool:
    return is_child(story, step) and (step.out or step.status is Status.UNDOING)
