"""Two worker hosts, the clock of one of which is minutes off: nothing early, nothing stolen, nothing stuck."""

import os
import time
from pathlib import Path
from typing import Any

from runs.engine import OVER
from runs.models import Run
from tests.actions.flows import flow
from tests.factories import a_version, action
from tests.scale.hosts import Workers, wait_for_workers
from tests.scale.play import Play, lasting, noted
from tests.servers import wait_until

RUNS, PACE = 60, 0.1
NAP, PAUSE, HOLD = 2.0, 1.0, 0.2  # seconds
LASTS = NAP + PAUSE / 2 + HOLD  # at least: a pause may be half of what is said, so that not all come at once
NAPPING = flow(
    before=noted("before", next="nap"),
    nap={"kind": "wait", "for": f"{NAP:g}s", "next": "shaky"},
    shaky=action(
        "acme.flaky",
        **{"with": {"times": 1}, "retry": {"attempts": 2, "wait": f"{PAUSE:g}s"}, "next": "limited"},
    ),
    limited=lasting("acme.sleep", HOLD, timeout="30s", next="after"),
    after=noted("after"),
)


def off_by(minutes: int) -> dict[str, str]:
    """The environment of a host whose clock is so wrong."""
    here = Path(__file__).parent
    return {"PYTHONPATH": f"{here / 'skewed'}{os.pathsep}{here.parents[1]}", "CLOCK_OFF": str(minutes * 60)}


def clocks_differ(right: Workers, wrong: Workers, minutes: int) -> dict[str, Any]:
    """How long runs take by a true clock, this process's: each naps, and tries something twice with a pause."""
    wait_for_workers([right])
    play = Play(a_version({"key": "napping", **NAPPING}))
    born: dict[Any, float] = {}
    took: dict[Any, float] = {}

    def ended() -> bool:
        over = Run.objects.filter(status__in=OVER).values_list("pk", flat=True)
        took.update({pk: time.monotonic() - born[pk] for pk in over if pk not in took})
        return len(took) == RUNS and play.is_over()

    for _ in range(RUNS):
        began = time.monotonic()
        born[play.start()] = began
        ended()
        time.sleep(PACE)
    wait_until(ended, seconds=abs(minutes) * 60 + 60, what="the runs", every=0.05)
    return {
        "minutes_off": minutes,
        "asked_to_last": LASTS,
        "shortest_run": round(min(took.values()), 2),
        "longest_run": round(max(took.values()), 2),
        "the_wrong_host_said": wrong.lines("The clock of this host")[:1],
        **play.outcome(effects=2),
    }
