"""The table that `table_import` fills."""

from django.db import models


class TableLoad(models.Model):
    """One loading of one file, known by the key of the step that did it."""

    key = models.CharField(max_length=200, unique=True)
    file = models.CharField(max_length=200)

    def __str__(self) -> str:
        return f"{self.file} ({self.pk})"


class Shipment(models.Model):
    load = models.ForeignKey(TableLoad, on_delete=models.CASCADE, related_name="shipments")
    line = models.PositiveIntegerField()
    number = models.CharField(max_length=100)
    shipped_on = models.DateField()
    sender = models.CharField(max_length=100)
    city = models.CharField(max_length=100)
    country = models.CharField(max_length=2)
    weight_g = models.PositiveBigIntegerField()
    price_cents = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["load", "line"], name="a_line_is_loaded_once"),
            models.UniqueConstraint(fields=["load", "number"], name="a_shipment_is_loaded_once"),
        ]

    def __str__(self) -> str:
        return self.number
