"""What administrators keep: secrets with what names them, and what was done lately."""

from collections import defaultdict
from typing import Any

from django.db.models import QuerySet

from designer.graph import secrets_named
from designer.models import AuditEntry, Secret, Workflow
from designer.versions import graph_of

LATEST = 20


def secret_rows() -> list[dict[str, Any]]:
    """Every secret, with the workflows whose published version names it."""
    naming: dict[str, list[Workflow]] = defaultdict(list)
    for workflow in Workflow.objects.exclude(published=None):
        assert workflow.published_id is not None
        for name in secrets_named(graph_of(workflow.published_id)):
            naming[name].append(workflow)
    secrets = Secret.objects.select_related("changed_by", "team")
    return [{"secret": secret, "workflows": naming[secret.name]} for secret in secrets]


def audit_trail(kind: str) -> QuerySet[AuditEntry]:
    return AuditEntry.objects.filter(kind=kind).select_related("by")[:LATEST]
