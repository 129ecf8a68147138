"""The queue in one process: a board of its own for each test, and a worker that signs off after it."""

import mmap
from collections.abc import Iterator
from contextlib import closing

import pytest

from runs import bell
from runs.queue.board import SIZE, THE_BOARD, Board
from runs.queue.desk import desk, desk_of
from runs.queue.heartbeat import heartbeat, heartbeat_of
from runs.queue.pace import Pace


@pytest.fixture
def board() -> Iterator[Board]:
    THE_BOARD.share(mmap.mmap(-1, SIZE))
    yield THE_BOARD
    THE_BOARD.share(mmap.mmap(-1, SIZE))


@pytest.fixture
def worker(transactional_db: None, board: Board, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This process may serve tickets."""
    monkeypatch.setattr("runs.queue.tickets.THE_PACE", Pace())
    heartbeat_of.cache_clear()
    desk_of.cache_clear()
    yield
    desk().close()
    heartbeat().retire()
    heartbeat_of.cache_clear()
    desk_of.cache_clear()


@pytest.fixture
def ears(transactional_db: None) -> Iterator[bell.Listener]:
    """Hears what a broker hears."""
    with closing(bell.listen("work")) as listener:
        yield listener
