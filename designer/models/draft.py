from django.conf import settings
from django.db import models

from designer.graph import spoken

from .documents import DocumentField
from .workflow import Workflow


class Draft(models.Model):
    """What the next version will be. Its steps are rows; `header` is the rest of the document."""

    workflow = models.OneToOneField(Workflow, on_delete=models.CASCADE, related_name="draft")
    header = DocumentField(default=dict)
    revision = models.PositiveIntegerField(default=0)  # counts the accepted edits
    edited_at = models.DateTimeField(auto_now=True)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    def __str__(self) -> str:
        return f"draft of {self.workflow.key}"


class Step(models.Model):
    """One step of a draft. `document` holds what its kind and its policies say, in the definition format."""

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="steps")
    key = models.CharField(max_length=64)
    kind = models.CharField(max_length=16)
    scope = models.CharField(max_length=140, blank=True)  # "" or parallel/branch
    position = models.PositiveIntegerField()
    title = models.CharField(max_length=200, blank=True)
    does = models.CharField(max_length=200, blank=True)
    document = DocumentField(default=dict)
    revision = models.PositiveIntegerField(
        default=0
    )  # of the draft when the step last changed: others never clash

    class Meta:
        ordering = ["draft", "position"]
        constraints = [models.UniqueConstraint(fields=["draft", "key"], name="step_key_once")]

    def __str__(self) -> str:
        return self.key

    @property
    def name(self) -> str:
        return self.title or spoken(self.key)


class Edit(models.Model):
    """An accepted edit: what it is called, who made it, and the patch that takes it back.

    What somebody types is saved every time they pause. That is one edit, from its first revision to its newest.
    """

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="edits")
    revision = models.PositiveIntegerField()  # the draft's revision that it made, the newest of them
    began = models.PositiveIntegerField()  # the first of them
    label = models.CharField(max_length=300)
    patch = DocumentField()
    undone = models.BooleanField(default=False)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    at = models.DateTimeField(auto_now=True)  # of the last time that it was saved

    class Meta:
        ordering = ["draft", "-revision"]
        constraints = [models.UniqueConstraint(fields=["draft", "revision"], name="edit_revision_once")]

    def __str__(self) -> str:
        return self.label
