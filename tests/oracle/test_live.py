"""A dozen of the cases in the database: real workers, and workers who die, come to what the oracle says."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from designer.catalog import step_error
from runs.actions import Report, is_work_due
from runs.engine import Fault
from runs.models import JournalEntry, Run
from tests.acme import answers
from tests.actions.mortal import Mortals
from tests.promises import find_violations
from tests.servers import Cluster, child_environment, wait_until

from .comparing import differences
from .definitions import corpus
from .live import Stage

SAMPLE = {  # what a case is here for, and the end of its name
    "in a row": "test_base_integrations[DYNAMODB_PUT_UPDATE_GET_ITEM]",
    "choice": "s3-sfn-lambda-bedrock/statemachine/statemachine.asl.json#15bf78@v1",
    "parallel": "synchronous-api/statemachine/statemachine.asl.json#93bb1a@v0",
    "map": "test_map_catch_error[MAP_CATCH_ERROR_OUTPUT]",
    "map of maps": "test_map_state_nested_config_distributed",
    "retry of a map": "test_map_state_retry_multiple_retriers",
    "retry": "test_base_scenarios/TestBaseScenarios/test_lambda_invoke_with_retry_base",
    "catch": "python/template.yml#c20b91@fail:TakePayment",
    "timeout": "test_timeouts/TestTimeouts/test_fixed_timeout_service_lambda",
    "wait": "test_base_wait_seconds_path[1]",
    "variables": "test_assign_base/TestAssignBase/test_base_parallel_cases[BASE_SCOPE_PARALLEL]",
    "JSONata": "test_mixed_query_language/TestMixedQueryLanguageFlow/test_task_dataflow_to_state",
    "intrinsics": "test_reference_in_map_state[MAP_STATE_REFERENCE_IN_INTRINSIC_FUNCTION]",
    "token": "test_callback/TestCallback/test_sqs_wait_for_task_token_call_chain",
    "token, too late": "test_callback/TestCallback/test_sqs_wait_for_task_token_timeout",
    "token, failed": "test_task_service_sqs/TestTaskServiceSqs/test_sqs_failure_in_wait_for_task_tok",
    "another machine": "smart-cron-job/statemachine/statemachine.asl.json#429f01@v0",
}
CASES = {
    what: next(case for case in corpus("asl_oracle") if case["id"].endswith(end))
    for what, end in SAMPLE.items()
}
HURRIED = ("before its time.", "before it was due.")  # promises that do not hold where a test lets time pass
KILLED = "TakePayment"  # the state whose first call kills the worker that makes it, before it can report


@pytest.fixture(autouse=True)
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACME_LEDGER", str(tmp_path / "ledger"))


@pytest.fixture
def workers(transactional_db: None, ledger: None) -> Iterator[Cluster]:
    cluster = Cluster(child_environment(CHOREO_LOG_LEVEL="ERROR"))
    cluster.start()
    yield cluster
    cluster.stop()


def test_real_workers_come_to_the_same_and_so_they_do_when_one_is_killed(workers: Cluster) -> None:
    stage = Stage(CASES.values(), killing=KILLED)
    wait_until(lambda: outside_goes_on(stage), seconds=60, what="the end of all runs")
    check(stage)
    assert JournalEntry.objects.filter(run=stage.runs[CASES["catch"]["id"]], kind="AttemptLost").exists()


class Dying(Mortals):
    """Each worker makes one transaction. What steps do is done, whether or not it is reported then."""

    def __init__(self, every: int) -> None:
        super().__init__()
        self.every = every

    def step(self) -> bool:
        return is_work_due() and super().step()

    def outcome(self, held: Any) -> Report:
        try:
            key = f"{held.idempotency_key} {held.attempt}"
            return Report(output=answers.answer(**held.inputs, key=key))
        except Exception as error:
            failed = step_error(held.contract, error)
            return Report(fault=Fault(name=failed.name, message=failed.message, retryable=True))


@pytest.mark.django_db
@pytest.mark.parametrize("every", [2, 3])
@pytest.mark.parametrize("what", CASES)
def test_workers_that_die_come_to_the_same(what: str, every: int) -> None:
    stage, mortals = Stage([CASES[what]]), Dying(every)
    for _ in range(400):
        if outside_goes_on(stage, mortals.step):
            break
    check(stage)


def outside_goes_on(stage: Stage, work: Callable[[], Any] = bool) -> bool:
    """Whether all has ended: what can be done is done, then what is asked is answered, then time passes."""
    if not work() and not stage.report_what_is_asked():
        stage.let_time_pass()
    return stage.are_over


def check(stage: Stage) -> None:
    assert stage.are_over
    found = {of: list(differences(case, stage.came(of))) for of, case in stage.cases.items()}
    assert not {of: flaws for of, flaws in found.items() if flaws}
    broken = [one for run in Run.objects.all() for one in find_violations(run)]
    assert not [one for one in broken if not one.endswith(HURRIED)]
