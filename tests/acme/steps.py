"""Acme's step types: quick and slow, sound and broken, sync and async."""

import asyncio
import os
import re
import signal
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from designer.catalog import Context, Ge, Le, NotRetryable, Retryable, step
from tests.acme import answers, ledger

type Seconds = Annotated[float, Ge(0), Le(600)]


@dataclass(frozen=True, slots=True)
class Recorded:
    key: str
    note: str


@step("acme.noop", version="1.0.0", owner="acme", idempotent=True)
def noop() -> None:
    """Do nothing."""


@step("acme.mark", version="1.0.0", owner="acme", effect="permanent", idempotent=True)
def mark() -> None:
    """Do nothing, and say that it leaves something in the world: nobody may take it for repeatable."""


@step("acme.do", version="1.0.0", owner="acme", idempotent=True)
def do() -> Any:
    """Do what the step that calls it is named after. A test says what comes of it."""


@step("acme.echo", version="1.0.0", owner="acme", idempotent=True)
def echo(value: Any = None) -> Any:
    """Give back what was given."""
    return value


@step("acme.async_echo", version="1.0.0", owner="acme", idempotent=True)
async def async_echo(value: Any = None) -> Any:
    """Give back what was given, a moment later."""
    await asyncio.sleep(0)
    return value


@step("acme.add", version="1.0.0", owner="acme", idempotent=True)
def add(a: float, b: float) -> float:
    """Add two numbers."""
    return a + b


@step("acme.whoami", version="1.0.0", owner="acme", idempotent=True)
def whoami(*, context: Context) -> dict[str, Any]:
    """Say what the context says, and which process this is."""
    return {
        "idempotency_key": context.idempotency_key,
        "run": context.run,
        "step": context.step,
        "attempt": context.attempt,
        "deadline": context.deadline.isoformat() if context.deadline else None,
        "phase": context.phase,
        "pid": os.getpid(),
    }


@step("acme.large", version="1.0.0", owner="acme", idempotent=True)
def large(size: Annotated[int, Ge(0)]) -> str:
    """Give a text of so many characters."""
    return "x" * size


@step(
    "acme.fail",
    version="1.0.0",
    owner="acme",
    idempotent=True,
    errors=[NotRetryable("Refused", "Acme refuses."), Retryable("Busy", "Acme is busy.")],
)
def fail(name: str = "Refused", message: str = "", *, context: Context) -> None:
    """Fail with the error of this name."""
    raise context.error(name, message)


@step("acme.explode", version="1.0.0", owner="acme", idempotent=True)
def explode(message: str = "Boom") -> None:
    """Raise what no contract declares."""
    raise ZeroDivisionError(message)


@step("acme.flaky", version="1.0.0", owner="acme", idempotent=True, errors=[Retryable("Flaky")])
def flaky(times: Annotated[int, Ge(0)], *, context: Context) -> int:
    """Fail in the first attempts, so many times, and then give the number of the attempt."""
    if context.attempt <= times:
        raise context.error("Flaky", f"Attempt {context.attempt} of {times} that fail.")
    return context.attempt


@step("acme.sleep", version="1.0.0", owner="acme", idempotent=True)
def sleep(seconds: Seconds) -> float:
    """Take so long."""
    time.sleep(seconds)
    return seconds


@step("acme.async_sleep", version="1.0.0", owner="acme", idempotent=True)
async def async_sleep(seconds: Seconds) -> float:
    """Take so long, and let others work meanwhile."""
    await asyncio.sleep(seconds)
    return seconds


_at: Counter[str] = Counter()


def arrive(place: str) -> None:
    """Be one of the party that is awaited there."""
    _at[place] += 1


@step("acme.meet", version="1.0.0", owner="acme", idempotent=True, errors=[NotRetryable("NobodyCame")])
async def meet(place: str, party: int, *, context: Context) -> int:
    """Go on once so many attempts of one process are at the same place."""
    arrive(place)
    end = time.monotonic() + 10
    while _at[place] < party:
        if time.monotonic() > end:
            raise context.error("NobodyCame", f"{_at[place]} of {party} are at {place}.")
        await asyncio.sleep(0.01)
    return party


@step("acme.wait", version="1.0.0", owner="acme", idempotent=True, waits=True)
def wait(seconds: Seconds) -> str:
    """Take so long beside others, and tell in which thread."""
    time.sleep(seconds)
    return threading.current_thread().name


@step(
    "acme.gate",
    version="1.0.0",
    owner="acme",
    effect="permanent",  # so that it is reported by itself: it is short where the file is there already
    idempotent=True,
    errors=[NotRetryable("StillShut")],
)
def gate(path: str, seconds: Seconds = 30.0, *, context: Context) -> bool:
    """Wait until the file is there. Another, beside it, says that the step has begun to."""
    Path(f"{path}.reached").touch()
    end = time.monotonic() + seconds
    while not Path(path).exists():
        if time.monotonic() > end:
            raise context.error("StillShut", f"{path} did not appear.")
        time.sleep(0.01)
    return True


@step(
    "acme.bad_output",
    version="1.0.0",
    owner="acme",
    idempotent=True,
    output={"type": "object", "required": ["eta"], "properties": {"eta": {"type": "number"}}},
)
def bad_output(eta: Any = "soon"):
    """Break the promise of the output."""
    return {"eta": eta}


@step("acme.record", version="1.0.0", owner="acme", effect="undoable by acme.unrecord", idempotent=True)
def record(note: str, *, context: Context) -> Recorded:
    """Leave a line in the ledger that outlives everything."""
    ledger.append("record", context.idempotency_key, note)
    return Recorded(context.idempotency_key, note)


@step("acme.unrecord", version="1.0.0", owner="acme", effect="permanent", idempotent=True)
def unrecord(note: str, *, context: Context) -> Recorded:
    """Leave a line that takes another one back."""
    ledger.append("unrecord", context.idempotency_key, note)
    return Recorded(context.idempotency_key, note)


@step("acme.record_once", version="1.0.0", owner="acme", effect="permanent", at_most_once=True)
def record_once(note: str, *, context: Context) -> Recorded:
    """Leave a line that must never stand twice, and nobody would notice if it did."""
    ledger.append("record_once", context.idempotency_key, note)
    return Recorded(context.idempotency_key, note)


@step(
    "acme.record_and_die", version="1.0.0", owner="acme", effect="undoable by acme.unrecord", idempotent=True
)
def record_and_die(note: str, times: Annotated[int, Ge(0)] = 1, *, context: Context) -> Recorded:
    """Leave a line and kill the worker before it can say so, so many times."""
    ledger.append("record_and_die", context.idempotency_key, note)
    if sum(line["key"] == context.idempotency_key for line in ledger.lines()) <= times:
        os.kill(os.getpid(), signal.SIGKILL)
    return Recorded(context.idempotency_key, note)


@step("acme.answer", version="1.0.0", owner="acme", idempotent=True)
def answer(of: str, state: str, sent: Any = None, *, context: Context) -> Any:
    """Give the answer that the test has laid out for this call."""
    return answers.answer(of, state, sent, f"{context.idempotency_key} {context.attempt}")


@step("acme.poison", version="1.0.0", owner="acme", idempotent=True)
def poison(how: str) -> None:
    """Take the worker along, or do not let go of it."""
    if how == "exit":
        os._exit(1)
    if how == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    while how == "spin":
        re.match(r"(a+)+$", "a" * 60 + "b")
    while how == "swallow":
        try:
            time.sleep(60)
        except BaseException:
            continue
