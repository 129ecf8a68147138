"""Signals: facts from outside a run, and who waits for them."""

from django.db import models
from django.utils import timezone

from designer.ids import uuid7
from designer.models.documents import DocumentField

from .run import Run

LONGEST_NAME, LONGEST_KEY, LONGEST_SOURCE = 100, 200, 200
LONGEST_FAULT_NAME, LONGEST_FAULT_MESSAGE = 100, 2_000


class Signal(models.Model):
    """A fact that somebody has published, with the attributes of CloudEvents; its name is their `type`."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    event_id = models.CharField(max_length=LONGEST_SOURCE)  # what its source calls it
    source = models.CharField(max_length=LONGEST_SOURCE)
    name = models.CharField(max_length=LONGEST_NAME)
    key = models.CharField(
        max_length=LONGEST_KEY
    )  # which of this name: all that is about the same has the same
    subject = models.CharField(max_length=LONGEST_SOURCE, blank=True)
    data = DocumentField(null=True)
    fault = models.JSONField(null=True)  # name and message: what is waited for has failed
    sent_at = models.DateTimeField()
    received_at = models.DateTimeField(db_index=True)
    published_at = models.DateTimeField(null=True)  # null while the emit that made it waits for a worker
    expires_at = models.DateTimeField()  # until then it is kept for whoever comes to wait for it
    forget_at = models.DateTimeField(db_index=True)  # the row goes then
    taken = models.PositiveIntegerField(default=0)  # by how many runs
    run = models.ForeignKey(Run, null=True, on_delete=models.SET_NULL, related_name="emitted")
    no = models.PositiveIntegerField(default=0)  # the step run that emitted it

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["source", "event_id"], name="signal_once")]
        indexes = [
            models.Index(fields=["name", "key", "-id"], name="signal_by_name"),
            models.Index(fields=["key", "-id"], name="signal_by_key"),
            models.Index(fields=["name", "key", "id"], name="signal_unmatched", condition=models.Q(taken=0)),
        ]
        permissions = [("send_signal", "Can send signals")]

    def __str__(self) -> str:
        return f"{self.name} {self.key}"

    @property
    def is_kept(self) -> bool:
        """Whether it still waits for somebody who wants it."""
        return self.taken == 0 and self.expires_at > timezone.now()


class Subscription(models.Model):
    """A step that waits for a signal. It waits for one: `signal` is the one that it will be told of."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="subscriptions", db_index=False)
    no = models.PositiveIntegerField()
    arrival = models.CharField(max_length=64, blank=True)
    name = models.CharField(max_length=LONGEST_NAME)
    key = models.CharField(max_length=LONGEST_KEY)
    signal = models.ForeignKey(Signal, null=True, on_delete=models.SET_NULL, related_name="promised")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "no", "arrival"], name="subscription_once")]
        indexes = [models.Index(fields=["name", "key"], name="subscription_to")]

    def __str__(self) -> str:
        return f"{self.run_id} to {self.name} {self.key}"


class Reception(models.Model):
    """That a run has received a signal, or was started by it (then `no` is 0)."""

    signal = models.ForeignKey(Signal, on_delete=models.CASCADE, related_name="receptions", db_index=False)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="received")
    no = models.PositiveIntegerField(default=0)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["signal", "run", "no"], name="reception_once")]

    def __str__(self) -> str:
        return f"{self.signal_id} by {self.run_id}"
