"""W1 to W5, each measured by real workers in a process of its own that `tests.bench` asks (`apart.Side`).

Times are those of the journal and of the commits themselves, so that how often this process looks does not count.
"""

import atexit
import os
import statistics
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from designer.actions import add_destination
from runs.actions import start_run
from runs.models import Run
from tests.bench.commits import newest_commit
from tests.bench.slow_service import slow_service
from tests.factories import a_version
from tests.servers import Cluster, wait_until

LOOK = 0.2  # seconds: to ask more often would slow what is measured
NOOP: dict[str, Any] = {"kind": "action", "does": "acme.noop"}
_workers: list[Cluster] = []


def start_workers() -> None:
    workers = Cluster(dict(os.environ))
    _workers.append(workers)
    atexit.register(workers.stop)
    workers.start()
    milliseconds_a_step(a_version(chain(10)), 10)  # the first one pays for imports and connections


def stop_workers() -> None:
    while _workers:
        _workers.pop().stop()


def chain(length: int, does: str = "acme.noop") -> dict[str, Any]:
    steps = {f"s{number}": NOOP | {"does": does} for number in range(length)}
    for number in range(length - 1):
        steps[f"s{number}"]["next"] = f"s{number + 1}"
    return {"key": f"chain_{length}_{does.partition('.')[2]}", "start": "s0", "steps": steps}


def spread(values: list[float]) -> dict[str, Any]:
    if not values:
        raise AssertionError("there is nothing to measure")
    ordered = sorted(values)
    p95 = ordered[round(0.95 * (len(ordered) - 1))]
    return {"p50": statistics.median(ordered), "p95": p95, "values": values}


def repeated(measure: Callable[[], float], times: int) -> dict[str, Any]:
    return spread([measure() for _ in range(times)])


def finished(run: Run) -> bool:
    run.refresh_from_db(fields=["status"])
    if run.status in ("failed", "cancelled"):
        raise AssertionError(f"run {run.pk} has {run.status}")
    return run.status == "succeeded"


def ended(version: Any, inputs: Any, *, seconds: float = 60) -> Run:
    """A run that has been played to its end."""
    run = start_run(version=version, inputs=inputs)
    wait_until(lambda: finished(run), seconds=seconds, what="the run", every=LOOK)
    run.refresh_from_db()
    return run


def committed(decided: datetime) -> datetime:
    """When it was over that what was decided then was committed, and nothing after it."""
    wait_until(lambda: newest_commit() >= decided, seconds=5, what="the commit", every=0.01)
    return newest_commit()


def milliseconds_a_step(version: Any, steps: int, inputs: Any = None, *, seconds: float = 60) -> float:
    """From the first attempt to the last commit."""
    run = ended(version, inputs or {}, seconds=seconds)
    first = run.journal.filter(kind="AttemptStarted").order_by("seq").first()
    assert first is not None and run.ended_at is not None
    return (committed(run.ended_at) - first.at).total_seconds() * 1000 / steps


def milliseconds_to_start(version: Any) -> float:
    time.sleep(0.1)  # until it is idle
    submitted = time.time()
    first = ended(version, {}).journal.filter(kind="AttemptStarted").order_by("seq").first()
    assert first is not None
    return (first.at.timestamp() - submitted) * 1000


def milliseconds_of_run(version: Any, inputs: Any, *, seconds: float = 300) -> float:
    """From its start to its last commit."""
    run = ended(version, inputs, seconds=seconds)
    assert run.started_at is not None and run.ended_at is not None
    return (committed(run.ended_at) - run.started_at).total_seconds() * 1000


def seconds_of_runs(version: Any, count: int) -> float:
    """Of runs that are submitted one right after the other, from the first submission to the last commit."""
    submitted = time.time()
    runs = [start_run(version=version, inputs={}).pk for _ in range(count)]
    theirs = Run.objects.filter(pk__in=runs)
    wait_until(lambda: not theirs.filter(ended_at=None).exists(), seconds=120, what="the runs", every=LOOK)
    last = theirs.order_by("ended_at").last()
    assert last is not None and last.ended_at is not None
    return committed(last.ended_at).timestamp() - submitted


def fan(branches: int) -> dict[str, Any]:
    split = {f"b{n}": {"start": f"b{n}", "steps": {f"b{n}": dict(NOOP)}} for n in range(branches)}
    return {"key": "fan", "start": "all", "steps": {"all": {"kind": "parallel", "branches": split}}}


def over(each: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A map of the list that is the input."""
    whole = {"kind": "map", "items": "${ input.list }", "start": "one", "steps": {"one": each}, **fields}
    return {"key": f"over_{each['does'].replace('.', '_')}", "start": "all", "steps": {"all": whole}}


# --- what is asked for ---------------------------------------------------------------------------------------


def in_a_row(*, steps: int, times: int, does: str = "acme.noop") -> dict[str, Any]:
    """W1."""
    version = a_version(chain(steps, does))
    milliseconds_a_step(version, steps)
    return repeated(lambda: milliseconds_a_step(version, steps), times)


def side_by_side(*, runs: int, steps: int, times: int, does: str = "acme.noop") -> dict[str, Any]:
    """W2."""
    version = a_version(chain(steps, does))
    return repeated(lambda: runs * steps / seconds_of_runs(version, runs), times)


def spread_out(*, branches: int, times: int) -> dict[str, Any]:
    """W3."""
    version = a_version(fan(branches))
    milliseconds_of_run(version, {})
    return repeated(lambda: milliseconds_of_run(version, {}), times)


def items(*, small: int, large: int, times: int) -> dict[str, Any]:
    """W3 with a map: seconds of the large one; and what an item costs in the small and in the large one."""
    version = a_version(over(NOOP))
    milliseconds_of_run(version, {"list": [0]})
    few = repeated(lambda: milliseconds_of_run(version, {"list": list(range(small))}) / small, 3)
    many = repeated(lambda: milliseconds_of_run(version, {"list": list(range(large))}) / 1000, times)
    return many | {
        "small": small,
        "large": large,
        "few_ms": few["p50"],
        "many_ms": many["p50"] * 1000 / large,
    }


def to_start(*, times: int) -> dict[str, Any]:
    """W4."""
    version = a_version(chain(1))
    return repeated(lambda: milliseconds_to_start(version), times)


def calls(*, count: int, times: int) -> dict[str, Any]:
    """W5."""
    with slow_service(seconds=1.0) as port:
        add_destination(host="127.0.0.1", port=port, private=True, by=None)
        call = {"kind": "action", "does": "http.request", "timeout": "60s"}
        version = a_version(
            over(call | {"with": {"url": f"http://127.0.0.1:{port}/"}}, max_concurrency=count)
        )
        milliseconds_of_run(version, {"list": [0]})
        return repeated(lambda: milliseconds_of_run(version, {"list": list(range(count))}) / 1000, times)


def lengths(*, sizes: list[int], times: int) -> dict[str, Any]:
    """W7: runs of ever more steps, a loop whose rounds are ten steps in a row. The shortest stand between the others.

    Of the longest also what its first and its last tenth took, a step.
    """
    rounds = {"kind": "loop", "times": "${ input.rounds }", "limit": 10_000} | of_chain(chain(10))
    version = a_version({"key": "rounds", "start": "again", "steps": {"again": rounds}})

    def cost(size: int) -> float:
        return milliseconds_a_step(version, size, {"rounds": size // 10}, seconds=300)

    cost(sizes[0])
    taken: dict[int, list[float]] = {size: [] for size in sizes}
    for size in sizes[1:]:
        for _ in range(max(1, times * 1_000 // (1_000 + size))):
            taken[sizes[0]] += [cost(sizes[0]) for _ in range(5)]
            taken[size].append(cost(size))
    first, last = tenths(Run.objects.filter(version=version).order_by("id").last())
    stages = [{"size": size, **spread(values)} for size, values in taken.items()]
    return {"stages": stages, "first_tenth": first, "last_tenth": last}


def of_chain(document: dict[str, Any]) -> dict[str, Any]:
    return {name: document[name] for name in ("start", "steps")}


def tenths(run: Run | None) -> tuple[float, float]:
    """Milliseconds a step at the beginning and at the end of a run."""
    assert run is not None
    begun = list(run.journal.filter(kind="AttemptStarted").order_by("seq").values_list("at", flat=True))
    part = max(len(begun) // 10, 2)
    parts = (begun[:part], begun[-part:])
    first, last = ((some[-1] - some[0]).total_seconds() * 1000 / (len(some) - 1) for some in parts)
    return first, last
