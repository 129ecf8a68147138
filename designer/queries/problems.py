"""How many problems there are, and where."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from designer.graph import Problem, Severity


@dataclass(frozen=True, slots=True)
class Counts:
    errors: int = 0
    warnings: int = 0


NONE = Counts()


def counts_of(problems: Iterable[Problem]) -> Counts:
    severities = [problem.severity for problem in problems]
    return Counts(severities.count(Severity.ERROR), severities.count(Severity.WARNING))


def counts_by_step(problems: Iterable[Problem]) -> Mapping[str | None, Counts]:
    """By the key of the step; those of the workflow itself by None."""
    found: dict[str | None, list[Problem]] = {}
    for problem in problems:
        found.setdefault(problem.step, []).append(problem)
    return {step: counts_of(held) for step, held in found.items()}
