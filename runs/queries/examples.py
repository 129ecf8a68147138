"""Values of the newest finished run, as the expressions of a draft would read them."""

from typing import Any

from django.db.models import Max

from designer.models import Workflow
from runs.engine import OVER, Gathered
from runs.models import Keeper, Run, StepRun

from .run_page import visible_runs

ABSENT = object()


def newest_finished_run(user: Any, workflow: Workflow) -> Run | None:
    """Of those that ``user`` may see."""
    return visible_runs(user).filter(workflow=workflow, status__in=list(OVER)).order_by("-id").first()


def values_of_run(run: Run, step: str) -> dict[str, Any]:
    """What an expression of the step with this key could have read; outputs by key, the newest of each."""
    newest = run.step_runs.filter(output__isnull=False).order_by().values("key").annotate(newest=Max("no"))
    rows = run.step_runs.filter(no__in=newest.values("newest")).only("key", "no", "output")
    outputs = {row.key: value for row in rows if (value := _opened(run, row.output)) is not ABSENT}
    variables = {row.name: _opened(run, row.value) for row in run.variables.order_by("scope")}
    given = _opened(run, run.input)
    values = {
        "steps": {key: {"output": value} for key, value in outputs.items()},
        "vars": {name: value for name, value in variables.items() if value is not ABSENT},
        "run": {
            "id": str(run.pk),
            "key": run.key,
            "workflow": run.workflow.key,
            "version": str(run.version_id),
        },
    }
    started = run.started_at or run.created_at
    values["run"]["started_at"] = values["now"] = started.isoformat()
    own = {"output": outputs[step]} if step in outputs else {}
    return {**values, **own, **({"input": given} if given is not ABSENT else {})}


def _opened(run: Run, envelope: Any) -> Any:
    """A value that stands in its row; large ones are left out, they would not be shown anyway."""
    if "stored" in envelope or "parts" in envelope:
        return ABSENT
    value = Keeper(run).open(envelope)
    if not isinstance(value, Gathered):
        return value
    ended = StepRun.objects.filter(run=run, no__in=[no for no in value.parts.values() if no is not None])
    outputs = {row.no: row.output for row in ended.only("no", "output")}
    parts = {
        name: None if outputs.get(no) is None else _opened(run, outputs[no])
        for name, no in value.parts.items()
    }
    return {name: None if part is ABSENT else part for name, part in parts.items()}
