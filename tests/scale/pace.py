"""Steps a second with one worker host, two and three, in turns, as the machine is never the same for long."""

import statistics
import time
from collections import defaultdict
from typing import Any

from django.conf import settings

from designer.models import Version
from runs.actions import start_run
from runs.models import Run
from tests.actions.flows import flow
from tests.factories import a_version, action
from tests.scale.hosts import Workers, wait_for_workers
from tests.servers import wait_until

STEPS = 10  # of each run
WAIT = {"with": {"seconds": 0.05}}
# What a step does, and how many runs of it are submitted for each host that works.
KINDS: dict[str, tuple[dict[str, Any], int]] = {
    "nothing": (action("acme.noop"), 150),
    "50 ms in a worker": (action("acme.sleep", **WAIT), 25),
    "50 ms at the desk": (action("acme.async_sleep", **WAIT), 100),
}
LOOK = 0.1


def chain(key: str, step: dict[str, Any]) -> Version:
    last = STEPS - 1
    steps = {f"s{n}": {**step, **({"next": f"s{n + 1}"} if n < last else {})} for n in range(STEPS)}
    return a_version({"key": key, **flow(**steps)})


def steps_a_second(version: Version, runs: int) -> float:
    """From the first submission to the last end, by the database's own notes."""
    began = time.time()
    started = [start_run(version=version, inputs={}).pk for _ in range(runs)]
    left = Run.objects.filter(pk__in=started, ended_at=None)
    wait_until(lambda: not left.exists(), seconds=180, what="the runs", every=LOOK)
    last = Run.objects.filter(pk__in=started).order_by("-ended_at").values_list("ended_at", flat=True)[0]
    assert last is not None
    return runs * STEPS / (last.timestamp() - began)


def pace(workers: list[Workers], rounds: int) -> dict[str, Any]:
    """For each kind of step the medians, by the number of hosts, and the median ratio to one host."""
    versions = {name: chain(f"kind_{number}", step) for number, (name, (step, _)) in enumerate(KINDS.items())}
    found: dict[str, dict[int, list[float]]] = {name: defaultdict(list) for name in KINDS}
    for _ in range(rounds):
        for count, newest in enumerate(workers, start=1):
            newest.start()
            wait_for_workers([newest])
            for name, (_, runs) in KINDS.items():
                steps_a_second(versions[name], 2 * count)  # so that the worker knows what it takes
                found[name][count].append(steps_a_second(versions[name], runs * count))
        for one in workers:
            one.stop()
    return {"workers_a_host": settings.CHOREO_WORKERS, **{name: summary(found[name]) for name in KINDS}}


def summary(by_hosts: dict[int, list[float]]) -> dict[str, Any]:
    ratios = {
        count: statistics.median(rate / one for rate, one in zip(rates, by_hosts[1], strict=True))
        for count, rates in by_hosts.items()
    }
    return {
        str(count): {"steps_a_second": round(statistics.median(rates)), "ratio": round(ratios[count], 2)}
        for count, rates in by_hosts.items()
    }
