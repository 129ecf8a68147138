"""Every mutant dies, and by a promise: a broken engine must not only give another answer, it must be caught lying.

The examples of this folder are the stories in which it is given the chance; the generated lives are the second.
"""

import inspect
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from . import (
    mutants,
    mutants_of_children_and_locks,
    mutants_of_flows,
    mutants_of_openers,
    mutants_of_waits,
)
from .mutants import MUTANTS, Patch
from .test_life_of_a_run import LifeOfARun

CONSTRUCTS = (  # those that mutants like least come first
    *(
        "flows",
        "begins_anew",
        "undoing",
        "late_reports",
        "compensation",
        "parallel",
        "branches",
        "items",
        "rounds",
        "retry",
        "lost_attempts",
        "limits",
        "cancel",
        "review",
    ),
    *(
        "dead_letters",
        "catch",
        "wait",
        "children",
        "locks",
        "milestones",
        "signals",
        "first",
        "choice",
        "assign",
        "sequence",
    ),
)
LONG = {  # told last: they take as long as all others
    "test_the_state_holds_only_what_is_under_way",
    "test_the_state_of_a_long_run_is_as_small_as_that_of_a_short_one",
}
SHORT_LIVED = (
    mutants.a_join_fires_too_early,
    mutants.a_lost_attempt_costs_a_try,
    mutants.a_deadline_is_never_set,
    mutants.cancelling_leaves_the_steps_at_work,
    mutants.a_join_fires_too_late,
    mutants.tries_are_without_end,
    mutants_of_waits.who_goes_on_stays_subscribed,
    mutants_of_openers.a_map_stops_filling_up,
    mutants_of_flows.what_begins_anew_begins_without_end,
    mutants_of_children_and_locks.a_lock_is_kept_for_ever,
)
SEEDS = range(4)
LIVES = settings(
    max_examples=150,
    stateful_step_count=30,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
    report_multiple_bugs=False,
    print_blob=False,
)


def stories() -> Iterator[Callable[[], None]]:
    for construct in CONSTRUCTS:
        module = import_module(f"tests.engine.test_{construct}")
        for name, story in inspect.getmembers(module, inspect.isfunction):
            drawn = hasattr(story, "hypothesis") or inspect.signature(story).parameters
            if name.startswith("test_") and not drawn:
                yield story


STORIES = tuple(sorted(stories(), key=lambda story: story.__name__ in LONG))
KILLED: Counter[Callable[[], None]] = Counter()  # what has killed a mutant will kill others, and goes first


def lives() -> Iterator[Callable[[], None]]:
    for number in SEEDS:
        yield partial(run_state_machine_as_test, seed(number)(LifeOfARun), settings=LIVES)


def broken_promise(chance: Callable[[], None]) -> str | None:
    """Where the engine was caught; None where it was not, or only gave an answer the story did not expect."""
    try:
        chance()
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        if any(frame.name == "feed" and Path(frame.filename).name == "shell.py" for frame in frames):
            return f"{type(error).__name__} in {frames[-1].name}"
    return None


def test_without_a_mutant_no_promise_is_broken() -> None:
    assert not [story.__name__ for story in STORIES if broken_promise(story)]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.__name__)
def test_it_dies(mutant: Patch, monkeypatch: pytest.MonkeyPatch) -> None:
    mutant(monkeypatch)
    chances = (*sorted(STORIES, key=lambda story: -KILLED[story]), *lives())
    killer = next(filter(broken_promise, chances), None)
    assert killer, f"{mutant.__name__} has survived"
    KILLED[killer] += 1


@pytest.mark.parametrize("mutant", SHORT_LIVED, ids=lambda mutant: mutant.__name__)
def test_generated_lives_alone_are_enough(mutant: Patch, monkeypatch: pytest.MonkeyPatch) -> None:
    mutant(monkeypatch)
    assert any(map(broken_promise, lives())), f"{mutant.__name__} has survived"
