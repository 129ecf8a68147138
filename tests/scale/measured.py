"""The figures of `make hosts`, as JSON on the last line. Started by `tests.scale` with the environment set."""

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connection

from choreo_site.lifeline import Lifeline
from tests.emptying import Emptying
from tests.guards import put_guards_aside
from tests.scale import clocks, cuts, pace, web, weight
from tests.scale.hosts import PORT, Program, Web, Workers, stopped, wait_for_workers
from tests.scale.network import Network

type Figures = dict[str, Any]

ROUNDS = 3


class Lab:
    """Hosts to be had, and a database that is empty for each measurement."""

    def __init__(self, net: Network, folder: Path) -> None:
        self.net, self.folder, self.lifeline = net, folder, Lifeline()
        put_guards_aside()
        self.emptying = Emptying()

    def workers(self, *names: str, **settings: str) -> list[Workers]:
        return [self.placed(Workers, name, **settings) for name in names]

    def webs(self, *names: str) -> list[Web]:
        hosts = [self.net.host(name) for name in names]
        origins = ",".join(f"http://{host.address}:{PORT}" for host in hosts)
        shared = {
            "CHOREO_ALLOWED_HOSTS": "*",
            "CHOREO_ORIGINS": origins,
            "CHOREO_REDIS_URL": os.environ["REDIS"],
        }
        return [
            self.placed(Web, host.name, CHOREO_HOST=host.address, CHOREO_PORT=str(PORT), **shared)
            for host in hosts
        ]

    def placed[P: Program](self, kind: type[P], name: str, **settings: str) -> P:
        host = self.net.hosts.get(name) or self.net.host(name)
        return kind(
            host, self.folder, self.lifeline, CHOREO_DATABASE_URL=os.environ["NETWORK_URL"], **settings
        )

    def empty(self) -> None:
        self.emptying.empty()
        Path(os.environ["ACME_LEDGER"]).unlink(missing_ok=True)
        for host in self.net.hosts.values():
            host.plug()


def a_run_weighs(lab: Lab) -> Figures:
    with stopped(lambda: lab.workers("weigh")) as (one,):
        return weight.weight(one)


def hosts_grow(lab: Lab) -> Figures:
    with stopped(lambda: lab.workers("grow-1", "grow-2", "grow-3", CHOREO_LOG_LEVEL="ERROR")) as workers:
        return pace.pace(workers, ROUNDS)


def cut_off(lab: Lab, way: str) -> Figures:
    with stopped(lambda: lab.workers(f"{way}-1", f"{way}-2")) as (one, other):
        one.start()
        other.start()
        return cuts.cut_off(one, other, way)


def pages(lab: Lab, what: str) -> Figures:
    with stopped(lambda: [*lab.webs(f"{what}-1", f"{what}-2"), *lab.workers(f"{what}-w")]) as programs:
        for program in programs:
            program.start()
        one, other, workers = programs
        web.wait_for_web([one, other])
        wait_for_workers([workers])
        if what == "seen":
            return web.seen_elsewhere(one, other)
        if what == "redis":
            return web.without_redis(one, other, lab.net.redis)
        return web.one_goes_away(one, other, what)


def clocks_differ(lab: Lab, minutes: int) -> Figures:
    name = f"clock{minutes:+}".replace("+", "p").replace("-", "m")
    with stopped(
        lambda: [*lab.workers(f"{name}-a"), *lab.workers(f"{name}-b", **clocks.off_by(minutes))]
    ) as workers:
        for one in workers:
            one.start()
        return clocks.clocks_differ(*workers, minutes)


MEASUREMENTS: dict[str, Callable[[Lab], Figures]] = {
    "weight": a_run_weighs,
    "pace": hosts_grow,
    "cut off, packets dropped": lambda lab: cut_off(lab, "dropped"),
    "cut off, refused": lambda lab: cut_off(lab, "refused"),
    "start seen at the other web host": lambda lab: pages(lab, "seen"),
    "web host killed": lambda lab: pages(lab, "killed"),
    "web host cut off": lambda lab: pages(lab, "pulled"),
    "web host without Redis": lambda lab: pages(lab, "redis"),
    "clock 5 minutes ahead": lambda lab: clocks_differ(lab, 5),
    "clock 5 minutes behind": lambda lab: clocks_differ(lab, -5),
}


def main() -> None:
    call_command("migrate", verbosity=0)
    wanted = os.environ.get("SCALE_ONLY", "")
    found: dict[str, Figures] = {}
    with tempfile.TemporaryDirectory(prefix="choreo-hosts-") as folder:
        net = Network(os.environ["BRIDGE"])
        lab = Lab(net, Path(folder))
        for name, measure in MEASUREMENTS.items():
            if wanted in name:
                found[name] = measured(lab, measure)
                print(name, json.dumps(found[name], indent=1), file=sys.stderr, flush=True)
        lab.lifeline.close()
        net.remove()
    sys.stdout.write("\n" + json.dumps(found) + "\n")


def measured(lab: Lab, measure: Callable[[Lab], Figures]) -> Figures:
    """One that fails says so, and the others go on."""
    began = time.monotonic()
    try:
        lab.empty()
        figures = measure(lab)
    except (Exception, SystemExit) as problem:
        figures = {"failed": f"{type(problem).__name__}: {problem}", "said": last_words(lab.folder)}
        connection.close()
    return {**figures, "seconds": round(time.monotonic() - began)}


def last_words(folder: Path) -> dict[str, list[str]]:
    return {file.stem: file.read_text().splitlines()[-12:] for file in sorted(folder.glob("*.txt"))[-3:]}
