"""kill -9 of a random process of the cluster, two seconds after it was whole, while mixed runs are under way.

Of ten, six are orders, one is told by events (four runs that hear each other's signals), two are of the mix (maps,
parallels, sub-runs, locks, signals: `mix.py`), and one is a row of a file. What counts is outside: the shop's own
ledger, in another process with a database of its own, and acme's, in a file, say whether each effect happened and
happened once. `make chaos` plays 150 of them; CHOREO_TEST_CHAOS_RUNS says how many, CHOREO_TEST_CHAOS_SECONDS for how
long there is killing, if not until all are over.
"""

import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import User

from choreo_site.demo.models import Shipment
from choreo_site.seeding import seed_examples
from designer.graph import sample
from designer.models import Workflow
from runs.actions import claim_review, decide_review, start_run
from runs.engine import OVER, RunStatus
from runs.models import NamedLock, Review, Run, Work
from tests.chaos.killing import Killer
from tests.chaos.mix import overlapping, publish_mix, start_file, start_mix, wrong_ends, wrong_lines
from tests.demo.shop_process import ShopProcess
from tests.promises import check_run
from tests.servers import Cluster, child_environment

pytestmark = [pytest.mark.chaos]

RUNS = int(os.environ.get("CHOREO_TEST_CHAOS_RUNS", "20"))
EVERY = 2.0
WHOLE = 7  # processes of a cluster with two workers
KILLING = float(os.environ.get("CHOREO_TEST_CHAOS_SECONDS", 2 * EVERY + RUNS * 0.6))  # seconds, at most
PATIENCE = max(180.0, RUNS * 0.6)  # seconds after the last kill, for all that is left then

ALL_DONE = {
    *("stock.reserve", "payments.charge", "courier.book", "billing.invoice", "mail.order_placed"),
    "courier.await_pod",
}
# What the shop is told to do with an order, how often, and which effects must stand at the end.
SCENARIOS: dict[str, tuple[int, set[str]]] = {
    "none": (6, ALL_DONE),
    "high_risk": (2, ALL_DONE),
    "courier_recovers": (2, ALL_DONE),
    "rate_limited": (2, ALL_DONE),
    "charge_answer_lost": (2, ALL_DONE),
    "courier_fails": (4, set()),
    "card_declined": (1, set()),
    "refund_fails": (1, {"payments.charge", "stock.reserve"}),
}
# The same of an order that is told by events.
TOLD_BY_EVENTS = {"none": {"stock.reserve", "payments.charge", "courier.book"}, "courier_fails": set()}


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[ShopProcess]:
    opened = ShopProcess(tmp_path / "shop.sqlite3")
    yield opened
    opened.close()


@pytest.fixture
def workers(
    transactional_db: None, shop: ShopProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Cluster]:
    monkeypatch.setenv("ACME_LEDGER", str(tmp_path / "ledger"))
    environment = child_environment(
        CHOREO_SHOP_URL=shop.url,
        CHOREO_LEASE_SECONDS="5",
        CHOREO_BEAT_SECONDS="1",
        CHOREO_DATA_DIR=str(tmp_path),
    )
    cluster = Cluster(environment)
    cluster.start()
    yield cluster
    cluster.stop()


def test_no_run_is_lost_and_every_effect_happens_once(workers: Cluster, shop: ShopProcess) -> None:
    admin = User.objects.create_superuser("admin")
    seed_examples(by=admin)
    publish_mix(by=admin)
    mixed, rows, by_events = RUNS // 5, RUNS // 10, max(2, RUNS // 10)
    told = start_orders(RUNS - mixed - rows - by_events, by_events)
    start_mix(mixed)
    upload = start_file(rows, by=admin)
    killer = Killer(lambda: living(workers), every=EVERY, seed=RUNS, whole=WHOLE)
    killer.start()
    began = time.monotonic()
    watch(admin, workers, until=began + KILLING)
    killer.stop()
    left, last = Run.objects.exclude(status__in=OVER).count(), time.monotonic()
    watch(admin, workers, until=last + PATIENCE)
    took, after = time.monotonic() - began, time.monotonic() - last
    print(f"\n{RUNS} starts, {Run.objects.count()} runs, {killer.kills} kills, {took:.0f} s")
    print(f"  {left} runs were left at the last kill, and over {after:.0f} s after it")
    tell()
    lost = [run for run in Run.objects.all() if run.status not in OVER]
    assert not lost, [(run.key, run.status, run.reason, run.seq) for run in lost]
    for run in Run.objects.all():
        check_run(run)
    wrong = wrong_effects(shop, told)
    for order in wrong:
        tell_of(order)
    assert wrong == {}
    assert (wrong_ends(), wrong_lines(mixed, rows), overlapping()) == ([], {}, [])
    upload.refresh_from_db()
    assert (upload.taken, upload.begun, upload.is_under_way) == (rows, rows, False)
    assert not Work.objects.exists() and not NamedLock.objects.exists()


def test_a_table_is_loaded_once_though_its_workers_are_killed(workers: Cluster) -> None:
    admin = User.objects.create_superuser("admin")
    seed_examples(by=admin)
    version = published("table_import")
    runs = [start_run(version=version, inputs=sample(version.document["input"])) for _ in range(3)]
    killer = Killer(lambda: living(workers), every=0.7, seed=3)
    killer.start()
    watch(admin, workers, until=time.monotonic() + 8)
    killer.stop()
    watch(admin, workers, until=time.monotonic() + PATIENCE)
    assert killer.kills > 3
    counts = Counter(Shipment.objects.values_list("load", flat=True))
    assert len(counts) == len(runs)
    assert len(set(counts.values())) == 1
    for run in runs:
        run.refresh_from_db()
        assert run.status == RunStatus.SUCCEEDED
        check_run(run)


def published(key: str):
    return Workflow.objects.select_related("published").get(key=key).published


def start_orders(alone: int, by_events: int) -> dict[str, tuple[str, set[str]]]:
    """What the shop is told to do with each of them, and the effects that must stand at the end."""
    names, weights = list(SCENARIOS), [weight for weight, _ in SCENARIOS.values()]
    chosen = random.Random(RUNS).choices(names, weights, k=alone)
    told = {f"ORD-{number}": (name, SCENARIOS[name][1]) for number, name in enumerate(chosen)}
    for order, (name, _) in told.items():
        start_order("order_fulfilment", order, name)
    names = list(TOLD_BY_EVENTS)
    for number in range(by_events):
        name = names[number % len(names)]
        told[f"EVT-{number}"] = name, TOLD_BY_EVENTS[name]
        start_order("order_events", f"EVT-{number}", name)
    return told


def start_order(workflow: str, order: str, told: str) -> None:
    version = published(workflow)
    inputs = {**sample(version.document["input"]), "order_id": order, "simulate": told}
    start_run(version=version, inputs=inputs)


def living(workers: Cluster) -> list[int]:
    """The supervisor's process, if it is there."""
    return [process.pid for process in workers.processes[-1:] if process.poll() is None]


def watch(admin: User, workers: Cluster, *, until: float) -> None:
    """Approve what is asked, see to it that there is a supervisor, and stop when all runs are over."""
    while time.monotonic() < until:
        see_to(workers)
        for review in Review.objects.filter(status="open"):
            claim_review(review_id=review.pk, by=admin)
            decide_review(review_id=review.pk, outcome="approve", by=admin)
            see_to(workers)
        if not Run.objects.exclude(status__in=OVER).exists() and not Work.objects.exists():
            return
        time.sleep(0.2)


def see_to(workers: Cluster) -> None:
    """A new supervisor, as `up` would start it, where the last was killed."""
    if not living(workers):
        workers.start()


def wrong_effects(shop: ShopProcess, told: dict[str, tuple[str, set[str]]]) -> dict[str, list[str]]:
    """The orders whose ledger is not as their scenario demands."""
    assert shop.get("/ledger")["twice"] == []
    wrong = {}
    for order, (name, wanted) in told.items():
        effects = shop.get(f"/ledger?order={order}")["effects"]
        undoing = {effect["undone_by"] for effect in effects if effect["undone_by"]}
        standing = sorted(e["kind"] for e in effects if not e["undone_by"] and e["id"] not in undoing)
        if standing != sorted(wanted):
            wrong[order] = [name, *standing]
    return wrong


def tell_of(order: str) -> None:
    """What happened to the run of an order that did not come out as it should, but for what went well."""
    for run in Run.objects.filter(input__is__order_id=order):
        print(f"  {order}: {run.workflow.key} {run.status} {run.reason} {run.fault}")
        for entry in run.journal.exclude(kind__in=["AttemptStarted", "AttemptSucceeded"]).order_by("seq"):
            print(f"    {entry.seq} {entry.at:%H:%M:%S.%f} {entry.kind} {entry.no} {entry.data}")


def tell() -> None:
    ends = Counter(Run.objects.values_list("workflow__key", "status", "reason"))
    for (workflow, status, reason), count in sorted(ends.items(), key=str):
        print(f"  {workflow:18} {status}{f', {reason}' if reason else ''}: {count}")
