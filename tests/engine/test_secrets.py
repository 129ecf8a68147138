"""Secrets: the engine hands on where they go, and never has one."""

from designer.graph import Compensate

from .flows import REFUSED, act, chain, flow, saga
from .play import drive

UNDO = Compensate(does="demo.undo@1.0.0", inputs={"token": "Bearer ${ secret.token }"})


def test_a_call_is_ordered_with_a_placeholder() -> None:
    play = drive(flow(act("a", inputs={"token": "${ secret.token }"})))
    assert play.inputs[1, "do"] == {"token": "⟦secret.token⟧"}


def test_so_is_an_undo() -> None:
    play = drive(flow(*chain(saga("a", compensate=UNDO), act("b"))), {"b": REFUSED})
    assert play.inputs[1, "undo"] == {"token": "Bearer ⟦secret.token⟧"}


def test_nothing_else_can_read_one() -> None:
    play = drive(flow(act("a", assign={"kept": "${ secret.token }"})))
    assert play.end == ("failed", None)
