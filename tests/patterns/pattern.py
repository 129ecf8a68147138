"""A pattern as its file says it: what it is, the smallest definition that shows it, and what happens in its runs."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from designer.graph import read_document

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Ends:
    """How a run ends. Which steps were entered is told in order, and which were cancelled exactly."""

    status: str
    visited: list[str]
    cancelled: list[str]
    output: Any


@dataclass(frozen=True)
class Scenario:
    name: str
    input: Any
    happens: list[tuple[str, Any]]  # a verb of the stage, and what it is about
    ends: Mapping[str, Any]

    def expected(self) -> Ends:
        told = {"cancelled": [], "output": None, **self.ends}
        return Ends(told["status"], told["visited"], sorted(told["cancelled"]), told["output"])


@dataclass(frozen=True)
class Pattern:
    path: Path
    changed: dict[str, Any] | None = None

    @cached_property
    def told(self) -> dict[str, Any]:
        if self.changed is not None:
            return self.changed
        document = read_document(self.path.read_text(encoding="utf-8"))
        assert isinstance(document, dict)
        return document

    def without(self) -> "Pattern":
        """The same without the very thing that shows the pattern, so that it is another one."""
        told = deepcopy(self.told)
        for path, value in told["without"].items():
            _put(told, path.split("."), value)
        return replace(self, changed=told)

    @property
    def number(self) -> int:
        return int(self.told["number"])

    @property
    def definition(self) -> dict[str, Any]:
        found: dict[str, Any] = self.told["definition"]
        return found

    @property
    def scenarios(self) -> list[Scenario]:
        return [
            Scenario(name, one.get("input", {}), [_happening(h) for h in one.get("happens", [])], one["ends"])
            for name, one in self.told["scenarios"].items()
        ]


def _happening(told: dict[str, Any]) -> tuple[str, Any]:
    [(verb, about)] = told.items()
    return verb, about


def _put(told: Any, path: list[str], value: Any) -> None:
    """Set what stands at a path, or take it out where there is to be nothing."""
    *outer, last = path
    for part in outer:
        told = told[int(part)] if isinstance(told, list) else told.setdefault(part, {})
    if isinstance(told, list):
        told[int(last)] = value
    elif value is None:
        del told[last]
    else:
        told[last] = value


PATTERNS = [Pattern(path) for path in sorted(HERE.glob("wcp_*.yaml"))]
SCENARIOS = [(pattern, scenario) for pattern in PATTERNS for scenario in pattern.scenarios]


def title(told: tuple[Pattern, Scenario]) -> str:
    return f"{told[0].path.stem}: {told[1].name}"
