"""What is promised of every run that is stored: the product's own check, asked after every scenario."""

from runs.models import Run
from runs.verification import Broken, BrokenPromises, check_run, find_broken, verify

__all__ = ["check_all_runs", "check_run", "find_violations"]


def check_all_runs() -> int:
    """How many there were. Raises BrokenPromises."""
    found: list[Broken] = []
    report = verify(Run.objects.all(), found.append)
    if found:
        raise BrokenPromises("\n".join(f"run {broken.run}: {broken}" for broken in found))
    return report.runs


def find_violations(run: Run) -> list[str]:
    return [str(broken) for broken in find_broken(run.pk)]
