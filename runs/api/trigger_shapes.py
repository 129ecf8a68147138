"""Shapes of what is asked, sent and answered about triggers and limits."""

from typing import Any

from rest_framework import serializers

from designer.api.shapes import AnyJson, Body, PageQuestion, Text, Truth, Whole
from runs.models.lanes import DEFAULT_PRIORITY, MOST_URGENT, queue_named
from runs.models.trigger import MOST_HEADERS, CatchUp, TriggerKind

from .shapes import NEXT

LARGEST = 1_000_000
# The fields that only one kind has.
OWN = {
    "cron": {"cron", "zone", "catch_up"},
    "webhook": {"headers"},
    "signal": {"signal", "condition"},
}


class TriggerShape(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    workflow = serializers.CharField(source="workflow.key")
    version = serializers.IntegerField(
        source="version.number", default=None, allow_null=True, help_text="Null: the newest."
    )
    kind = serializers.ChoiceField(TriggerKind.values)
    title = serializers.CharField()
    enabled = serializers.BooleanField()
    input = AnyJson(allow_null=True, help_text="The template of the run's input; null: what came, as it is.")
    cron = serializers.CharField()
    zone = serializers.CharField()
    catch_up = serializers.ChoiceField(CatchUp.values)
    next_at = serializers.DateTimeField(allow_null=True)
    headers = serializers.ListField(child=serializers.CharField())
    signal = serializers.CharField()
    condition = serializers.CharField()
    address = serializers.URLField(allow_null=True, help_text="Where a webhook is called.")
    made_by = serializers.CharField(allow_null=True)
    made_at = serializers.DateTimeField()
    started = serializers.IntegerField(help_text="How many runs it has started.")
    missed = serializers.IntegerField(help_text="Moments that were not caught up with.")
    refused = serializers.IntegerField()
    last_refusal = serializers.CharField()
    last_refused_at = serializers.DateTimeField(allow_null=True)


class TriggerMade(TriggerShape):
    secret = serializers.CharField(help_text="What callers of a webhook sign with. It is told this once.")


class TriggerPage(serializers.Serializer[Any]):
    items = TriggerShape(many=True)
    next = serializers.URLField(allow_null=True, help_text=NEXT)


class TriggerQuestion(PageQuestion):
    workflow = serializers.CharField(required=False, max_length=64)
    kind = serializers.ChoiceField(TriggerKind.values, required=False)


class TriggerBody(Body):
    workflow = Text(max_length=64, help_text="The workflow's key.")
    kind = serializers.ChoiceField(TriggerKind.values)
    title = Text(max_length=120, help_text="What people call it.")
    enabled = Truth(required=False, default=True)
    version = Whole(
        required=False,
        min_value=1,
        max_value=2**31 - 1,
        help_text="A published version; the newest if left out.",
    )
    input = AnyJson(
        required=False,
        allow_null=True,
        help_text="A template; it reads `input` and `now`. Left out: what came.",
    )
    cron = Text(required=False, max_length=100, help_text="Five fields, such as `0 9 * * 1-5`.")
    zone = Text(
        required=False, max_length=64, help_text="A time zone, such as Europe/Berlin; UTC if left out."
    )
    catch_up = serializers.ChoiceField(CatchUp.values, required=False)
    headers = serializers.ListField(
        child=Text(max_length=64),
        required=False,
        max_length=MOST_HEADERS,
        help_text="Those that the template may read.",
    )
    signal = Text(required=False, max_length=100)
    condition = Text(required=False, allow_blank=True, max_length=1_000)

    def validate_headers(self, headers: list[str]) -> list[str]:
        return [name.lower() for name in headers]

    def validate(self, sent: dict[str, Any]) -> dict[str, Any]:
        foreign = set().union(*(names for kind, names in OWN.items() if kind != sent["kind"]))
        if wrong := sorted(foreign & sent.keys()):
            raise serializers.ValidationError({wrong[0]: [f"A {sent['kind']} trigger has no {wrong[0]}."]})
        if sent["kind"] == TriggerKind.CRON and "cron" not in sent:
            raise serializers.ValidationError({"cron": ["Say when: five fields, such as 0 9 * * 1-5."]})
        return sent


class LimitsShape(serializers.Serializer[Any]):
    workflow = serializers.CharField(source="workflow.key")
    max_running = serializers.IntegerField(allow_null=True)
    starts_per_minute = serializers.IntegerField(allow_null=True)
    priority = serializers.IntegerField()
    queue = serializers.CharField()
    in_flight = serializers.IntegerField(help_text="Runs that have begun and not ended.")
    waiting = serializers.IntegerField(help_text="Runs that wait for a place.")


class LimitsBody(Body):
    max_running = Whole(
        required=False, default=None, allow_null=True, min_value=1, max_value=LARGEST,
        help_text="Runs in flight at once; null: as many as there are.",
    )  # fmt: skip
    starts_per_minute = Whole(
        required=False, default=None, allow_null=True, min_value=1, max_value=LARGEST,
        help_text="Runs that begin in any minute.",
    )  # fmt: skip
    priority = Whole(
        required=False,
        default=DEFAULT_PRIORITY,
        min_value=0,
        max_value=MOST_URGENT,
        help_text="9 comes first.",
    )
    queue = Text(
        required=False, default="", allow_blank=True, max_length=32, help_text="Empty: the default queue."
    )

    def validate_queue(self, queue: str) -> str:
        try:
            return queue_named(queue)
        except ValueError as flaw:
            raise serializers.ValidationError(str(flaw)) from flaw
