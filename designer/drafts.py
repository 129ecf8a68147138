"""Drafts as values: rows in, graph out, and back."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from designer import catalog
from designer.graph import (
    Action,
    AnyStep,
    Contract,
    Graph,
    Problem,
    RunWorkflow,
    Severity,
    awaited_signals,
    check,
    decode_header,
    decode_step,
    encode_header,
    encode_step,
    secrets_named,
)
from designer.models import Draft, Step
from designer.secrets import secret_names
from designer.step_types import offered_contracts
from designer.versions import emitted_signals
from designer.workflow_contracts import contract_to_be, find_workflow_contract, offered_workflows

APART = ("kind", "title", "does")  # of a step's document: columns of their own


def graph_of_draft(draft: Draft) -> Graph:
    """The draft as it stands, with the contracts its steps would have if it were published now."""
    steps = {row.key: decode_step(row.key, _whole(row), row.scope) for row in draft.steps.all()}
    return with_contracts(replace(decode_header(draft.header), steps=steps), draft.workflow.team_id)


def with_contracts(graph: Graph, team: int | None = None) -> Graph:
    """``graph`` with what is known of each reference in it; what is unknown, or another team's, is left out."""
    return replace(graph, contracts=contracts_of(graph, team))


def contracts_of(graph: Graph, team: int | None = None) -> dict[str, Contract]:
    found = {
        reference: catalog.find(reference) for step in graph.steps.values() for reference in _references(step)
    }
    started = {step.runs: _started_by(graph, step.runs, team) for step in _starting(graph)}
    workflows = {reference: contract for reference, contract in started.items() if contract}
    return workflows | {reference: step_type.contract for reference, step_type in found.items() if step_type}


def _started_by(graph: Graph, reference: str, team: int | None) -> Contract | None:
    """One that starts itself starts what it will be: the newest version, even where there is none yet."""
    itself = reference == graph.key
    return contract_to_be(graph, "0.0.0") if itself else find_workflow_contract(reference, team)


def problems_of(draft: Draft) -> tuple[Problem, ...]:
    """What is wrong with a draft, errors first."""
    return problems_in(graph_of_draft(draft), draft.workflow.team_id)


def problems_in(graph: Graph, team: int | None = None) -> tuple[Problem, ...]:
    """What is wrong with a graph that has its contracts, in a workflow of this team; fixes may offer whatever the
    catalog has."""
    kept = secret_names(team) if secrets_named(graph) else None
    heard = emitted_signals(team) if any(awaited_signals(step) for step in graph.steps.values()) else None
    workflows = offered_workflows(team) if any(_starting(graph)) else {}
    return check(graph, {**offered_contracts(), **workflows, **graph.contracts}, kept, heard)


def errors_in(graph: Graph, team: int | None = None) -> tuple[Problem, ...]:
    """The problems that keep a draft from being published."""
    return tuple(problem for problem in problems_in(graph, team) if problem.severity is Severity.ERROR)


def store_graph(draft: Draft, before: Graph, after: Graph) -> None:
    """Write what differs into the rows of ``draft``, under its current revision."""
    draft.header = encode_header(after)
    draft.save(update_fields=["header", "revision", "edited_at", "edited_by"])
    rows = {row.key: row for row in draft.steps.all()}
    draft.steps.filter(key__in=rows.keys() - after.steps.keys()).delete()
    added, changed, moved = [], [], []
    for position, step in enumerate(after.steps.values()):
        row = rows.get(step.key)
        if row is None:
            added.append(
                Step(draft=draft, key=step.key, position=position, revision=draft.revision, **_columns(step))
            )
        elif before.steps.get(step.key) is not step:
            changed.append(_filled(row, position=position, revision=draft.revision, **_columns(step)))
        elif row.position != position:
            moved.append(_filled(row, position=position))
    Step.objects.bulk_create(added)
    Step.objects.bulk_update(changed, ["kind", "scope", "title", "does", "document", "position", "revision"])
    Step.objects.bulk_update(moved, ["position"])


def _starting(graph: Graph) -> Iterator[RunWorkflow]:
    return (step for step in graph.steps.values() if isinstance(step, RunWorkflow) and step.runs)


def _references(step: AnyStep) -> list[str]:
    if not isinstance(step, Action):
        return []
    return [reference for reference in (step.does, step.compensate and step.compensate.does) if reference]


def _whole(row: Step) -> Mapping[str, Any]:
    return {"kind": row.kind, **_given(title=row.title, does=row.does), **row.document}


def _given(**texts: str) -> dict[str, str]:
    return {name: text for name, text in texts.items() if text}


def _columns(step: AnyStep) -> dict[str, Any]:
    document = encode_step(step)
    columns = {name: document.pop(name, "") for name in APART}
    return {**columns, "scope": step.scope, "document": document}


def _filled(row: Step, **columns: Any) -> Step:
    for name, value in columns.items():
        setattr(row, name, value)
    return row
