"""What a new installation begins with."""

from django.contrib.auth.models import AbstractUser


def seed_examples(*, by: AbstractUser) -> list[str]:
    """Publish the example workflows when there is no workflow yet; returns their titles."""
    return []
