"""Rows and values in the shapes that are answered."""

from dataclasses import asdict
from typing import Any

from designer.graph import Contract, Problem, Severity
from designer.models import Draft, Version, Workflow

from .shapes import CheckShape, StepTypeShape, VersionShape, WorkflowShape


def told_workflow(workflow: Workflow) -> Any:
    return WorkflowShape(workflow).data


def told_version(version: Version) -> Any:
    return VersionShape(version).data


def told_step_type(contract: Contract) -> Any:
    return StepTypeShape(contract).data


def told_check(problems: tuple[Problem, ...], draft: Draft | None = None) -> Any:
    return CheckShape(
        {
            "publishable": all(problem.severity is not Severity.ERROR for problem in problems),
            "revision": draft.revision if draft else None,
            "problems": [_told_problem(problem) for problem in problems],
        }
    ).data


def _told_problem(problem: Problem) -> dict[str, Any]:
    fix = problem.fix
    operation = type(fix.operation).__name__ if fix else ""
    told = {name: value for name, value in asdict(problem).items() if name != "fix"}
    return {**told, "fix": {"label": fix.label, "operation": operation} if fix else None}
