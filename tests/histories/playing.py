"""What is played on a kept database, in a process of its own; each function prints JSON on its last line."""

import json
from contextlib import suppress
from datetime import timedelta

from django.contrib.auth.models import User
from django.core.management import call_command
from django.db.models import F

from designer.models import Version
from runs.actions import retire_worker
from runs.crash_points import arm
from runs.engine import OVER
from runs.models import JournalEntry, Run, Work, Worker
from runs.verification import Broken, find_broken_in_whole, verify
from tests.factories import a_user, a_version
from tests.reliability.crashes import Crash, World, armed
from tests.reliability.references import REFERENCES

HALFWAY, A_WHILE = "record.after_commit_before_nudge", timedelta(hours=1)


def record() -> None:
    call_command("migrate", verbosity=0)
    person, halves = a_user("ada", "runs.decide_review"), []
    for number, reference in enumerate(REFERENCES.values()):
        for document in reference.others:
            a_version(document)
        version = a_version({"key": f"reference_{number}", **reference.document})
        with armed(Crash()) as whole:
            World(version, person, f"whole-{number}").play()
        halves.append((World(version, person, f"half-{number}"), whole.reached[HALFWAY] // 2 + 1))
    for world, at in halves:
        stop_halfway(world, at)
        Work.objects.update(due_at=F("due_at") + A_WHILE)  # out of sight of those that follow
    Work.objects.update(due_at=F("due_at") - A_WHILE * len(halves))
    print(json.dumps(Run.objects.count()))


class Halted(BaseException):
    """Nobody works on, and nobody finds out."""


def stop_halfway(world: World, at: int) -> None:
    """Its worker dies, and nobody comes after it: what it held is still in its name."""
    counted = Crash()

    def halt(point: str) -> None:
        counted(point)
        if counted.reached[HALFWAY] == at:
            raise Halted

    with suppress(Halted):
        arm(halt)
        world.play()
    arm(None)


def finish() -> None:
    """With the newest code on the newest schema: replay, go on, and say what is not as it should be."""
    call_command("migrate", verbosity=0)
    found: list[Broken] = [*find_broken_in_whole()]
    verify(Run.objects.all(), found.append)
    before = Run.objects.filter(status__in=OVER).count()
    for worker in Worker.objects.all():  # they are dead for certain
        retire_worker(worker.pk)
    person = User.objects.get(username="ada")
    for run in Run.objects.filter(parent=None).exclude(status__in=OVER):
        world = World(Version.objects.get(pk=run.version_id), person, run.idempotency_key or "")
        world.play()
    verify(Run.objects.all(), found.append)
    told = {
        "runs": Run.objects.count(),
        "entries": JournalEntry.objects.count(),
        "finished before": before,
        "left": list(Run.objects.exclude(status__in=OVER).values_list("key", "status")),
        "ends": dict(Run.objects.order_by().values_list("idempotency_key", "status")),
        "broken": [f"{broken.run}: {broken}" for broken in found],
    }
    print(json.dumps(told))
