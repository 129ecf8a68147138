"""Shapes of what is asked, sent and answered about the items of maps."""

from typing import Any

from rest_framework import serializers

from designer.api.shapes import AnyJson, Body, PageQuestion, Text
from designer.graph import MOST_ITEMS
from runs.models.item import ItemStatus

from .shapes import NEXT, FaultShape

FATES = "waiting (not begun, or under way), succeeded, failed, or skipped (cancelled from outside the map)."


class ItemShape(serializers.Serializer[Any]):
    step = serializers.CharField(help_text="The map's key.")
    no = serializers.IntegerField(help_text="Which entering of a step the map is.")
    index = serializers.IntegerField(help_text="Its place in the list, from 0, as expressions have it.")
    value = AnyJson(allow_null=True, help_text="What the body is given: the item, or a batch of them.")
    status = serializers.ChoiceField(ItemStatus.values, help_text=FATES)
    fault = FaultShape(allow_null=True, help_text="Why it failed: name and message.")
    last = serializers.IntegerField(
        allow_null=True, help_text="The entering of a step that it ended with; null while it has not."
    )
    ended_at = serializers.DateTimeField(allow_null=True)


class ItemPage(serializers.Serializer[Any]):
    items = ItemShape(many=True)
    next = serializers.URLField(allow_null=True, help_text=NEXT)


class ItemQuestion(PageQuestion):
    step = serializers.CharField(required=False, max_length=64, help_text="A map's key.")
    status = serializers.ChoiceField(ItemStatus.values, required=False)


class AddItemsBody(Body):
    items = serializers.ListField(
        child=AnyJson(allow_null=True),
        min_length=1,
        max_length=MOST_ITEMS,
        help_text="They are begun after those that there are.",
    )


class ItemsAdded(serializers.Serializer[Any]):
    added = serializers.IntegerField(help_text="How many that makes: batches, where the map takes batches.")
    total = serializers.IntegerField(help_text="How many there are now.")


class ForceBody(Body):
    reason = Text(max_length=2_000, help_text="Why: it is kept with the run.")
