"""The tables of moves, and the picture that is drawn of them."""

from itertools import product

import pytest

from runs.engine import MOVES, OVER, RUN_MOVES, ActiveStep, IllegalMove, RunState, RunStatus, Status
from runs.engine.status import check_move, check_run_move

from .draw_states import PAGE, draw


def test_the_picture_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == draw(), "run: python -m tests.engine.draw_states"


@pytest.mark.parametrize(("old", "new"), list(product(Status, Status)))
def test_a_step_moves_as_the_table_says_and_in_no_other_way(old: Status, new: Status) -> None:
    if new in MOVES[old]:
        check_move(old, new)
        return
    with pytest.raises(IllegalMove, match=f"a step may not go from {old} to {new}"):
        check_move(old, new)


@pytest.mark.parametrize(("old", "new"), list(product(RunStatus, RunStatus)))
def test_a_run_moves_as_the_table_says_and_in_no_other_way(old: RunStatus, new: RunStatus) -> None:
    if new in RUN_MOVES[old]:
        check_run_move(old, new)
        return
    with pytest.raises(IllegalMove, match=f"a run may not go from {old} to {new}"):
        check_run_move(old, new)


def test_every_status_is_in_the_tables_and_can_be_reached() -> None:
    assert set(MOVES) == set(Status)
    assert set(RUN_MOVES) == set(RunStatus)
    assert set(Status) - {Status.READY} == set().union(*MOVES.values()) - {Status.READY}
    assert set(RunStatus) - {RunStatus.READY} == set().union(*RUN_MOVES.values())


def test_from_every_status_of_a_run_an_end_can_be_reached() -> None:
    reached = set(OVER)
    while more := {status for status, new in RUN_MOVES.items() if new & reached} - reached:
        reached |= more
    assert reached == set(RunStatus)


@pytest.mark.parametrize("status", list(RunStatus))
def test_a_status_that_is_over_says_so(status: RunStatus) -> None:
    assert status.is_over == (status in OVER)


def test_a_run_s_condition_is_the_most_telling_of_its_steps_reasons() -> None:
    def step(no: int, status: Status, reason: str | None) -> ActiveStep:
        return ActiveStep(no=no, key="a", scope="", status=status, reason=reason)  # type: ignore[arg-type]

    busy = {1: step(1, Status.RUNNING, None), 2: step(2, Status.ABANDONED, "overtaken")}
    letter = {
        **busy,
        3: step(3, Status.WAITING, "awaiting_review"),
        4: step(4, Status.WAITING, "dead_lettered"),
    }
    assert RunState(status=RunStatus.RUNNING, steps=busy).condition() is None
    assert RunState(status=RunStatus.RUNNING, steps=letter).condition() == "dead_lettered"
