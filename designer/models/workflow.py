from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models

from designer.ids import uuid7

from .documents import DocumentField


class Workflow(models.Model):
    """A named workflow. What it does is said by its versions; what it will do next, by its draft."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    key = models.CharField(max_length=64, unique=True)
    title = models.CharField(max_length=200)
    owner = models.CharField(max_length=64, blank=True)
    # Whose members alone see it and what belongs to it; null: everybody does. Losing a team must open nothing.
    team = models.ForeignKey(Group, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    published = models.ForeignKey(
        "Version", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["key"]
        permissions = [
            ("publish_workflow", "Can publish workflow"),
            ("see_every_team", "Can see what belongs to any team"),
        ]

    def __str__(self) -> str:
        return self.key


class Version(models.Model):
    """A published definition: frozen, with the contracts it uses pinned to exact versions."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workflow = models.ForeignKey(Workflow, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()  # counted from 1: what people say ("v14")
    semantic = models.CharField(max_length=32)  # what programs compare ("2.1.0")
    document = DocumentField()
    digest = models.CharField(max_length=64)  # SHA-256 of the canonical document
    note = models.TextField()
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    published_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["workflow", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["workflow", "number"], name="version_number_once"),
            models.UniqueConstraint(fields=["workflow", "semantic"], name="version_semantic_once"),
        ]

    def __str__(self) -> str:
        return f"{self.workflow.key} v{self.number}"
