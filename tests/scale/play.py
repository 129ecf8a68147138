"""Runs to watch while hosts come and go: steps with effects, steps that last, fans; and what became of them."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

from django.core.management import call_command
from django.db import connection

from designer.models import Version
from runs.actions import start_run
from runs.engine import OVER, RunStatus
from runs.models import JournalEntry, NamedLock, Run, Work
from tests.acme import ledger
from tests.actions.flows import flow
from tests.factories import a_version, action

MOMENT = 0.3  # seconds
EFFECTS = 3 + 4  # of each run


def noted(note: str, **fields: Any) -> dict[str, Any]:
    return action("acme.record", **{"with": {"note": note}, **fields})


def lasting(does: str, seconds: float, **fields: Any) -> dict[str, Any]:
    return action(does, **{"with": {"seconds": seconds}, **fields})


# A worker holds `acme.sleep`; `acme.async_sleep` is under way at the desk beside others.
ERRAND = flow(
    first=noted("first", next="hold"),
    hold=lasting("acme.sleep", MOMENT, next="second"),
    second=noted("second", next="each"),
    each={
        "kind": "map",
        "items": ["w", "x", "y", "z"],
        "start": "one",
        "steps": {"one": noted("${ item }")},
        "next": "wait",
    },
    wait=lasting("acme.async_sleep", MOMENT, next="third"),
    third=noted("third"),
)


def an_errand() -> Version:
    return a_version({"key": "errand", **ERRAND})


class Play:
    def __init__(self, version: Version) -> None:
        self.version = version
        self.runs: list[Any] = []

    def start(self) -> Any:
        self.runs.append(start_run(version=self.version, inputs={}).pk)
        return self.runs[-1]

    @contextmanager
    def going_on(self, *, pace: float) -> Iterator[None]:
        """A run is started every so many seconds while it is open."""
        enough = threading.Event()

        def start_on() -> None:
            while not enough.wait(pace):
                self.start()
            connection.close()

        starter = threading.Thread(target=start_on)
        starter.start()
        try:
            yield
        finally:
            enough.set()
            starter.join()

    def is_over(self) -> bool:
        return not Run.objects.exclude(status__in=OVER).exists() and not Work.objects.exists()

    def outcome(self, *, effects: int) -> dict[str, Any]:
        """What became of the runs. Raises where one is lost, or where anything promised is not so."""
        assert set(Run.objects.values_list("pk", flat=True)) >= set(self.runs)
        ends = Counter(Run.objects.values_list("status", flat=True))
        assert set(ends) == {RunStatus.SUCCEEDED}, ends
        assert not NamedLock.objects.exists()
        said = StringIO()
        call_command("choreo_verify", stdout=said)  # ends the process where something is broken
        keys = Counter(line["key"] for line in ledger.lines())
        assert len(keys) == effects * len(self.runs), "an effect is missing"
        return {
            "runs": len(self.runs),
            "verified": said.getvalue().strip(),
            "effects": len(keys),
            "effects_again": sum(keys.values()) - len(keys),
            "attempts_lost": JournalEntry.objects.filter(kind="AttemptLost").count(),
            "late_reports_refused": JournalEntry.objects.filter(kind="ReportRefused").count(),
        }
