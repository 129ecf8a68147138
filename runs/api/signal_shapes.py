"""Shapes of what is asked, sent and answered about signals."""

from datetime import timedelta
from typing import Any

from rest_framework import serializers

from designer.api.shapes import AnyJson, Body, PageQuestion, Text
from designer.graph import BadDuration, parse_duration
from runs.engine import Fault
from runs.models.signal import (
    LONGEST_FAULT_MESSAGE,
    LONGEST_FAULT_NAME,
    LONGEST_KEY,
    LONGEST_NAME,
    LONGEST_SOURCE,
)

from .shapes import NEXT, FaultShape


class SignalShape(serializers.Serializer[Any]):
    id = serializers.CharField(source="event_id", help_text="What its source calls it.")
    source = serializers.CharField(help_text="Who has sent it.")  # type: ignore[assignment]  # a field of ours
    name = serializers.CharField(help_text="What has happened; the type of a CloudEvent.")
    key = serializers.CharField(help_text="What it is about.")
    subject = serializers.CharField()
    data = AnyJson(allow_null=True)  # type: ignore[assignment]  # a field of ours, not what was given
    fault = FaultShape(allow_null=True, help_text="What was waited for failed of this; else null.")
    time = serializers.DateTimeField(source="sent_at")
    received_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(
        help_text="Until then it is kept for a run that comes to wait for it."
    )
    taken = serializers.IntegerField(help_text="How many runs it has woken or started, or is about to.")
    emitted_by = serializers.UUIDField(
        source="run_id", allow_null=True, help_text="The run that has emitted it."
    )


class SignalPage(serializers.Serializer[Any]):
    items = SignalShape(many=True)
    next = serializers.URLField(allow_null=True, help_text=NEXT)


class SignalQuestion(PageQuestion):
    name = serializers.CharField(required=False, max_length=LONGEST_NAME)
    key = serializers.CharField(required=False, max_length=LONGEST_KEY)
    unmatched = serializers.BooleanField(required=False, help_text="true: those that nobody has wanted yet.")


class FaultBody(Body):
    name = Text(
        max_length=LONGEST_FAULT_NAME, help_text="What retries and fallbacks go by, such as Declined."
    )
    message = Text(
        required=False,
        default="",
        allow_blank=True,
        max_length=LONGEST_FAULT_MESSAGE,
        help_text="What people read.",
    )

    def to_internal_value(self, data: Any) -> Any:
        return Fault(**super().to_internal_value(data))


class SignalBody(Body):
    name = Text(max_length=LONGEST_NAME, help_text="What has happened, such as order.paid.")
    key = Text(max_length=LONGEST_KEY, help_text="What it is about, such as ORD-1.")
    data = AnyJson(required=False, default=None, allow_null=True)  # type: ignore[assignment]  # a field of ours
    fault = FaultBody(
        required=False,
        allow_null=True,
        help_text="What is waited for has failed: each step that waits for it fails of this, and no workflow is"
        " started. Without data.",
    )
    id = Text(
        required=False,
        max_length=LONGEST_SOURCE,
        help_text="A name of your own: sent again, it is the same signal.",
    )
    source = Text(  # type: ignore[assignment]  # a field of ours
        required=False, max_length=LONGEST_SOURCE, help_text="Who sends it; you, if left out."
    )
    subject = Text(required=False, allow_blank=True, max_length=LONGEST_SOURCE)
    time = serializers.DateTimeField(required=False, help_text="When it happened; now, if left out.")
    keep = Text(
        required=False,
        max_length=20,
        help_text="How long it waits for somebody who wants it, such as 2h; a day, if left out. 0s: not at all.",
    )

    def validate_keep(self, text: str) -> timedelta:
        try:
            return parse_duration(text)
        except BadDuration as error:
            raise serializers.ValidationError(str(error)) from error
