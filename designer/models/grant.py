"""Roles and teams that somebody was given, and that do not hold yet."""

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models


class Grant(models.Model):
    """Somebody joins a group when its time has come, or when a second administrator confirms it. The row goes then."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="grants")
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    due_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["group__name"]
        constraints = [models.UniqueConstraint(fields=["person", "group"], name="grant_once")]

    def __str__(self) -> str:
        return f"{self.group} for {self.person}"
