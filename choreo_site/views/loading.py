"""Rows by the number in an address."""

from django.db import models
from django.http import Http404

LARGEST_NUMBER = 2**63 - 1


def get_numbered[M: models.Model](model: type[M], number: int) -> M:
    """Raises Http404, also for a number that no database holds."""
    row = model._default_manager.filter(pk=number).first() if number <= LARGEST_NUMBER else None
    if row is None:
        name = model._meta.verbose_name
        raise Http404(f"There is no such {name}. Perhaps somebody has removed it.")
    return row
