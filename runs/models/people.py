"""What waits for a person."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from designer.graph import spoken
from designer.ids import uuid7
from designer.models.documents import DocumentField
from runs.engine import Phase

from .run import Run


class ReviewStatus(models.TextChoices):
    OPEN = "open"
    DECIDED = "decided"
    WITHDRAWN = "withdrawn"  # the run went on without an answer


class Review(models.Model):
    """A question to people, with what they need to answer it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="reviews")
    no = models.PositiveIntegerField()
    key = models.CharField(max_length=64)
    title = models.CharField(max_length=200)
    groups = models.JSONField(
        default=list
    )  # names of the groups whose members may decide; empty: any reviewer
    four_eyes = models.BooleanField(default=False)
    evidence = DocumentField(default=list)  # [{label, value}], as shown
    editable = DocumentField(default=dict)  # what may be corrected, as it was when the review opened
    proposed = DocumentField(null=True)  # as the first of several who agree has corrected it
    outcomes = DocumentField(default=list)  # [{name, title, next, reason_required, approvals, groups}]
    revision = models.PositiveIntegerField(default=1)  # grows with each answer; a decision names what it saw
    status = models.CharField(max_length=9, choices=ReviewStatus, default=ReviewStatus.OPEN)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    escalated_at = models.DateTimeField(null=True)
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    claimed_until = models.DateTimeField(null=True)
    claim = models.PositiveIntegerField(default=0)  # its token: grows whenever the holder changes
    outcome = models.CharField(max_length=64, blank=True)
    decision_reason = models.TextField(blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["due_at", "opened_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "no"], condition=models.Q(status="open"), name="review_open_once"
            ),
            models.CheckConstraint(
                condition=models.Q(claimed_by=None) | models.Q(claimed_until__isnull=False),
                name="review_claim_ends",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="decided") | models.Q(decided_at__isnull=False),
                name="review_decided_when",
            ),
        ]
        indexes = [
            models.Index(fields=["status", "due_at"], name="review_inbox"),
            models.Index(
                fields=["-decided_at"], condition=models.Q(decided_at__isnull=False), name="review_done"
            ),
        ]
        permissions = [("decide_review", "Can decide reviews")]

    def __str__(self) -> str:
        return self.title

    @property
    def is_claimed(self) -> bool:
        return self.claimed_until is not None and self.claimed_until > timezone.now()

    @property
    def data(self) -> dict[str, Any]:
        """What may be corrected, as it stands."""
        return self.editable if self.proposed is None else self.proposed

    @property
    def given(self) -> "models.QuerySet[ReviewEntry]":
        """The answers that it was given so far."""
        return self.trail.filter(verb="decided")

    def find_outcome(self, name: str) -> Mapping[str, Any] | None:
        return next((one for one in self.outcomes if one["name"] == name), None)

    def title_of(self, outcome: str) -> str:
        """What an outcome is called; its name where it is none of them."""
        known = self.find_outcome(outcome)
        return str(known["title"] or spoken(outcome)) if known else outcome


class ReviewEntry(models.Model):
    """What happened to a review: opened, claimed, released, handed over, reminded, escalated, decided."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="trail")
    verb = models.CharField(max_length=16)
    outcome = models.CharField(max_length=64, blank=True)
    text = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    to = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    digest = models.CharField(max_length=64, blank=True)  # of an answer: SHA-256 of what it was given to
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.verb


class DeadLetterStatus(models.TextChoices):
    OPEN = "open"
    RESOLVED = "resolved"
    CLOSED = "closed"  # the run went on without an answer


class DeadLetter(models.Model):
    """Work that gave up and waits for a person."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="dead_letters")
    no = models.PositiveIntegerField()
    key = models.CharField(max_length=64)
    phase = models.CharField(max_length=4, choices=[(phase.value, phase.value) for phase in Phase])
    fault = models.JSONField()
    status = models.CharField(max_length=8, choices=DeadLetterStatus, default=DeadLetterStatus.OPEN)
    opened_at = models.DateTimeField()
    resolution = models.CharField(max_length=8, blank=True)
    reason = models.TextField(blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-opened_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "no"], condition=models.Q(status="open"), name="dead_letter_open_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.key} of {self.run_id}"
