"""Values of the newest finished run, as the expressions of a draft would read them."""

from typing import Any

from django.db.models import Max

from designer.models import Workflow
from runs.actions.lookup import run_facts
from runs.engine import OVER
from runs.models import Keeper, Run
from runs.models.outputs import each_part, made_of

from .run_page import visible_runs
from .veils import read_for, veil_of

ABSENT = object()


def newest_finished_run(user: Any, workflow: Workflow) -> Run | None:
    """Of those that ``user`` may see."""
    found = visible_runs(user).filter(workflow=workflow, status__in=list(OVER)).order_by("-id")
    return read_for(user, found.first())


def values_of_run(run: Run, step: str) -> dict[str, Any]:
    """What an expression of the step with this key could have read; outputs by key, the newest of each."""
    newest = run.step_runs.filter(output__isnull=False).order_by().values("key").annotate(newest=Max("no"))
    rows = run.step_runs.filter(no__in=newest.values("newest")).only("key", "no", "output")
    outputs = {row.key: value for row in rows if (value := _opened(run, row.output)) is not ABSENT}
    variables = {row.name: _opened(run, row.value) for row in run.variables.order_by("scope")}
    facts = {**run_facts(run), "workflow": run.workflow.key}
    values = {
        "input": _opened(run, run.input),
        "output": outputs.get(step, ABSENT),
        "steps": {key: {"output": value} for key, value in outputs.items()},
        "vars": {name: value for name, value in variables.items() if value is not ABSENT},
        "run": facts,
        "now": facts["started_at"],
    }
    veil = veil_of(run)
    return {name: veil.value(value) for name, value in values.items() if value is not ABSENT}


def _opened(run: Run, envelope: Any) -> Any:
    """A value that stands in its row; large ones are left out, they would not be shown anyway."""
    if "stored" in envelope or "parts" in envelope:
        return ABSENT
    if (made := made_of(run, envelope)) is not None:
        return each_part(made, lambda part: _part(run, part))
    return Keeper(run).open(envelope)


def _part(run: Run, envelope: Any) -> Any:
    value = ABSENT if envelope is None else _opened(run, envelope)
    return None if value is ABSENT else value
