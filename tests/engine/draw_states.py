"""Writes docs/states.md from the tables of moves: ``python -m tests.engine.draw_states``."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path

from runs.engine import MOVES, OVER, RUN_MOVES, RunStatus, Status

PAGE = Path(__file__).parents[2] / "docs" / "states.md"
HEAD = """# States

Drawn from `MOVES` and `RUN_MOVES` in `runs/engine/status.py` by `python -m tests.engine.draw_states`. Do not edit.
A status says where something stands and steers what happens next; a `Reason` beside it says why, and steers nothing.
"""
RUN_TEXT = """## A run

An ended run stays ended. There are two ways back: a person takes up a rollback that got stuck, and the run that has
started this one undoes it.
"""
STEP_TEXT = """## A step's life in a run

Whoever moves a step in a way that is not here gets `IllegalMove`, which is a defect of the engine. `ready` may be
left for `ready`: the next attempt is ordered. What is undone has succeeded before, or was abandoned and succeeded
after all.
"""


def draw() -> str:
    run = _section(RUN_MOVES, starts=[RunStatus.READY], ends=OVER)
    step = _section(MOVES, starts=[Status.READY], ends=[*_final(MOVES), Status.SUCCEEDED, Status.UNDO_FAILED])
    return "\n".join([HEAD, RUN_TEXT, run, STEP_TEXT, step])


def _section[S: StrEnum](moves: Mapping[S, frozenset[S]], *, starts: Iterable[S], ends: Iterable[S]) -> str:
    return f"```mermaid\n{_diagram(moves, starts, ends)}\n```\n\n{_table(moves)}\n"


def _diagram[S: StrEnum](moves: Mapping[S, frozenset[S]], starts: Iterable[S], ends: Iterable[S]) -> str:
    arrows = [f"    [*] --> {status}" for status in starts]
    arrows += [f"    {old} --> {new}" for old in moves for new in _in_order(moves, moves[old])]
    arrows += [f"    {status} --> [*]" for status in _in_order(moves, ends)]
    return "\n".join(["stateDiagram-v2", *arrows])


def _table[S: StrEnum](moves: Mapping[S, frozenset[S]]) -> str:
    rows = [f"| {old} | {', '.join(_in_order(moves, new)) or 'stays'} |" for old, new in moves.items()]
    return "\n".join(["| from | to |", "|---|---|", *rows])


def _in_order[S: StrEnum](moves: Mapping[S, frozenset[S]], statuses: Iterable[S]) -> list[S]:
    wanted = set(statuses)
    return [status for status in type(next(iter(moves))) if status in wanted]


def _final[S: StrEnum](moves: Mapping[S, frozenset[S]]) -> list[S]:
    return [status for status, new in moves.items() if not new]


if __name__ == "__main__":
    PAGE.write_text(draw(), encoding="utf-8")
