"""What is promised of every run that is stored: the product's own check, asked after every scenario."""

from runs.models import Run
from runs.verification import check_run, find_broken

__all__ = ["check_all_runs", "check_run", "find_violations"]


def check_all_runs() -> int:
    """How many there were."""
    runs = list(Run.objects.only("pk"))
    for run in runs:
        check_run(run)
    return len(runs)


def find_violations(run: Run) -> list[str]:
    return [str(broken) for broken in find_broken(run.pk)]
