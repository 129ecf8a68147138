"""What the processes of a cluster tell each other without a database."""

import os
import signal
from collections.abc import Callable
from itertools import pairwise

from runs.queue.board import Board, now
from tests.servers import wait_until


def in_a_fork(function: Callable[[], object]) -> int:
    """The pid of a child that called the function and waits to be killed."""
    pid = os.fork()
    if pid == 0:
        function()
        signal.pause()
        os._exit(0)
    return pid


def take_and_put_back(board: Board) -> None:
    board.take()
    board.put_back()


def end(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def test_a_ticket_is_waiting_then_in_hand_then_done(board: Board):
    seen = [(board.waiting(), board.busy())]
    for act in (board.issue, board.take, board.put_back):
        act()
        seen.append((board.waiting(), board.busy()))
    assert seen == [(0, 0), (1, 0), (0, 1), (0, 0)]


def test_forks_share_it_and_sit_apart(board: Board):
    children = [in_a_fork(board.take) for _ in range(3)]
    try:
        wait_until(lambda: board.busy() == 3, what="three workers at work")
        assert len(board.read().beats) == 3
    finally:
        for child in children:
            end(child)


def test_the_dead_are_buried_and_their_tickets_forgotten(board: Board):
    board.issue()
    child = in_a_fork(board.take)
    wait_until(lambda: board.busy() == 1, what="the worker")
    assert board.bury() == []
    end(child)
    assert board.bury() == [child]
    assert (board.waiting(), board.busy()) == (0, 0)
    assert board.bury() == []


def test_a_seat_is_used_again_and_sums_go_on(board: Board):
    for _ in range(3):
        board.issue()
        child = in_a_fork(lambda: take_and_put_back(board))
        wait_until(lambda: board.done > board.read().answered, what="the ticket's end")
        board.answer()
        end(child)
        board.bury()
    reading = board.read()
    assert (reading.taken, reading.done, reading.answered, reading.beats) == (3, 3, 3, ())


def test_lost_tickets_can_be_forgotten(board: Board):
    board.issue()
    board.issue()
    board.forget_issued()
    assert board.waiting() == 0


def test_closing_is_seen_by_all(board: Board):
    assert not board.closing
    child = in_a_fork(board.close_shop)
    wait_until(lambda: board.closing, what="the sign")
    end(child)


def test_the_clock_goes_on():
    times = [now() for _ in range(100)]
    assert all(earlier <= later for earlier, later in pairwise(times))
