"""The form in which a reviewer corrects data: made from the schema, each changed field marked."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .schema_form import SchemaForm
from .schema_tree import Node

SHORT = 4  # characters of an old value that stand beside a field's name
UNDER = "data"


@dataclass(frozen=True, slots=True)
class Mark:
    """What a field was before."""

    was: str

    @property
    def short(self) -> str:
        return f"was {self.was}" if 0 < len(self.was) <= SHORT else "changed"


class CorrectionForm(SchemaForm):
    """Its fields are called ``data.…``; without a schema there is nothing to correct."""

    def __init__(self, schema: Mapping[str, Any], data: Any = None, *, values: Any = None):
        super().__init__(schema, data if schema else None, values=values, under=UNDER if schema else "")
        for node in self.fields:
            node.mark = self._mark_of(node)

    @property
    def shown(self) -> list[Node]:
        """What stands on the page: one node for each value that may be corrected."""
        return self.root.children

    @property
    def said(self) -> str:
        """“Ship to: 2 fields corrected”; empty while nothing is."""
        told = []
        for node in self.shown:
            count = sum(one.mark is not None for one in node.walk())
            if count:
                told.append(f"{node.title}: {count} field{'' if count == 1 else 's'} corrected")
        return "; ".join(told)

    def _mark_of(self, node: Node) -> Mark | None:
        bound = node.bound
        if self.data is None or not bound.field.has_changed(bound.initial, bound.data):
            return None
        return Mark(_written(bound.initial, is_json=hasattr(bound.field, "choices")))


def _written(value: Any, *, is_json: bool) -> str:
    if is_json and isinstance(value, str):
        value = json.loads(value)
    return "" if value is None else str(value)
