"""What starts runs by itself."""

from django.conf import settings
from django.db import models

from designer.ids import uuid7
from designer.models import Version, Workflow
from designer.models.documents import DocumentField

MOST_HEADERS = 20


class TriggerKind(models.TextChoices):
    CRON = "cron", "Cron"
    WEBHOOK = "webhook", "Webhook"
    SIGNAL = "signal", "Signal"


class CatchUp(models.TextChoices):
    """What becomes of moments that passed while no worker was there."""

    SKIP = "skip", "Skip them: go on with the next"
    ONCE = "once", "One run for all of them"
    ALL = "all", "One run for each of them"


class Trigger(models.Model):
    """Starts runs of one workflow: at moments, when it is called, or when a signal comes."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workflow = models.ForeignKey(Workflow, on_delete=models.CASCADE, related_name="triggers")
    version = models.ForeignKey(  # null: the newest published one
        Version, null=True, on_delete=models.PROTECT, related_name="+"
    )
    kind = models.CharField(max_length=8, choices=TriggerKind)
    title = models.CharField(max_length=120)
    enabled = models.BooleanField(default=True)
    input = DocumentField(null=True)  # a template; null: what has come, as it is
    cron = models.CharField(max_length=100, blank=True)  # five fields
    zone = models.CharField(max_length=64, default="UTC")
    catch_up = models.CharField(max_length=4, choices=CatchUp, default=CatchUp.SKIP)
    next_at = models.DateTimeField(null=True)  # of a cron that is enabled; its work is due then
    headers = models.JSONField(default=list)  # of a webhook: the names of those its template may read
    signal = models.CharField(max_length=100, blank=True)
    condition = models.TextField(blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    made_at = models.DateTimeField()
    started = models.PositiveIntegerField(default=0)  # runs
    missed = models.PositiveIntegerField(default=0)  # moments that were not caught up with
    refused = models.PositiveIntegerField(default=0)
    last_refusal = models.TextField(blank=True)
    last_refused_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(
                fields=["signal"], name="trigger_of_signal", condition=models.Q(kind="signal", enabled=True)
            )
        ]

    def __str__(self) -> str:
        return self.title


class HookSecret(models.Model):
    """What a webhook's callers sign with. A trigger has several while its callers change over to a new one."""

    trigger = models.ForeignKey(Trigger, on_delete=models.CASCADE, related_name="secrets")
    sealed = models.TextField()
    hint = models.CharField(max_length=8)  # its last characters, to tell one from another
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    made_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"…{self.hint}"
