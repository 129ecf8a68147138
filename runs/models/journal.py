from django.db import models

from .run import Run

# Looked for by their kind in journals of any length, so that they have an index; all others would burden it.
RARE = ("AttemptLost", "RollbackStarted", "ScopeSkipped")


class JournalEntry(models.Model):
    """A fact of a run's life. Entries are added and read, never changed."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="journal", db_index=False)
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=32)
    no = models.PositiveIntegerField(null=True)  # the step run it is about
    at = models.DateTimeField()
    data = models.JSONField()

    class Meta:
        ordering = ["run", "seq"]
        constraints = [models.UniqueConstraint(fields=["run", "seq"], name="journal_seq_once")]
        indexes = [
            models.Index(
                fields=["run", "kind", "seq"], name="journal_rare", condition=models.Q(kind__in=RARE)
            )
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.kind}"
