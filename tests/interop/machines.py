"""Small machines to begin with."""

from typing import Any

from designer.graph import AnyStep, Graph
from designer.interop.asl import Imported, read_asl

FUNCTION = "arn:aws:states:::lambda:invoke"
PASS: dict[str, Any] = {"Type": "Pass", "End": True}


def machine(*, language: str = "", **states: Any) -> dict[str, Any]:
    """A machine that begins with the first of its states."""
    head = {"QueryLanguage": language} if language else {}
    return {**head, "StartAt": next(iter(states)), "States": states}


def task(**fields: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": FUNCTION, **({} if "Next" in fields else {"End": True}), **fields}


def read(document: Any) -> Imported:
    return read_asl(document, key="read")


def graph_of(**states: Any) -> Graph:
    return read(machine(**states)).graph


def step_of(**state: Any) -> AnyStep:
    """The step that a machine of one state is read as."""
    return next(iter(graph_of(S=state).steps.values()))
