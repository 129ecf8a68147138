"""A site as `manage.py up` runs it: what it costs while nobody wants anything of it, and how soon readers see a commit.

Asked for by `tests.bench`, in a process of its own whose settings are those of the site.
"""

import atexit
import os
import re
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager, suppress
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import psutil
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from designer.versions import graph_of
from runs.actions import start_run
from runs.models import Run
from runs.queries.journal import journal_lines
from tests.bench.measure import chain, spread
from tests.bench.watched import READY, SEEN, is_over
from tests.browser import FLAGS, chromium_path
from tests.factories import a_version
from tests.live.readers import Plan, read, tell_ends
from tests.people import person, signed_in
from tests.servers import stop_process, wait_until
from tests.site.test_up import Up

STEPS, PAUSE = 50, 0.4  # of the watched run; seconds that each takes
SETTLE = 5.0  # seconds
_up: list[Up] = []


def start_up() -> None:
    chosen = {"CHOREO_DATABASE_URL": settings.CHOREO_DATABASE_URL, "CHOREO_APPS": "tests.acme"}
    up = Up(Path(settings.CHOREO_DATA_DIR).parent, **chosen)
    _up.append(up)
    atexit.register(stop_process, up.process)
    up.link()


# --- at rest -------------------------------------------------------------------------------------------------


def rest(*, seconds: float, server: int | None) -> dict[str, Any]:
    """Percent of one core, and MiB that are its own, of each kind of process and of the database's ``server``."""
    time.sleep(SETTLE)
    before = {name: cpu_seconds(family) for name, family in families(server).items()}
    time.sleep(seconds)
    after = families(server)
    return {
        name: {
            "cpu": (cpu_seconds(family) - before.get(name, 0.0)) * 100 / seconds,
            "mib": sum(map(own_mib, family)),
            "processes": len(family),
        }
        for name, family in after.items()
    }


def families(server: int | None) -> dict[str, list[psutil.Process]]:
    """`up`, each command that it runs with all that this has started, and the database's server."""
    up = psutil.Process(_up[0].process.pid)
    found = {"up": [up]} | {role(child): with_children(child) for child in up.children()}
    return found | ({"PostgreSQL": with_children(psutil.Process(server))} if server else {})


def role(process: psutil.Process) -> str:
    """A command of `manage.py`, or a module."""
    return next(word.rpartition(".")[2] for word in process.cmdline()[2:])


def with_children(process: psutil.Process) -> list[psutil.Process]:
    return [process, *process.children(recursive=True)]


def cpu_seconds(processes: Iterable[psutil.Process]) -> float:
    """Theirs, and that of children of theirs which have ended."""
    total = 0.0
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            total += sum(process.cpu_times()[:4])
    return total


def own_mib(process: psutil.Process) -> float:
    """What it has in memory; of what it shares with others its part (PSS)."""
    try:
        told = Path(f"/proc/{process.pid}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    return int(re.findall(r"^Pss:\s+(\d+)", told, re.MULTILINE)[0]) / 1024


def play(*, runs: int) -> None:
    version = a_version(chain(10))
    played = [start_run(version=version, inputs={}).pk for _ in range(runs)]
    left = Run.objects.filter(pk__in=played, ended_at=None)
    wait_until(lambda: not left.exists(), seconds=150, what="the runs", every=0.2)


# --- W6 ------------------------------------------------------------------------------------------------------


@contextmanager
def elsewhere() -> Iterator[Executor]:
    """A process for those who would sit at machines of their own: whatever belongs to the site or the browser goes
    first."""
    with ProcessPoolExecutor(1, get_context("spawn"), initializer=os.nice, initargs=(19,)) as pool:
        yield pool


def watching(*, viewers: int, browsers: int) -> dict[str, Any]:
    """Milliseconds from a commit to the document of so many ``browsers``, and to the sockets of the other viewers."""
    with elsewhere() as pool, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)
        try:
            return watched(browser, pool, viewers - browsers, browsers)
        finally:
            browser.close()


def watched(browser: Browser, pool: Executor, sockets: int, browsers: int) -> dict[str, Any]:
    context = browser.new_context()
    context.add_init_script(READY)
    link = _up[0].link()
    context.new_page().goto(link)
    gate = Path(settings.CHOREO_DATA_DIR) / "gate"
    run = start_run(version=a_version(walk(gate)), inputs={})
    waiting = run.journal.filter(kind="AttemptStarted")
    wait_until(waiting.exists, seconds=30, what="the run")
    known = run.journal.count()
    site = link.partition("/sign-in/")[0]
    pages = [open_page(context, f"{site}/runs/{run.pk}/") for _ in range(browsers)]
    ends = Path(settings.CHOREO_DATA_DIR) / "ends.json"
    reading = pool.submit(read, [plan_of(number, site, run) for number in range(sockets)], ends)
    time.sleep(SETTLE)
    web, began = families(None)["web"], time.monotonic()
    used = cpu_seconds(web)
    gate.touch()
    wait_until(lambda: is_over(run), seconds=120, what="the run", every=0.1)
    time.sleep(1)
    busy = (cpu_seconds(web) - used) * 100 / (time.monotonic() - began)
    lines = journal_lines(run, graph_of(run.version_id), after=known, limit=STEPS * 10)
    tell_ends(ends, {str(run.pk): lines[0].seq})
    at = {line.seq: line.at.timestamp() * 1000 for line in lines}
    drawn = [{int(seq): moment for seq, moment in page.evaluate("window.seen").items()} for page in pages]
    heard = [{seq: moment * 1000 for seq, (moment, _) in one.came.items()} for one in reading.result()]
    told = {"browsers": browsers, "sockets": sockets, "web_cpu": busy}
    return told | delays(at, drawn) | {"at_sockets": delays(at, heard)}


def walk(gate: Path) -> dict[str, Any]:
    """Step by step, once the gate is there."""
    keys = ["wait", *(f"s{number}" for number in range(STEPS))]
    steps = {key: {"kind": "action", "does": "acme.sleep", "with": {"seconds": PAUSE}} for key in keys}
    steps["wait"] |= {"does": "acme.gate", "timeout": "150s", "with": {"path": str(gate), "seconds": 120}}
    for key, following in pairwise(keys):
        steps[key]["next"] = following
    return {"key": "walk", "start": "wait", "steps": steps}


def delays(at: dict[int, float], seen: list[dict[int, float]]) -> dict[str, Any]:
    """What was never seen, since a page shows the newest only, is not among them; ``of`` says how many were to be."""
    found = spread([one[seq] - at[seq] for one in seen for seq in one if seq in at])
    return {"p50": found["p50"], "p95": found["p95"], "n": len(found["values"]), "of": len(at) * len(seen)}


def open_page(context: BrowserContext, address: str) -> Page:
    page = context.new_page()
    page.goto(address)
    wait_until(lambda: page.evaluate("window.readyAt"), seconds=30, what="the socket of a page")
    page.evaluate(SEEN)
    return page


def plan_of(number: int, site: str, run: Run) -> Plan:
    """Each is somebody else."""
    cookies = signed_in(person("viewer", name=f"reader-{number}")).cookies
    return Plan(site, cookies.output(attrs=[], header="", sep=";").strip(), str(run.pk), number)
