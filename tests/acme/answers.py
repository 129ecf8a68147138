"""What the world outside answers: a file beside the ledger says it, the ledger says how often it was asked.

For each case (``of``) and state stand the answers, one for each time that it is asked. Whoever asks again with the
same key is given the same answer again: a worker that died does not know that it has asked.
"""

import json
import os
import signal
from pathlib import Path
from typing import Any

from tests.acme import ledger


def answers_file() -> Path:
    return ledger.ledger_file().with_suffix(".answers")


def write(answers: dict[str, Any]) -> None:
    answers_file().write_text(json.dumps(answers))


def answer(of: str, state: str, sent: Any, key: str) -> Any:
    """The output of a call. Raises an error of the name that the answer has."""
    return said(result_of(of, state, sent, key))


def result_of(of: str, state: str, sent: Any, key: str) -> dict[str, Any]:
    """What comes of a call: an output, an error, or that it does not end in time."""
    ledger.append("answer", key, json.dumps({"of": of, "state": state, "sent": sent}))
    asked = [line["key"] for line in ledger.lines() if is_about(line, of, state)]
    known = json.loads(answers_file().read_text())[of][state]
    if known.get("kills") and len(asked) == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return drawn(known, list(dict.fromkeys(asked)).index(key), sent)


def is_about(line: ledger.Line, of: str, state: str) -> bool:
    if line["kind"] != "answer":
        return False
    note = json.loads(line["note"])
    return (note["of"], note["state"]) == (of, state)


def drawn(known: dict[str, Any], number: int, sent: Any) -> dict[str, Any]:
    """Of the answers of a state the one of this number, or where calls come in any order, the one for what was sent."""
    fitting = [one for one in known["answers"] if not known.get("by_request") or one["request"] == sent]
    last = len(fitting) - 1
    assert number <= last or known.get("by_request") or known.get("repeat_last"), "it is asked too often"
    found: dict[str, Any] = fitting[min(number, last)]["result"]
    return found


def said(result: dict[str, Any]) -> Any:
    if "output" in result:
        return result["output"]
    name = "Timeout" if result.get("timeout") else result["error"]
    raise type(name, (Exception,), {})(result.get("cause") or "")


def sent(of: str) -> list[tuple[str, Any]]:
    """The state and the payload of each call that a case has made, each told once."""
    notes = {line["key"]: json.loads(line["note"]) for line in ledger.lines() if line["kind"] == "answer"}
    return [(note["state"], note["sent"]) for note in notes.values() if note["of"] == of]
