"""What the site itself remembers: one-time sign-in links, and sign-ins that failed."""

from django.conf import settings
from django.db import models


class SignInLink(models.Model):
    """Signs one person in, once. Only the hash is kept, so a copy of the database signs nobody in."""

    token_hash = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"sign-in link for {self.user}"


class FailedSignIn(models.Model):
    """One wrong password; enough of them from one place make us wait (choreo_site/sign_in.py)."""

    username = models.CharField(max_length=150)
    address = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["username", "address", "at"], name="failed_sign_in_recent")]

    def __str__(self) -> str:
        return f"failed sign-in of {self.username} from {self.address}"


class ApiToken(models.Model):
    """Lets a program act for a person. Only the hash is kept, so a copy of the database lets nobody in."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=80)  # what it is for, in the words of whoever made it
    hint = models.CharField(max_length=12)  # how it ends, to tell one from another
    token_hash = models.CharField(max_length=64, unique=True)
    reads_only = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} of {self.user}"
