"""The figures of `make endurance`, as lines of text in JSON. Started by `tests.reliability.endurance`."""

import json
import os
import statistics
import time
from collections import defaultdict
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle
from pathlib import Path

from django.core.management import call_command
from django.db.models import Model
from django_q.models import OrmQ

from designer.models import Version
from runs.actions import start_run
from runs.engine import OVER
from runs.models import JournalEntry, NamedLock, Run, Signal, Subscription, Work, Worker
from runs.verification import find_broken_in_whole, verify
from tests.chaos.killing import family
from tests.factories import a_user, a_version
from tests.reliability.crashes import World
from tests.reliability.references import REFERENCES
from tests.servers import Cluster, wait_until

MINUTES = float(os.environ.get("CHOREO_TEST_MINUTES", "10"))
# Starts a second. Two are some twenty short transactions, far below what a worker can do.
RATE = float(os.environ.get("CHOREO_TEST_RATE", "2"))
LOOK = 5.0  # seconds between two looks at memory
LEFT: tuple[type[Model], ...] = (Work, NamedLock, Subscription, OrmQ)


@dataclass
class Watch:
    """What is seen of the processes and the tables as time goes by."""

    began: float = field(default_factory=time.monotonic)
    memory: dict[int, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))
    waiting: list[int] = field(default_factory=list)

    def look(self, root: int) -> None:
        for pid in family(root):
            if (megabytes := resident(pid)) is not None:
                self.memory[pid].append(((time.monotonic() - self.began) / 3600, megabytes))
        self.waiting.append(Work.objects.count())

    def slopes(self) -> list[float]:
        """Megabytes an hour of each process that lived from the first fifth to the end."""
        enough = max(map(len, self.memory.values())) * 0.9
        kept = [seen[len(seen) // 5 :] for seen in self.memory.values() if len(seen) >= enough]
        return [statistics.linear_regression(*zip(*seen, strict=True)).slope for seen in kept]

    def most(self) -> float:
        return max(megabytes for seen in self.memory.values() for _, megabytes in seen)


def resident(pid: int) -> float | None:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return None
    return pages * os.sysconf("SC_PAGESIZE") / 2**20


def measure() -> None:
    call_command("migrate", verbosity=0)
    versions = [version for number in range(len(REFERENCES)) for version in published(number)]
    world = World(versions[0], a_user("ada", "runs.decide_review"), "bank")
    workers, watch = Cluster(dict(os.environ)), Watch()
    workers.start()
    try:
        wait_until(Worker.objects.exists, seconds=60, what="a worker")
        watch.began = time.monotonic()
        load(versions, world, watch, workers.processes[0].pid)
        wait_until(partial(is_quiet, world), seconds=120, every=0.1, what="the end of all")
        left = {model.__name__: model._default_manager.count() for model in LEFT}
        signals = Signal.objects.count()
    finally:
        workers.stop()
    print(json.dumps([*told(watch), f"left over: {left}, signals kept for a while: {signals}"]))


def published(number: int) -> list[Version]:
    reference = list(REFERENCES.values())[number]
    for document in reference.others:
        a_version(document)
    return [a_version({"key": f"reference_{number}", **reference.document})]


def load(versions: list[Version], world: World, watch: Watch, root: int) -> None:
    until, looked = watch.began + MINUTES * 60, 0.0
    for version in cycle(versions):
        began = time.monotonic()
        if began >= until:
            return
        start_run(version=version, inputs={})
        world.answer()
        if began - looked >= LOOK:
            looked = began
            watch.look(root)
        time.sleep(max(0.0, 1 / RATE - (time.monotonic() - began)))


def is_quiet(world: World) -> bool:
    world.answer()
    return not Work.objects.exists() and not Run.objects.exclude(status__in=OVER).exists()


def told(watch: Watch) -> list[str]:
    broken = [*find_broken_in_whole()]
    verify(Run.objects.all(), broken.append)
    late = lateness()
    half = len(late) // 2
    slopes = ", ".join(f"{slope:+.1f}" for slope in sorted(watch.slopes()))
    return [
        f"{Run.objects.count()} runs, {JournalEntry.objects.count()} entries, {len(broken)} promises broken",
        f"memory: at most {watch.most():.0f} MB in a process; MB an hour, after the first fifth: {slopes}",
        f"from accepted to begun, first half and second: p50 {p(late[:half], 50)}, {p(late[half:], 50)},"
        f" p99 {p(late[:half], 99)}, {p(late[half:], 99)} ms",
        f"work that waits, at the looks: {statistics.mean(watch.waiting):.1f} rows, at most {max(watch.waiting)}",
    ]


def lateness() -> list[float]:
    started = Run.objects.filter(parent=None).order_by("created_at").values_list("created_at", "started_at")
    return [(begun - created).total_seconds() * 1000 for created, begun in started if begun]


def p(values: list[float], percent: int) -> str:
    return f"{sorted(values)[int(percent / 100 * (len(values) - 1))]:.0f}"
