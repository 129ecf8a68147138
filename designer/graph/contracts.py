"""Contracts: what a step promises to the workflows that use it.

A contract is data. The code that keeps it lives with the plug-in; a published version carries its contracts
frozen, so a run never depends on what is installed later.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Schema = Mapping[str, Any]  # a JSON Schema, Draft 2020-12


class Effect(StrEnum):
    """What performing a step does to the world outside."""

    NONE = "none"
    UNDOABLE = "undoable"
    PERMANENT = "permanent"


@dataclass(frozen=True, slots=True)
class ErrorSpec:
    name: str
    retryable: bool = True
    summary: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    key: str
    version: str  # semantic version
    title: str = ""
    summary: str = ""
    input: Schema = field(default_factory=dict)
    output: Schema = field(default_factory=dict)
    errors: tuple[ErrorSpec, ...] = ()
    idempotent: bool = False
    effect: Effect = Effect.NONE
    undone_by: str | None = None  # the key of the step type that undoes this one
    owner: str = ""
    at_most_once: bool = False
    retired: bool = False

    @property
    def is_workflow(self) -> bool:
        """Whether it is a workflow that is promised. Names of step types have a dot."""
        return "." not in self.key

    @property
    def reference(self) -> str:
        return f"{self.key}@{self.version}"
