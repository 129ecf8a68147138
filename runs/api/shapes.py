"""Shapes of what is asked, sent and answered about runs."""

from typing import Any

from rest_framework import serializers

from designer.api.shapes import AnyJson, Body, PageQuestion, Text, Truth, Whole
from runs.engine import Phase, Reason, Resolution, RunStatus, Status
from runs.models.people import DeadLetterStatus, ReviewStatus

NEXT = "The address of the next page; null on the last."


# --- runs ----------------------------------------------------------------------------------------------------


class FaultShape(serializers.Serializer[Any]):
    name = serializers.CharField()
    message = serializers.CharField()


class RunShape(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    key = serializers.CharField(help_text="The business key: what people call it. May be empty.")
    workflow = serializers.CharField(source="workflow.key")
    version = serializers.IntegerField(source="version.number")
    status = serializers.ChoiceField([status.value for status in RunStatus])
    reason = serializers.ChoiceField(
        [reason.value for reason in Reason], allow_null=True, help_text="Why the status is what it is."
    )
    why = serializers.CharField(help_text="One plain sentence: what is going on, and what it waits for.")
    seq = serializers.IntegerField(help_text="The newest entry of its journal.")
    idempotency_key = serializers.CharField(allow_null=True)
    started_by = serializers.CharField(allow_null=True)
    parent = serializers.UUIDField(  # type: ignore[assignment]  # a field of that name, as serializers have one
        source="shown_parent_id", allow_null=True, help_text="The run that started it, if one did."
    )
    created_at = serializers.DateTimeField(help_text="When it was accepted.")
    started_at = serializers.DateTimeField(allow_null=True, help_text="When a worker took it up.")
    ended_at = serializers.DateTimeField(allow_null=True)
    page = serializers.URLField(help_text="The page that people watch it on.")


class StepShape(serializers.Serializer[Any]):
    key = serializers.CharField()
    title = serializers.CharField()
    kind = serializers.CharField()
    no = serializers.IntegerField(
        allow_null=True, help_text="Which entering of a step; null where it was not entered."
    )
    status = serializers.ChoiceField([status.value for status in Status], allow_null=True)
    reason = serializers.ChoiceField([reason.value for reason in Reason], allow_null=True)
    tries = serializers.IntegerField()
    fault = AnyJson(allow_null=True, help_text="Why it failed: name and message.")
    started_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    due_at = serializers.DateTimeField(
        allow_null=True, help_text="What it waits for: the next try, or a moment."
    )
    undo_order = serializers.IntegerField(allow_null=True, help_text="Its place in the rollback.")
    undo_tries = serializers.IntegerField()
    undo_fault = AnyJson(allow_null=True)


class ChildShape(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    workflow = serializers.CharField(source="workflow.key")
    step = serializers.IntegerField(source="parent_no", help_text="The number of the step that started it.")
    awaited = serializers.BooleanField(help_text="Whether that step waits for its end.")
    status = serializers.ChoiceField([status.value for status in RunStatus])


class RunDetail(RunShape):
    children = ChildShape(many=True, help_text="The runs that it has started, the newest first; at most 100.")
    input = AnyJson(allow_null=True)
    output = AnyJson(allow_null=True)
    fault = AnyJson(allow_null=True, help_text="Why the run failed: name and message.")
    steps = StepShape(many=True, help_text="Each step of the workflow, as it was entered last.")


class AttemptShape(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    phase = serializers.ChoiceField([phase.value for phase in Phase])
    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    outcome = serializers.CharField()
    error = serializers.CharField()
    waited = serializers.CharField(help_text="Before the next try; may be empty.")


class StepDetail(StepShape):
    idempotency_key = serializers.CharField(
        help_text="What the step sends to the world outside; may be empty."
    )
    input = AnyJson(allow_null=True)
    output = AnyJson(allow_null=True)
    attempts = AttemptShape(many=True, help_text="The newest first.")


class RunPage(serializers.Serializer[Any]):
    items = RunShape(many=True)
    next = serializers.URLField(allow_null=True, help_text=NEXT)


class RunQuestion(PageQuestion):
    status = serializers.ChoiceField([status.value for status in RunStatus], required=False)
    reason = serializers.ChoiceField([reason.value for reason in Reason], required=False)
    workflow = serializers.CharField(required=False, max_length=64, help_text="A workflow's key.")
    key = serializers.CharField(required=False, max_length=200, help_text="A business key, in full.")
    started_after = serializers.DateTimeField(required=False, help_text="Accepted at this moment or later.")
    started_before = serializers.DateTimeField(required=False, help_text="Accepted before this moment.")


class StartBody(Body):
    workflow = Text(max_length=64, help_text="The workflow's key.")
    input = AnyJson(
        required=False, default=dict, allow_null=True, help_text="What its input schema asks for."
    )
    version = Whole(
        required=False,
        min_value=1,
        max_value=2**31 - 1,
        help_text="A published version; the newest if left out.",
    )


class CancelBody(Body):
    reason = Text(required=False, default="", allow_blank=True, max_length=500)
    undo = Truth(required=False, default=True, help_text="Whether finished steps are undone.")


class JournalQuestion(PageQuestion):
    after = serializers.IntegerField(
        required=False, default=0, min_value=0, max_value=2**31 - 1, help_text="Only entries after this one."
    )


class EntryShape(serializers.Serializer[Any]):
    seq = serializers.IntegerField()
    at = serializers.DateTimeField()
    kind = serializers.CharField(help_text="What happened, such as StepSucceeded.")
    no = serializers.IntegerField(allow_null=True, help_text="The step it is about.")
    step = serializers.CharField(allow_null=True, help_text="That step's key.")
    data = AnyJson()  # type: ignore[assignment]  # a field of ours


class EntryPage(serializers.Serializer[Any]):
    items = EntryShape(many=True)
    next = serializers.URLField(allow_null=True, help_text=NEXT)


# --- reviews -------------------------------------------------------------------------------------------------


class ReviewShape(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    title = serializers.CharField()
    status = serializers.ChoiceField(ReviewStatus.values)
    run = serializers.UUIDField(source="run_id")
    run_key = serializers.CharField(source="run.key")
    workflow = serializers.CharField(source="run.workflow.key")
    step = serializers.CharField(source="key")
    groups = serializers.ListField(
        child=serializers.CharField(), help_text="Whose members may decide; empty: any reviewer."
    )
    opened_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(allow_null=True)
    claimed_by = serializers.CharField(allow_null=True)
    claimed_until = serializers.DateTimeField(allow_null=True)
    outcome = serializers.CharField(help_text="Empty while it is open.")
    decision_reason = serializers.CharField()
    decided_by = serializers.CharField(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    page = serializers.URLField(help_text="The page that people decide it on.")


class OutcomeShape(serializers.Serializer[Any]):
    name = serializers.CharField()
    title = serializers.CharField()
    then = serializers.CharField(help_text="What it leads to, in words.")
    reason_required = serializers.BooleanField()
    locked = serializers.CharField(help_text="Why you may not give it; empty when you may.")


class EvidenceShape(serializers.Serializer[Any]):
    label = serializers.CharField()  # type: ignore[assignment]  # a field of ours
    value = AnyJson(allow_null=True)


class TrailShape(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    text = serializers.CharField()


class ReviewDetail(ReviewShape):
    evidence = EvidenceShape(many=True)
    data = AnyJson(help_text="What the decision may correct, as it stands.")  # type: ignore[assignment]
    data_schema = AnyJson(help_text="JSON Schema of `data`; empty where nothing may be corrected.")
    outcomes = OutcomeShape(many=True)
    trail = TrailShape(many=True, help_text="What happened to it, the newest first.")
    claim = serializers.IntegerField(help_text="Grows whenever the holder changes; a decision may name it.")
    revision = serializers.IntegerField(help_text="Grows with each answer; a decision may name it.")
    four_eyes = serializers.BooleanField(help_text="Whether whoever started the run may not decide.")
    claim_refused = serializers.CharField(help_text="Why you may not claim it; empty when you may.")
    decide_refused = serializers.CharField(help_text="Why you may not decide it; empty when you may.")


class ReviewPageShape(serializers.Serializer[Any]):
    items = ReviewShape(many=True)
    next = serializers.URLField(allow_null=True, help_text=NEXT)


class ReviewQuestion(PageQuestion):
    status = serializers.ChoiceField(ReviewStatus.values, required=False)
    run = serializers.UUIDField(required=False)
    workflow = serializers.CharField(required=False, max_length=64)
    mine = serializers.BooleanField(required=False, default=False, help_text="Only those that you hold.")


class DecideBody(Body):
    outcome = Text(max_length=64, help_text="One of the outcomes' names.")
    reason = Text(required=False, default="", allow_blank=True, max_length=5_000)
    data = AnyJson(  # type: ignore[assignment]  # a field of ours
        required=False,
        allow_null=True,
        help_text="The corrected `data`, all of it; left out, it stays as it is.",
    )
    claim = Whole(
        required=False, min_value=0, max_value=2**31 - 1, help_text="Refuse, if somebody else held it since."
    )
    revision = Whole(
        required=False, min_value=0, max_value=2**31 - 1, help_text="Refuse, if somebody has answered since."
    )


class HandOverBody(Body):
    to = Text(max_length=150, help_text="The user name of somebody who may decide it.")
    note = Text(required=False, default="", allow_blank=True, max_length=500)


# --- dead letters --------------------------------------------------------------------------------------------


class DeadLetterShape(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    run = serializers.UUIDField(source="run_id")
    run_key = serializers.CharField(source="run.key")
    workflow = serializers.CharField(source="run.workflow.key")
    step = serializers.CharField(source="key")
    phase = serializers.ChoiceField(
        [phase.value for phase in Phase], help_text="What gave up: doing, or undoing."
    )
    fault = FaultShape()
    status = serializers.ChoiceField(DeadLetterStatus.values)
    opened_at = serializers.DateTimeField()
    resolution = serializers.ChoiceField([*(how.value for how in Resolution), ""])
    reason = serializers.CharField()
    resolved_by = serializers.CharField(allow_null=True)
    resolved_at = serializers.DateTimeField(allow_null=True)
    page = serializers.URLField(help_text="The page that people resolve it on.")


class DeadLetterPage(serializers.Serializer[Any]):
    items = DeadLetterShape(many=True)
    next = serializers.URLField(allow_null=True, help_text=NEXT)


class DeadLetterQuestion(PageQuestion):
    status = serializers.ChoiceField(DeadLetterStatus.values, required=False)
    run = serializers.UUIDField(required=False)
    workflow = serializers.CharField(required=False, max_length=64)


class ResolveBody(Body):
    reason = Text(max_length=2_000, help_text="Why: it is kept with the run.")


class DoneBody(ResolveBody):
    output = AnyJson(required=False, allow_null=True, help_text="What the step would have given.")
