"""The audit trail: who did what. Rows are added to both tables and never changed; triggers see to it."""

from django.conf import settings
from django.db import models

from .documents import DocumentField


class AuditEntry(models.Model):
    """One thing that a person did. It outlives what it was done to, and who did it."""

    verb = models.CharField(max_length=24)  # in the past tense: added, published, signed in
    kind = models.CharField(max_length=16)  # of what it was done to: secret, run, person
    name = models.CharField(max_length=300)
    about = models.CharField(max_length=64, blank=True, db_default="")  # its id, where it has a page
    # Without a constraint: that somebody has gone must change nothing here.
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="+",
    )
    by_name = models.CharField(max_length=150, blank=True, db_default="")
    facts = DocumentField(null=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["kind", "-id"], name="audit_of_kind"),
            models.Index(fields=["at"], name="audit_by_time"),
        ]
        permissions = [("view_trail", "Can see the audit trail")]

    def __str__(self) -> str:
        return f"{self.verb} {self.kind} {self.name}"


class AuditLink(models.Model):
    """An entry's place in the chain: its digest is over the entry and the digest before it."""

    number = models.BigIntegerField(primary_key=True)  # from 1, without a gap
    entry = models.OneToOneField(AuditEntry, on_delete=models.PROTECT, related_name="link")
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    signature = models.CharField(max_length=64)  # of number and digest, by a key that no database holds

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return f"{self.number}:{self.digest[:12]}"
