"""Shapes of what is asked, sent and answered. Bodies are strict: nothing is guessed, nothing unknown is let pass."""

from typing import Any

from rest_framework import serializers

from designer.graph import did_you_mean


class Text(serializers.CharField):
    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            raise serializers.ValidationError("Give a text, in quotes.")
        return str(super().to_internal_value(data))


class Whole(serializers.IntegerField):
    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, int) or isinstance(data, bool):
            raise serializers.ValidationError("Give a whole number, without quotes.")
        return data


class Truth(serializers.BooleanField):
    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            raise serializers.ValidationError("Give true or false, without quotes.")
        return data


class AnyJson(serializers.JSONField):
    """Any JSON value."""


class Closed(serializers.Serializer[Any]):
    """Refuses names that it does not know: a misspelt filter would otherwise filter nothing."""

    what = "field"

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if isinstance(data, dict) and (unknown := data.keys() - self.fields.keys()):
            raise serializers.ValidationError(
                {str(name): [self.sentence(str(name))] for name in sorted(unknown)}
            )
        return dict(super().to_internal_value(data))

    def sentence(self, name: str) -> str:
        known = did_you_mean(name, self.fields) or f" There is {', '.join(self.fields) or 'none'}."
        return f"There is no {self.what} of this name.{known}"


class Body(Closed):
    default_error_messages = {"invalid": "Send an object of names and values."}


class Question(Closed):
    what = "parameter"


class PageQuestion(Question):
    limit = serializers.IntegerField(
        min_value=1, max_value=200, default=50, help_text="How many there are on a page."
    )
    cursor = serializers.CharField(
        required=False,
        max_length=400,
        help_text="Where the page begins: taken from `next` of the page before.",
    )


# --- workflows -----------------------------------------------------------------------------------------------


class VersionShape(serializers.Serializer[Any]):
    number = serializers.IntegerField(help_text="Counted from 1: what people say, as in v3.")
    semantic = serializers.CharField(help_text="What programs compare, such as 2.1.0.")
    digest = serializers.CharField(help_text="SHA-256 of the canonical document.")
    note = serializers.CharField(help_text="Why this version exists.")
    published_by = serializers.CharField(allow_null=True)
    published_at = serializers.DateTimeField()


class DraftShape(serializers.Serializer[Any]):
    revision = serializers.IntegerField(help_text="Counts the accepted edits; publishing names it.")
    edited_by = serializers.CharField(allow_null=True)
    edited_at = serializers.DateTimeField()


class WorkflowShape(serializers.Serializer[Any]):
    key = serializers.CharField()
    title = serializers.CharField()
    owner = serializers.CharField(help_text="The team it belongs to.")
    published = VersionShape(allow_null=True, help_text="The newest version; new runs use it.")
    draft = DraftShape()
    created_at = serializers.DateTimeField()


class WorkflowPage(serializers.Serializer[Any]):
    items = WorkflowShape(many=True)
    next = serializers.URLField(allow_null=True, help_text="The address of the next page; null on the last.")


class VersionPage(serializers.Serializer[Any]):
    items = VersionShape(many=True)
    next = serializers.URLField(allow_null=True)


class FixShape(serializers.Serializer[Any]):
    label = serializers.CharField(  # type: ignore[assignment]  # a field of ours, not the label of one
        help_text="What the editor's button says."
    )
    operation = serializers.CharField(help_text="The edit it would do.")


class ProblemFoundShape(serializers.Serializer[Any]):
    code = serializers.CharField(help_text="Which check found it, such as unreachable_step.")
    severity = serializers.ChoiceField(
        ["error", "warning"], help_text="Errors keep a draft from being published."
    )
    message = serializers.CharField()
    step = serializers.CharField(allow_null=True, help_text="The step's key; null for the workflow itself.")
    field = serializers.CharField(help_text="The place in the step, such as inputs.amount; may be empty.")
    fix = FixShape(allow_null=True)


class CheckShape(serializers.Serializer[Any]):
    publishable = serializers.BooleanField(help_text="Whether there are no errors.")
    revision = serializers.IntegerField(allow_null=True, help_text="Of the draft; null for a document.")
    problems = ProblemFoundShape(many=True)


class PublishBody(Body):
    note = Text(max_length=5_000, help_text="Why this version exists, for those who read the history.")
    revision = Whole(
        min_value=0,
        max_value=2**31 - 1,
        help_text="Of the draft that you looked at. If it has been edited since, nothing is published.",
    )


# --- state machines ------------------------------------------------------------------------------------------


class ReportLineShape(serializers.Serializer[Any]):
    treatment = serializers.ChoiceField(["carried", "bound", "unbound", "ignored", "refused"])
    state = serializers.CharField(help_text="As the machine calls it; empty for the whole.")
    field = serializers.CharField(help_text="Empty where it is about the state.")
    sentence = serializers.CharField()


class DoubtShape(serializers.Serializer[Any]):
    place = serializers.CharField(help_text="Such as /States/Charge/Next.")
    message = serializers.CharField()


class UnboundShape(serializers.Serializer[Any]):
    step = serializers.CharField(help_text="The key of the step.")
    title = serializers.CharField()
    resource = serializers.CharField(help_text="What it called.")
    suggestion = AnyJson(help_text="A binding to begin with, or null where only you can know.")


class ImportShape(serializers.Serializer[Any]):
    workflow = WorkflowShape()
    lines = ReportLineShape(many=True, help_text="What became of each part; empty for a document of our own.")
    problems = DoubtShape(many=True, help_text="What AWS would say against it, although it was opened.")
    unbound = UnboundShape(many=True, help_text="The steps that nothing does yet.")


class BindBody(Body):
    bindings = serializers.DictField(
        child=AnyJson(),
        allow_empty=False,
        help_text="By the key of a step: how it is done, as `way`, and what that way has to know.",
    )


class LossShape(serializers.Serializer[Any]):
    step = serializers.CharField(help_text="The key of the step; empty for the whole.")
    sentence = serializers.CharField()


class MachineShape(serializers.Serializer[Any]):
    definition = AnyJson(help_text="The machine, as AWS takes it.")
    losses = LossShape(many=True, help_text="What it does not do as the workflow does.")


# --- step types ----------------------------------------------------------------------------------------------


class ErrorShape(serializers.Serializer[Any]):
    name = serializers.CharField()
    retryable = serializers.BooleanField()
    summary = serializers.CharField()


class StepTypeShape(serializers.Serializer[Any]):
    reference = serializers.CharField(help_text="Key and exact version, such as payments.charge@2.1.0.")
    key = serializers.CharField()
    version = serializers.CharField()
    title = serializers.CharField()
    summary = serializers.CharField()
    owner = serializers.CharField()
    input = AnyJson(help_text="JSON Schema of what goes in.")
    output = AnyJson(help_text="JSON Schema of what comes out.")
    errors = ErrorShape(many=True)  # type: ignore[assignment]  # a field of ours, not what is wrong
    effect = serializers.ChoiceField(["none", "undoable", "permanent"])
    undone_by = serializers.CharField(allow_null=True, help_text="The key of the step type that undoes it.")
    idempotent = serializers.BooleanField()
    at_most_once = serializers.BooleanField()
    retired = serializers.BooleanField()


class StepTypeList(serializers.Serializer[Any]):
    items = StepTypeShape(many=True)
    next = serializers.URLField(allow_null=True, help_text="Always null: there is one page.")
