from django.db import models

from .run import Run


class JournalEntry(models.Model):
    """A fact of a run's life. Entries are added and read, never changed."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="journal")
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=32)
    no = models.PositiveIntegerField(null=True)  # the step run it is about
    at = models.DateTimeField()
    data = models.JSONField()

    class Meta:
        ordering = ["run", "seq"]
        constraints = [models.UniqueConstraint(fields=["run", "seq"], name="journal_seq_once")]

    def __str__(self) -> str:
        return f"{self.seq} {self.kind}"
