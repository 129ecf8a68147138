"""Performing one attempt: a stranger's code on one side, a report on the other, and nothing else gets through."""

import asyncio
import json
import os
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connections
from django.utils import timezone
from django_q.exceptions import TimeoutException
from psycopg.pq import TransactionStatus

from designer import catalog
from designer.catalog import Context, ContractViolation, StepType, StepTypeNotFound
from designer.graph import marked_names, with_secrets
from designer.secrets import SecretUnknown, secret_values
from runs.actions import Assignment, Report
from runs.engine import Fault
from runs.models import Run
from runs.redaction import LEAST, Redactor, redacting
from runs.veil import scalars, values_named

from .alarm import Alarm, TimeIsUp

LONGEST_MESSAGE, LONGEST_NAME = 2_000, 100
# An asynchronous step is asked to end in its own way; the alarm comes after that.
ASYNC_GRACE = 2.0


class Spoiled(Exception):
    """The attempt failed on our side of the contract."""

    def __init__(self, name: str, message: str, *, retryable: bool = False) -> None:
        super().__init__(message)
        self.name, self.message, self.retryable = name, message, retryable


@dataclass(frozen=True, slots=True)
class Attempt:
    """An assignment on its way through a worker."""

    assignment: Assignment
    step_type: StepType
    inputs: Any  # with the secrets' values
    deadline: datetime | None

    @property
    def seconds(self) -> float | None:
        return self.assignment.timeout.total_seconds() if self.assignment.timeout else None

    @property
    def context(self) -> Context:
        given = self.assignment
        return Context(
            idempotency_key=given.idempotency_key,
            run=str(given.run_id),
            step=given.key,
            attempt=given.attempt,
            deadline=self.deadline,
            phase=given.phase.value,
        )


def perform(assignment: Assignment) -> Report:
    """What came of it. The step runs outside every transaction, within its timeout; this never raises."""
    secrets = secrets_for(assignment)
    return secrets if isinstance(secrets, Report) else perform_with(secrets, assignment)


def secrets_for(assignment: Assignment) -> Mapping[str, str] | Report:
    """The secrets that its inputs name; where there is one that is not to be had, the report that says so."""
    try:
        return _secrets(assignment)
    except Spoiled as spoiled:
        return Report(fault=_fault(assignment, spoiled))


def perform_with(secrets: Mapping[str, str], assignment: Assignment) -> Report:
    """`perform`, once the secrets are known."""
    assert not any(c.in_atomic_block for c in connections.all(initialized_only=True)), "a transaction is open"
    # What is marked as sensitive is the step's to give back, but not to log.
    with redacting(secrets.values()) as redactor, redacting(_marked(assignment)):
        try:
            return Report(output=_performed(assignment, secrets, redactor))
        except Spoiled as spoiled:
            spoiled.message = redactor.text(spoiled.message)
            return Report(fault=_fault(assignment, spoiled))


def _marked(assignment: Assignment) -> list[str]:
    """The texts and numbers in fields that the contract marks."""
    names = marked_names(assignment.contract.input)
    found = values_named(assignment.inputs, names) if names else ()
    return [text for value in found for each in scalars(value) if len(text := str(each)) >= LEAST]


def _performed(assignment: Assignment, secrets: Mapping[str, str], redactor: Redactor) -> Any:
    """The output. Only from here on are the secrets' values in the inputs, and nothing else has them."""
    step_type = _step_type(assignment)
    inputs = with_secrets(assignment.inputs, assignment.secrets, secrets) if secrets else assignment.inputs
    attempt = Attempt(assignment, step_type, inputs, _deadline(assignment))
    output = redactor.value(_output(attempt))
    _check_output(step_type, output)
    return output


def _secrets(assignment: Assignment) -> dict[str, str]:
    named = frozenset().union(*assignment.secrets.values())
    try:
        return secret_values(named, _team(assignment)) if named else {}
    except SecretUnknown as unknown:
        raise Spoiled("SecretUnknown", str(unknown)) from unknown


def _team(assignment: Assignment) -> int | None:
    """Whose workflow it is of: another team's secrets are not for it."""
    return Run.objects.values_list("workflow__team", flat=True).get(pk=assignment.run_id)


def _step_type(assignment: Assignment) -> StepType:
    try:
        return catalog.resolve(assignment.contract.reference)
    except StepTypeNotFound as missing:
        message = f"This worker does not have {assignment.contract.reference}: {missing}"
        raise Spoiled("StepTypeMissing", message, retryable=True) from missing


def _deadline(assignment: Assignment) -> datetime | None:
    return timezone.now() + assignment.timeout if assignment.timeout else None


def _output(attempt: Attempt) -> Any:
    """Raises Spoiled, whatever the step does: here alone a stranger's exceptions are caught, all of them."""
    alarm, worker, output, raised = Alarm(), os.getpid(), None, None
    try:
        output = _call(attempt, alarm)
    except BaseException as exception:
        raised = exception
    if os.getpid() != worker:
        # A child that the step forked has run on to here. It must not report, nor work on, as the worker it was.
        os._exit(1)
    try:
        _check_end(attempt, alarm, raised)
    finally:
        # It holds the step's frames, and they hold what the step had open, such as a lock, until they are freed.
        raised = None
    return output


def _check_end(attempt: Attempt, alarm: Alarm, raised: BaseException | None) -> None:
    """Whether the step came to a good end. Raises Spoiled."""
    left_open = _tidy_up()
    if alarm.rang or isinstance(raised, TimeIsUp):
        # The interruption may have hit a connection in the middle of anything.
        connections.close_all()
        raise Spoiled("Timeout", f"The step did not end within {attempt.seconds:g} s.", retryable=True)
    if raised is not None:
        raise _readable_meaning(attempt, raised) from raised
    if left_open:
        raise Spoiled("TransactionLeftOpen", "The step left a database transaction open; it was rolled back.")


def _call(attempt: Attempt, alarm: Alarm) -> Any:
    step_type = attempt.step_type
    if not step_type.is_async:
        return alarm.call(lambda: step_type.perform(attempt.inputs, attempt.context), attempt.seconds)
    seconds = None if attempt.seconds is None else attempt.seconds + ASYNC_GRACE
    return alarm.call(lambda: asyncio.run(_awaited(attempt)), seconds)


async def _awaited(attempt: Attempt) -> Any:
    try:
        async with asyncio.timeout(attempt.seconds) as limit:
            return await attempt.step_type.aperform(attempt.inputs, attempt.context)
    except TimeoutError:
        if limit.expired():
            raise TimeIsUp from None
        raise


def _readable_meaning(attempt: Attempt, exception: BaseException) -> Spoiled:
    """Reading an exception runs the stranger's code once more, which may raise whatever it likes."""
    try:
        return _meaning(attempt, exception)
    except BaseException:
        return Spoiled(type(exception).__name__, "Its message cannot be read.", retryable=True)


def _meaning(attempt: Attempt, exception: BaseException) -> Spoiled:
    """An exception out of a step, in the engine's words."""
    if isinstance(exception, ContractViolation):
        name = "InputInvalid" if str(exception).startswith("input") else "OutputInvalid"
        return Spoiled(name, str(exception))
    if isinstance(exception, RecursionError):
        return Spoiled("RecursionError", "The step, or what it returned, goes too deep.")
    if isinstance(exception, TimeoutException):
        return Spoiled(
            "Timeout", f"The step has no timeout and ran into the worker's: {exception}", retryable=True
        )
    if not isinstance(exception, Exception):
        kind = type(exception).__name__
        message = f"The step raised {kind}, which would have ended the worker: {_text(exception)}"
        return Spoiled(kind, message, retryable=True)
    failure = catalog.step_error(attempt.step_type.contract, exception)
    return Spoiled(failure.name, failure.message, retryable=failure.retryable)


def _text(exception: BaseException) -> str:
    return ", ".join(str(part) for part in exception.args) or "without a message."


def _tidy_up() -> bool:
    """Whether the step left a transaction open. If so it is rolled back, and the worker gets a sound connection."""
    left_open = [c for c in connections.all(initialized_only=True) if _has_transaction(c)]
    for connection in left_open:
        connection.in_atomic_block = False
        connection.close()
        del connections[connection.alias]
    return bool(left_open)


def _has_transaction(connection: Any) -> bool:
    """Whether one is open on it: by Django's book, or by a BEGIN of the step's own that only the driver knows of."""
    if connection.in_atomic_block or connection.connection is None:
        return bool(connection.in_atomic_block)
    if not connection.autocommit:
        return True
    try:
        return _driver_has_transaction(connection)
    except sqlite3.ProgrammingError:
        connection.close()  # the step closed it under Django
        return False


def _driver_has_transaction(connection: Any) -> bool:
    if connection.vendor == "postgresql":
        return bool(connection.connection.info.transaction_status != TransactionStatus.IDLE)
    return bool(connection.connection.in_transaction)


def _check_output(step_type: StepType, output: Any) -> None:
    try:
        catalog.conform_output(step_type.contract, output)
    except ContractViolation as violation:
        raise Spoiled("OutputInvalid", str(violation)) from violation
    try:
        size = len(json.dumps(output, ensure_ascii=False, allow_nan=False).encode())
    except (ValueError, RecursionError) as problem:
        raise Spoiled("OutputInvalid", f"output is not JSON that can be stored: {problem}") from problem
    if size > settings.CHOREO_VALUE_LIMIT:
        sizes = f"{size:,} bytes as JSON; the limit is {settings.CHOREO_VALUE_LIMIT:,}"
        raise Spoiled("OutputTooLarge", f"output has {sizes}.")


def _fault(assignment: Assignment, spoiled: Spoiled) -> Fault:
    return Fault(
        name=_storable(spoiled.name, LONGEST_NAME),
        message=_storable(spoiled.message, LONGEST_MESSAGE),
        step=assignment.key,
        retryable=spoiled.retryable,
    )


def _storable(text: str, most: int) -> str:
    """Text that every database takes: no NUL, no half characters, not endless."""
    text = str(text).replace("\0", "␀").encode("utf-8", "replace").decode()
    return text if len(text) <= most else f"{text[: most - 1]}…"
