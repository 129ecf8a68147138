"""Of what is beside a run: the runs it starts, the locks it holds."""

from collections.abc import Iterable

from runs.models import NamedLock, Work
from runs.models.work import WorkKind

from .account import Account


def runs_that_are_awaited_will_say_when_they_end(account: Account) -> Iterable[str]:
    for no, step in account.state.steps.items():
        if not account.awaits_child(step):
            continue
        place = (no, step.attempt)
        started = (each for each in account.beside.children if (each.parent_no, each.parent_attempt) == place)
        child = next(started, None)
        told = any(
            (work.kind, work.no, work.attempt) == (WorkKind.CHILD, *place) for work in account.beside.work
        )
        asked = Work.objects.filter(run=child, kind=WorkKind.UNDO) if child else Work.objects.none()
        if not told and not asked.exists() and (child is None or child.ended_at is not None):
            yield f"step run {no} awaits a run that has ended, and nobody will ever tell it."
    for child in account.beside.children:
        if not child.awaited or child.ended_at is not None:
            continue
        waiting = account.state.steps.get(child.parent_no)
        if waiting is None or waiting.attempt != child.parent_attempt:
            yield f"{child.pk} is under way for step run {child.parent_no}, which does not wait for it any more."


def a_run_is_started_once(account: Account) -> Iterable[str]:
    places = [(child.parent_no, child.parent_attempt) for child in account.beside.children]
    if len(places) != len(set(places)):
        yield f"runs were started twice: {sorted(places)}."


def locks_are_what_the_state_says(account: Account) -> Iterable[str]:
    meant = {
        no: (lock.name, not account.state.steps[no].outside if no in account.state.steps else True)
        for no, lock in account.state.locks.items()
    }
    rows = {row.no: row for row in account.beside.locks}
    if {no: name for no, (name, _) in meant.items()} != {no: row.name for no, row in rows.items()}:
        yield f"the state knows the locks {meant}, and the queues {sorted(map(str, rows.values()))}."
    for no, (name, inside) in meant.items():
        told = any((work.kind, work.no) == (WorkKind.LET_IN, no) for work in account.beside.work)
        if no in rows and rows[no].granted != (inside or told):
            yield f"step run {no} {'holds' if inside else 'waits for'} {name}, and its queue says otherwise."
        looks = Work.objects.filter(kind=WorkKind.LOCK, does=name).exists()
        if not looks and not NamedLock.objects.filter(name=name, granted=True).exists():
            yield f"nobody holds {name}, and nobody will ever look who comes next."
