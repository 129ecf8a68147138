"""What the first page counts and measures, against the same reckoned from the rows one by one."""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from math import ceil
from typing import Any

import pytest
from django.utils import timezone

from designer.models import Workflow
from runs.engine import Reason, RunStatus
from runs.models import Run
from runs.queries.failures import burst_start, failure_patterns
from runs.queries.periods import PERIODS, Window
from runs.queries.tallies import tallies
from runs.queries.workflows import STRIP, Overview, newest_runs
from runs.standing import Standing, standing_of
from tests.actions.flows import echo, flow
from tests.factories import a_version
from tests.history import id_at

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]

LIVES = [
    (RunStatus.READY, None),
    (RunStatus.RUNNING, None),
    (RunStatus.RUNNING, Reason.AWAITING_REVIEW),
    (RunStatus.RUNNING, Reason.BACKING_OFF),
    (RunStatus.UNDOING, None),
    *[(RunStatus.SUCCEEDED, None)] * 6,
    (RunStatus.FAILED, Reason.GAVE_UP),
    (RunStatus.FAILED, Reason.ROLLED_BACK),
    (RunStatus.CANCELLED, Reason.ROLLED_BACK),
]


@pytest.fixture(params=[1, 2, 3])
def history(request: pytest.FixtureRequest) -> list[Run]:
    """300 runs of three workflows, in the last 40 days and mostly lately."""
    chance, now = random.Random(request.param), timezone.now()
    versions = [a_version({**flow(one=echo()), "key": f"flow_{n}"}) for n in range(3)]
    return Run.objects.bulk_create(a_past_run(chance, chance.choice(versions), now) for _ in range(300))


def a_past_run(chance: random.Random, version: Any, now: datetime) -> Run:
    status, reason = chance.choice(LIVES)
    start = now - timedelta(days=40) * chance.random() ** 4
    fault = {"name": chance.choice("ABC"), "message": "", "step": chance.choice(["one", "two"])}
    return Run(
        id=id_at(start),
        workflow_id=version.workflow_id,
        version=version,
        status=status,
        reason=reason,
        input={"is": {}},
        fault=fault if status == RunStatus.FAILED else None,
        created_at=start,
        ended_at=start + timedelta(seconds=chance.lognormvariate(1, 2)) if status.is_over else None,
    )


@pytest.fixture(params=["UTC", "Asia/Kathmandu", "America/New_York"])
def zone(request: pytest.FixtureRequest) -> Iterator[None]:
    with timezone.override(request.param):
        yield


@pytest.fixture(params=list(PERIODS))
def window(request: pytest.FixtureRequest) -> Window:
    return Window(PERIODS[request.param], timezone.now())


def inside(window: Window, runs: list[Run]) -> list[Run]:
    return [run for run in runs if window.since <= run.created_at < window.until]


def test_every_run_of_the_period_is_counted_once(history: list[Run], window: Window):
    counted, meant = tallies(window), inside(window, history)
    assert counted.of().counts == Counter(standing_of(run.status, run.reason) for run in meant)
    for workflow in Workflow.objects.all():
        own = [run for run in meant if run.workflow_id == workflow.pk]
        tally = counted.of(workflow.pk)
        assert tally.counts == Counter(standing_of(run.status, run.reason) for run in own)
        ended = [run.status for run in own if run.status in (RunStatus.SUCCEEDED, RunStatus.FAILED)]
        rate = 100 * ended.count(RunStatus.SUCCEEDED) / len(ended) if ended else None
        assert tally.success == pytest.approx(rate)


def test_every_run_lies_in_its_slice_of_time(zone: None, history: list[Run], window: Window):
    slices = tallies(window).by_slice()
    for index, tally in enumerate(slices):
        start = window.start_of(index)
        end = start + window.period.slice
        assert tally.started == sum(start <= run.created_at < end for run in inside(window, history))
    assert window.start_of(0) <= window.since < window.until < window.start_of(window.slices)


def test_percentiles_are_the_nearest_rank(history: list[Run], window: Window):
    def reckoned(runs: list[Run]) -> list[float]:
        took = sorted((run.ended_at - run.created_at).total_seconds() for run in runs if run.ended_at)
        return [took[ceil(len(took) * rank / 100) - 1] for rank in (50, 95, 99)] if took else []

    counted = tallies(window)
    for workflow in Workflow.objects.all():
        own = [run for run in inside(window, history) if run.workflow_id == workflow.pk]
        found = counted.took(workflow.pk)
        assert ([found.p50, found.p95, found.p99] if found else []) == pytest.approx(reckoned(own), abs=0.002)
        for index, took in enumerate(counted.took_by_slice(workflow.pk)):
            start = window.start_of(index)
            then = [run for run in own if start <= run.created_at < start + window.period.slice]
            assert ([took.p50, took.p95, took.p99] if took else []) == pytest.approx(
                reckoned(then), abs=0.002
            )


def test_failures_are_grouped_by_error_and_step(history: list[Run], window: Window):
    failed = [run for run in inside(window, history) if run.fault]
    reckoned = Counter((run.fault["name"], run.fault["step"], run.version.workflow.key) for run in failed)
    patterns = failure_patterns(window)
    assert {(one.error, one.step, one.workflow): one.count for one in patterns} == reckoned
    assert [one.count for one in patterns] == sorted(reckoned.values(), reverse=True)


def test_the_newest_runs_are_the_newest_forty_of_each_workflow(history: list[Run], window: Window):
    workflows = list(Workflow.objects.all())
    found = newest_runs(workflows, window)
    for workflow in workflows:
        own = sorted((run for run in history if run.workflow_id == workflow.pk), key=lambda run: run.pk)
        newest = [standing_of(run.status, run.reason) for run in own[-STRIP:]]
        assert [past.standing for past in found[workflow.pk]] == newest


def test_a_page_about_some_workflows_counts_only_these(history: list[Run], window: Window):
    workflow = Workflow.objects.order_by("key")[1]
    own = [run for run in history if run.workflow_id == workflow.pk]
    figures = Overview(window, frozenset({workflow.pk})).figures
    assert figures.tally.started == len(inside(window, own))
    assert figures.before == len(inside(window.before, own))
    living = {RunStatus.READY, RunStatus.RUNNING, RunStatus.UNDOING}
    assert figures.flying == sum(run.status in living for run in own)


def test_nothing_yet_is_nothing_and_no_mistake(window: Window):
    figures = Overview(window).figures
    assert (figures.tally.started, figures.tally.success, figures.took, figures.change) == (
        0,
        None,
        None,
        None,
    )
    assert (failure_patterns(window), figures.flying_bar, figures.success_line) == ([], [], "")


@pytest.mark.parametrize(
    ("slices", "start"),
    [
        ([0] * 24, None),
        ([1, 0, 1, 1, 0, 1, 2, 1], None),
        ([0, 0, 0, 0, 0, 0, 1, 4, 9, 2], 6),
        ([5, 0, 0, 0, 0, 0, 0, 0], 0),
        ([0, 0, 0, 0, 0, 0, 0, 2], None),
    ],
)
def test_a_burst_begins_where_the_stretch_to_its_peak_does(slices: list[int], start: int | None):
    assert burst_start(slices) == start


def test_every_status_and_reason_has_a_standing():
    found = {standing_of(status, reason) for status in RunStatus for reason in [None, *Reason]}
    assert found == set(Standing)
