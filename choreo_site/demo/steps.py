"""The demo's step types. Django finds this module by its name; the step types register as it is imported."""

from choreo_site.demo import import_steps, order_steps

__all__ = ["import_steps", "order_steps"]
