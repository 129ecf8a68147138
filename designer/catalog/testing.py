"""For authors of plug-ins: perform a step as a worker would, without a worker.

    result = perform(send_sms, to="+4930123456", body="On its way")

Both schemas are checked, so a test that passes shows that the contract is kept.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

from designer.catalog.conformance import conform_input, conform_output
from designer.catalog.context import Context, Phase
from designer.catalog.declare import step_type_of
from designer.catalog.step_type import StepType


def perform(
    step_function: Callable[..., Any] | StepType,
    *,
    attempt: int = 1,
    idempotency_key: str = "test-key",
    run: str = "test-run",
    step: str = "test_step",
    phase: Phase = "do",
    deadline: datetime | None = None,
    input: dict[str, Any] | None = None,
    **inputs: Any,
) -> Any:
    """The step's output. Inputs are given by name, or as one dict where a name is taken.

    Raises whatever the step raises, and ContractViolation.
    """
    step_type = step_function if isinstance(step_function, StepType) else step_type_of(step_function)
    context = Context(idempotency_key, run, step, attempt, deadline, phase)
    given = conform_input(step_type.contract, {**(input or {}), **inputs})
    if step_type.is_async:
        output = asyncio.run(_awaited(step_type, given, context))
    else:
        output = step_type.perform(given, context)
    return conform_output(step_type.contract, output)


async def _awaited(step_type: StepType, given: dict[str, Any], context: Context) -> Any:
    return await step_type.aperform(given, context)
