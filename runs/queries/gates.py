"""Runs that wait at the gate of their workflow, and the limit that keeps them there, as a sentence."""

from collections.abc import Collection, Mapping
from uuid import UUID

from designer.models import Workflow
from runs.actions import begun_lately, in_flight, let_through
from runs.models import Limits, Work
from runs.models.lanes import PARKED


def held_back(runs: Collection[UUID]) -> Mapping[UUID, str]:
    """What each of these runs waits for; those that wait for a worker alone are left out."""
    if not runs:
        return {}
    parked = Work.objects.filter(run__in=runs, lane=PARKED, gate__isnull=False).values_list("run", "gate")
    gates = {run: gate for run, gate in parked if run is not None}
    said = {limits.pk: gate_sentence(limits) for limits in Limits.objects.filter(pk__in=gates.values())}
    return {run: sentence for run, gate in gates.items() if gate and (sentence := said[gate])}


def gate_sentence(limits: Limits) -> str:
    """Empty where there is a place, and the gate is about to be opened."""
    under_way = let_through(limits.pk)
    most = limits.max_running
    if most is not None and (count := in_flight(limits.pk) + under_way) >= most:
        return f"Waits: {count} of {most} runs of this workflow are in flight."
    rate = limits.starts_per_minute
    if rate is not None and (count := begun_lately(limits.pk) + under_way) >= rate:
        return f"Waits: {count} of {rate} starts of this minute are used up."
    return ""


def gate_figures(workflow: Workflow) -> tuple[Limits, int, int]:
    """The limits, those that nobody has set among them; how many runs are in flight, and how many wait for a place."""
    limits = Limits.objects.filter(pk=workflow.pk).first() or Limits(workflow=workflow)
    waiting = Work.objects.filter(gate=workflow.pk, lane=PARKED).count()
    return limits, in_flight(workflow.pk), waiting
