"""A form made from a JSON Schema: objects become field groups, arrays become rows, the rest becomes fields.

What has no form of its own (a schema without a type, alternatives) is edited as JSON. The schema is the truth:
the whole value is validated against it at the end, and each violation is shown at its field.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django import forms

from designer.graph import violations

from .schema_fields import field_for
from .schema_rows import change_rows, changes_rows, count_rows
from .schema_tree import NOTHING, Node, tree_of, value_of


class SchemaForm:
    """Unbound, it shows the values it is given, else the schema's defaults. Bound, it keeps whatever was typed.

    ``under`` stands before the names of its fields, where other fields are sent along with them.
    """

    def __init__(self, schema: Mapping[str, Any], data: Any = None, *, values: Any = None, under: str = ""):
        self.schema = schema
        self.data: Any = None if data is None else data.copy()
        if self.data is not None:
            change_rows(self.data)
        self.root = tree_of(schema, values, partial(count_rows, self.data), under=under)
        self.form = self._bound_to(self.data)
        self.problems: list[str] = []
        self.value: Any = None

    def _bound_to(self, data: Any) -> forms.Form:
        form = forms.Form(data)
        form.label_suffix = ""
        for node in self.fields:
            form.fields[node.name] = field_for(
                node.schema, node.title, required=node.required, default=node.default
            )
        if data is not None:
            form.full_clean()
        for node in self.fields:
            node.bound = form[node.name]
        return form

    @property
    def fields(self) -> list[Node]:
        return [node for node in self.root.walk() if node.kind == "field"]

    @property
    def is_submitted(self) -> bool:
        """Whether the form was sent to be used, and not only to add or remove a row."""
        return self.data is not None and not changes_rows(self.data)

    @property
    def error_count(self) -> int:
        return len(self.form.errors) + len(self.problems)

    def is_valid(self) -> bool:
        if not self.form.is_valid():
            return False
        typed = value_of(self.root, self._read)
        self.value = {} if typed is NOTHING else typed
        self.add_problems([(found.path, found.message) for found in violations(self.schema, self.value)])
        return not self.form.errors and not self.problems

    def add_problems(self, problems: list[tuple[str, str]]) -> None:
        for path, message in problems:
            name = ".".join([*self.root.path, path.replace("[", ".").replace("]", "").strip(".")]).strip(".")
            if name in self.form.fields:
                if name not in self.form.errors:
                    self.form.add_error(name, message)
            else:
                self.problems.append(f"{path or 'The input'}: {message}")

    def _read(self, node: Node) -> Any:
        value = self.form.cleaned_data[node.name]
        if value in (None, "") and not (node.required and value == ""):
            return NOTHING
        return value
