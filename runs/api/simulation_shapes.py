"""Shapes of what is sent and answered about simulations."""

from typing import Any

from rest_framework import serializers

from designer.api.shapes import AnyJson, Body, Text, Whole
from runs.engine import Phase, Reason, RunStatus
from runs.simulation import Stop


class SimulateBody(Body):
    definition = AnyJson(
        required=False, help_text="A definition, ours or a state machine of the Amazon States Language."
    )
    workflow = Text(required=False, max_length=64, help_text="Instead: the key of a published workflow.")
    version = Whole(
        required=False, min_value=1, max_value=2**31 - 1, help_text="Of the workflow; the newest if left out."
    )
    input = AnyJson(required=False, default=dict, allow_null=True)
    mocks = AnyJson(
        required=False,
        default=dict,
        help_text="Answers by the key or the title of a step: docs/simulation.md.",
    )


class VisitShape(serializers.Serializer[Any]):
    no = serializers.IntegerField()
    step = serializers.CharField(help_text="The step's key.")
    title = serializers.CharField()
    scope = serializers.CharField(help_text="Empty outside parallels, maps and loops.")
    at = serializers.DateTimeField(help_text="On the run's own clock.")


class CallShape(serializers.Serializer[Any]):
    no = serializers.IntegerField()
    step = serializers.CharField()
    title = serializers.CharField()
    attempt = serializers.IntegerField()
    phase = serializers.ChoiceField([phase.value for phase in Phase])
    payload = AnyJson(allow_null=True)
    at = serializers.DateTimeField()


class SimulatedEntryShape(serializers.Serializer[Any]):
    seq = serializers.IntegerField()
    at = serializers.DateTimeField()
    kind = serializers.CharField()
    no = serializers.IntegerField(allow_null=True)
    step = serializers.CharField(allow_null=True)
    data = AnyJson()  # type: ignore[assignment]  # a field of ours


class SimulatedShape(serializers.Serializer[Any]):
    status = serializers.ChoiceField([status.value for status in RunStatus])
    reason = serializers.ChoiceField([reason.value for reason in Reason], allow_null=True)
    stopped = serializers.ChoiceField(
        [stop.value for stop in Stop],
        help_text="Why it went no further: the run ended, it waits for what no mock answers, or a limit.",
    )
    why = serializers.CharField(help_text="The same as a sentence.")
    output = AnyJson(allow_null=True)
    error = serializers.CharField(allow_null=True)
    cause = serializers.CharField(allow_null=True)
    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(help_text="On the run's own clock, which waits for nothing.")
    visited = VisitShape(many=True, help_text="The steps in the order in which they were entered.")
    calls = CallShape(many=True, help_text="What was asked of the world outside.")
    journal = SimulatedEntryShape(many=True)
