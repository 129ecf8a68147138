"""Whatever a step does, the worker gets a report: an output that keeps the contract, or a fault that says why not."""

import asyncio
import gc
import os
import signal
import sys
import time
import weakref
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils import timezone
from django_q.exceptions import TimeoutException
from django_q.timeout import TimeoutHandler

from designer import catalog
from designer.catalog import Context, NotRetryable, Retryable, StepError, step
from designer.graph import Contract
from designer.ids import uuid7
from runs.actions import Assignment, Report
from runs.engine import Fault, Phase
from runs.queue.performing import perform

RUN = UUID("01890000-0000-7000-8000-000000000001")


def assignment(
    contract: Contract, inputs: dict[str, Any], timeout: float | None = None, **more: Any
) -> Assignment:
    return Assignment(
        **{
            "work_id": 1,
            "token": 1,
            "worker": uuid7(),
            "run_id": RUN,
            "no": 4,
            "key": "charge",
            "attempt": 1,
            "phase": Phase.DO,
            "does": contract.reference,
            "contract": contract,
            "inputs": inputs,
            "timeout": None if timeout is None else timedelta(seconds=timeout),
            "started_at": timezone.now(),
            **more,
        }
    )


def report_of(does: str, timeout: float | None = None, **inputs: Any) -> Report:
    return perform(assignment(catalog.resolve(does).contract, inputs, timeout))


def report_of_function(function: Callable[..., Any], timeout: float | None = None, **how: Any) -> Report:
    """Of a step that only does what the function does."""
    declare = step(
        "acme.passing", version="1.0.0", input={"type": "object"}, output=how.pop("output", {}), **how
    )
    with catalog.register_temporarily():
        step_type = catalog.step_type_of(declare(function))
        return perform(assignment(step_type.contract, {}, timeout))


def fault_of(function: Callable[..., Any], timeout: float | None = None, **how: Any) -> Fault:
    report = report_of_function(function, timeout, **how)
    assert report.fault is not None, f"it gave {report.output!r}"
    assert report.output is None
    assert report.fault.step == "charge"
    return report.fault


# --- what a step gives and is given ----------------------------------------------------------------------


def test_an_output():
    assert report_of("acme.add", a=1.5, b=2.0) == Report(output=3.5)


def test_an_asynchronous_step():
    assert report_of("acme.async_echo", value=[1, {"a": None}]) == Report(output=[1, {"a": None}])


def test_a_step_is_told_about_its_attempt():
    contract = catalog.resolve("acme.whoami").contract
    before = timezone.now()
    told = perform(assignment(contract, {}, 30, attempt=3, phase=Phase.UNDO)).output
    assert told.pop("pid") == os.getpid()
    deadline = datetime.fromisoformat(told.pop("deadline"))
    assert before + timedelta(seconds=30) <= deadline <= timezone.now() + timedelta(seconds=30)
    assert told == {
        "idempotency_key": f"{RUN}.charge.4.undo",
        "run": str(RUN),
        "step": "charge",
        "attempt": 3,
        "phase": "undo",
    }


def test_a_megabyte_is_an_output():
    assert report_of("acme.large", size=1_000_000).output == "x" * 1_000_000


def test_a_step_type_that_is_not_installed_may_be_there_after_the_next_deployment():
    contract = Contract(key="acme.gone", version="1.2.3")
    fault = perform(assignment(contract, {})).fault
    assert fault is not None and (fault.name, fault.retryable) == ("StepTypeMissing", True)
    assert "acme.gone@1.2.3" in fault.message


def test_the_pinned_version_is_performed_and_no_other():
    fault = perform(assignment(Contract(key="acme.echo", version="1.0.1"), {})).fault
    assert fault is not None and fault.name == "StepTypeMissing"
    assert "there is 1.0.0" in fault.message


# --- how steps fail --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "retryable"), [("Refused", False), ("Busy", True)])
def test_a_declared_error_keeps_its_name_and_the_contracts_word(name: str, retryable: bool):
    fault = report_of("acme.fail", name=name, message="not today").fault
    assert fault == Fault(name=name, message="not today", step="charge", retryable=retryable)


def test_an_exception_is_named_after_its_class():
    fault = report_of("acme.explode", message="Boom").fault
    assert fault == Fault(name="ZeroDivisionError", message="Boom", step="charge", retryable=True)


def test_a_message_is_clipped_and_made_fit_for_storing():
    def complain() -> None:
        raise StepError("Bad\0Name", "\0\ud800" + "x" * 5_000)

    fault = fault_of(complain)
    assert fault.name == "Bad␀Name"
    assert len(fault.message) == 2_000
    assert fault.message.startswith("␀?x") and fault.message.endswith("…")


@pytest.mark.parametrize("kind", [Exception, BaseException])
@pytest.mark.parametrize("answer", [ValueError("no"), SystemExit(4)])
def test_an_exception_that_cannot_be_read(kind: type[BaseException], answer: BaseException):
    class Mute:
        def __str__(self) -> str:
            raise answer

        __repr__ = __str__

    class Mean(kind):  # type: ignore[misc, valid-type]
        pass

    def raise_it() -> None:
        raise Mean(Mute())

    fault = fault_of(raise_it)
    assert (fault.name, fault.message, fault.retryable) == ("Mean", "Its message cannot be read.", True)


@pytest.mark.parametrize(
    "exception", [SystemExit(3), KeyboardInterrupt(), GeneratorExit(), asyncio.CancelledError()]
)
def test_what_would_end_the_worker_ends_the_attempt(exception: BaseException):
    def leave() -> None:
        raise exception

    fault = fault_of(leave)
    assert (fault.name, fault.retryable) == (type(exception).__name__, True)
    assert "would have ended the worker" in fault.message


def test_sys_exit_in_an_asynchronous_step():
    async def leave() -> None:
        sys.exit("bye")

    assert "bye" in fault_of(leave).message


def test_a_child_that_a_step_forks_does_not_become_a_second_worker():
    worker = os.getpid()

    def fork() -> int:
        child = os.fork()
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) if child else 0

    output = report_of_function(fork).output
    if os.getpid() != worker:
        os._exit(99)
    assert output == 1


# --- outputs that are none -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("output", "place"),
    [
        ({"eta": float("nan")}, "output.eta"),
        ([1, float("inf")], "output[1]"),
        ({"call": lambda: 1}, "output.call"),
        ({"a": {1, 2}}, "output.a"),
        ({"a": [{"b\0": 1}]}, "output.a[0]"),
        ({"a": ["x", "\0"]}, "output.a[1]"),
        ({"a": "\ud800"}, "output"),
        ({1: 2}, "output"),
    ],
)
def test_what_is_not_json_is_a_fault_that_names_the_place(output: Any, place: str):
    fault = fault_of(lambda: output)
    assert (fault.name, fault.retryable) == ("OutputInvalid", False)
    assert fault.message.startswith(place)


def test_a_backslash_is_not_a_nul():
    assert report_of_function(lambda: "\\u0000").output == "\\u0000"


def test_an_output_that_breaks_the_contract():
    fault = report_of("acme.bad_output", eta="soon").fault
    assert fault is not None and fault.name == "OutputInvalid"
    assert fault.message == "output.eta must be a number, not the text “soon”"


def test_an_output_that_contains_itself():
    endless: list[Any] = []
    endless.append(endless)
    assert fault_of(lambda: endless) == Fault(
        name="RecursionError",
        message="The step, or what it returned, goes too deep.",
        step="charge",
        retryable=False,
    )


def test_an_output_over_the_limit(settings):
    settings.CHOREO_VALUE_LIMIT = 2_000
    fault = report_of("acme.large", size=2_000).fault
    assert fault is not None and (fault.name, fault.retryable) == ("OutputTooLarge", False)
    assert fault.message == "output has 2,002 bytes as JSON; the limit is 2,000."


# --- time ------------------------------------------------------------------------------------------------


def test_a_step_that_takes_too_long():
    started = time.monotonic()
    fault = report_of("acme.sleep", 0.1, seconds=30).fault
    assert time.monotonic() - started < 5
    assert fault == Fault(
        name="Timeout", message="The step did not end within 0.1 s.", step="charge", retryable=True
    )


def test_an_asynchronous_step_that_takes_too_long():
    fault = report_of("acme.async_sleep", 0.1, seconds=30).fault
    assert fault is not None and fault.name == "Timeout"


def test_a_step_that_swallows_every_exception_gets_no_rest(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("runs.queue.alarm.REPEAT", 0.1)
    swallowed: list[BaseException] = []

    def stubborn() -> str:
        while len(swallowed) < 3:
            try:
                time.sleep(30)
            except BaseException as exception:
                swallowed.append(exception)
        return "done after all"

    assert fault_of(stubborn, 0.1).name == "Timeout"
    assert len(swallowed) == 3


def test_an_asynchronous_step_that_blocks_the_loop(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("runs.queue.performing.ASYNC_GRACE", 0.1)

    async def block() -> None:
        time.sleep(30)

    assert fault_of(block, 0.1).name == "Timeout"


def test_a_timeout_error_of_the_steps_own_is_not_ours():
    async def give_up() -> None:
        raise TimeoutError("the courier is slow")

    fault = fault_of(give_up, 30)
    assert (fault.name, fault.message) == ("TimeoutError", "the courier is slow")


def test_django_q_keeps_its_own_alarm():
    with pytest.raises(TimeoutException), TimeoutHandler(1):
        assert report_of("acme.sleep", 5.0, seconds=0.1).output == 0.1
        assert report_of("acme.sleep", 0.1, seconds=5).fault is not None
        assert 0 < signal.getitimer(signal.ITIMER_REAL)[0] <= 0.9
        time.sleep(5)


def test_an_alarm_that_fell_due_meanwhile_comes_at_once():
    with pytest.raises(TimeoutException), TimeoutHandler(1):
        assert report_of("acme.sleep", 30.0, seconds=1.2).output == 1.2
        time.sleep(0.5)


def test_django_qs_alarm_in_a_step_without_a_timeout_is_a_timeout():
    with TimeoutHandler(1):
        fault = report_of("acme.sleep", seconds=30).fault
        assert signal.getitimer(signal.ITIMER_REAL) == (0, 0), "what has rung rings once"
    assert fault is not None and fault.name == "Timeout"
    assert "1 seconds" in fault.message


def test_a_step_that_plays_with_the_alarm_leaves_none_behind():
    def play() -> None:
        signal.signal(signal.SIGALRM, signal.SIG_IGN)
        signal.alarm(60)

    before = signal.getsignal(signal.SIGALRM)
    assert report_of_function(play, 30).fault is None
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
    assert signal.getsignal(signal.SIGALRM) == before


class Held:
    """Something that a step has open."""


# --- the database ----------------------------------------------------------------------------------------


def test_a_transaction_that_a_step_leaves_open_is_rolled_back(transactional_db: None):
    def forget() -> None:
        transaction.atomic().__enter__()
        User.objects.create_user("half")

    fault = fault_of(forget)
    assert (fault.name, fault.retryable) == ("TransactionLeftOpen", False)
    assert not User.objects.filter(username="half").exists()
    with transaction.atomic(durable=True):
        User.objects.create_user("whole")
    assert User.objects.filter(username="whole").exists()


def test_a_transaction_that_a_step_begins_by_hand_is_rolled_back_too(transactional_db: None):
    def forget() -> None:
        connection.cursor().execute("BEGIN")
        User.objects.create_user("half")

    assert fault_of(forget).name == "TransactionLeftOpen"
    with transaction.atomic(durable=True):
        User.objects.create_user("whole")
    assert list(User.objects.values_list("username", flat=True)) == ["whole"]


def test_a_connection_that_a_step_closes_is_opened_again(transactional_db: None):
    def close() -> None:
        User.objects.exists()
        connection.connection.close()

    report_of_function(close)
    assert not User.objects.exists()


@pytest.mark.parametrize("seconds", [30.0, 0.1], ids=["raised", "timed out"])
def test_what_a_failed_step_held_open_is_let_go_at_once(seconds: float):
    held: list[weakref.ref[Held]] = []

    def hold() -> None:
        lock = Held()
        held.append(weakref.ref(lock))
        time.sleep(0.5)
        raise ValueError("and the lock is still held")

    gc.disable()
    try:
        fault_of(hold, seconds)
        assert held[0]() is None
    finally:
        gc.enable()


def test_a_timeout_in_the_middle_of_a_transaction_leaves_a_sound_connection(transactional_db: None):
    def slow() -> None:
        with transaction.atomic():
            User.objects.create_user("half")
            time.sleep(30)

    assert fault_of(slow, 0.2).name == "Timeout"
    with transaction.atomic(durable=True):
        assert not User.objects.filter(username="half").exists()


def test_nothing_is_performed_inside_a_transaction(db: None):
    with pytest.raises(AssertionError, match="a transaction is open"):
        report_of("acme.noop")


def test_context_errors_are_the_contracts():
    def refuse(*, context: Context) -> None:
        raise context.error("Busy")

    fault = fault_of(refuse, errors=[Retryable("Busy", "Come back later."), NotRetryable("No")])
    assert (fault.name, fault.message, fault.retryable) == ("Busy", "Come back later.", True)
