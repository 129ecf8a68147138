"""Filling and emptying the shipments table."""

from collections.abc import Sequence

from django.db import transaction

from choreo_site.demo.models import Shipment, TableLoad
from choreo_site.demo.shipments import TableRow


def load_rows(*, key: str, file: str, rows: Sequence[TableRow]) -> TableLoad:
    """Load all rows or none, and once for each key: a second call with it finds the first one's work."""
    with transaction.atomic():
        load, is_new = TableLoad.objects.get_or_create(key=key, defaults={"file": file})
        if is_new:
            Shipment.objects.bulk_create(Shipment(load=load, **row) for row in rows)
        return load


def unload_rows(*, load: int) -> int:
    """How many rows were taken out again; none if that was done before."""
    with transaction.atomic():
        count = Shipment.objects.filter(load_id=load).count()
        TableLoad.objects.filter(pk=load).delete()
        return count
