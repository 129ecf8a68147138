"""Triggers and limits with real workers: on time, never early, once each, whoever is killed."""

import os
import signal
import time
from datetime import datetime, timedelta

import psutil
from django.db.models import Count, F
from django.utils import timezone

from designer.models import Workflow
from runs.actions import create_trigger, set_limits, start_run
from runs.models import Run, Trigger, Work, Worker
from tests.actions.flows import echo, flow
from tests.factories import a_version, action
from tests.servers import Cluster, wait_until

ONE = flow(one=echo("x"))


def crons(workflow: Workflow, count: int, first: float, apart: float) -> dict[object, datetime]:
    """Triggers that fall due one after the other, and when."""
    now = timezone.now()
    minute, due = now.replace(second=0, microsecond=0), {}
    for n in range(count):
        made = create_trigger(
            workflow=workflow, by=None, kind="cron", title=f"T{n}", cron="* * * * *", catch_up="once"
        )
        due[made.trigger.pk] = now + timedelta(seconds=first + n * apart)
        Work.objects.filter(trigger=made.trigger).update(due_at=due[made.trigger.pk])
    Trigger.objects.update(next_at=minute)
    return due


def test_moments_are_kept(cluster: Cluster):
    workflow = a_version(ONE).workflow
    wait_until(lambda: Worker.objects.exists(), seconds=30, what="workers")
    due = crons(workflow, 20, first=2.0, apart=0.15)
    wait_until(lambda: Run.objects.values("trigger").distinct().count() == 20, seconds=60, what="the runs")
    first: dict[object, datetime] = {}
    for run in Run.objects.order_by("-created_at"):
        first[run.trigger_id] = run.created_at
    late = sorted((first[pk] - moment).total_seconds() for pk, moment in due.items())
    print(f"late: median {late[10]:.3f} s, p95 {late[18]:.3f} s, most {late[-1]:.3f} s")
    assert late[0] >= -0.005  # two clocks of one machine
    assert late[18] <= 1.5


def test_workers_that_are_killed_neither_lose_nor_double_a_moment(cluster: Cluster):
    workflow = a_version(ONE).workflow
    cluster.start()
    wait_until(lambda: Worker.objects.count() >= 2, seconds=30, what="workers")
    crons(workflow, 30, first=0.5, apart=0.1)
    for _ in range(4):
        time.sleep(0.8)
        victim = Worker.objects.order_by("?").first()
        if victim is not None and victim.pid in {child.pid for child in psutil.Process().children(True)}:
            os.kill(victim.pid, signal.SIGKILL)
    wait_until(lambda: Run.objects.values("trigger").distinct().count() == 30, seconds=60, what="the runs")
    # In one look: the ordinary next minute may come between two.
    assert not Trigger.objects.annotate(there=Count("runs")).exclude(started=F("there")).exists()
    keys = list(Run.objects.values_list("idempotency_key", flat=True))
    assert len(set(keys)) == len(keys)
    # The ordinary next minute may have come meanwhile, and for each trigger there is exactly one to come.
    assert Work.objects.exclude(trigger=None).count() == 30
    assert not Work.objects.exclude(trigger=None).filter(due_at__lt=F("trigger__next_at")).exists()


def test_limits_hold_with_real_workers(cluster: Cluster):
    version = a_version(flow(one=action("acme.sleep", **{"with": {"seconds": 0.2}, "timeout": "20s"})))
    set_limits(workflow=version.workflow, by=None, max_running=2)
    runs = [start_run(version=version, inputs={}) for _ in range(8)]
    most = 0

    def all_ended() -> bool:
        nonlocal most
        most = max(most, Run.objects.filter(status="running").count())
        return Run.objects.filter(status="succeeded").count() == 8

    wait_until(all_ended, seconds=60, what="eight runs")
    assert most <= 2
    begun = list(Run.objects.order_by("started_at").values_list("pk", flat=True))
    assert begun == [run.pk for run in runs]
