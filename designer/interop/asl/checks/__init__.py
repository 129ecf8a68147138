"""Whether a document is a state machine, in the sense of the language's specification and of AWS's own check."""

from typing import Any

from designer.interop.asl.plain import read_machine
from designer.interop.asl.problem import BadAsl, Place, Problem

from .machine import check_machine

__all__ = ["check_asl", "check_machine"]


def check_asl(document: Any, *, express: bool = False) -> tuple[Problem, ...]:
    """Everything that is wrong with a state machine; nothing where it is valid.

    ``express``: as a machine of that type, which cannot wait for others.
    """
    try:
        machine = read_machine(document)
    except BadAsl as bad:
        return bad.problems
    place = Place()
    check_machine(machine, place, express=express)
    return tuple(place.found)
