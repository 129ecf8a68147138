"""A form made from a JSON Schema: objects become field groups, arrays become rows, the rest becomes fields.

What has no form of its own (a schema without a type, alternatives) is edited as JSON. The schema is the truth:
the whole value is validated against it at the end, and each violation is shown at its field.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from django import forms

from designer.graph import spoken, violations

from .schema_fields import field_for, is_scalar

Path = tuple[str, ...]
MOST_ROWS = 100
WHOLE = "_value"  # the field of an input that is not an object with known names
ANYTHING: Mapping[str, Any] = {"description": "Any JSON value."}
ONCE = re.compile("[0-9a-f]{32}")


@dataclass
class Node:
    """A place in the value: a field, a group of fields, or rows that can be added to."""

    path: Path
    title: str
    kind: str  # field, group or rows
    required: bool = False
    children: list["Node"] = field(default_factory=list)
    bound: Any = None  # the bound Django field, for a field
    mark: Any = None  # what it was before, in a form that corrects

    @property
    def name(self) -> str:
        return ".".join(self.path)


class SchemaForm:
    """Unbound, it shows the values it is given, else the schema's defaults. Bound, it keeps whatever was typed.

    ``under`` stands before the names of its fields, where other fields are sent along with them.
    """

    def __init__(self, schema: Mapping[str, Any], data: Any = None, *, values: Any = None, under: str = ""):
        self.schema, self.values, self.under = schema, values, under
        self.data: Any = None if data is None else data.copy()
        self._change_rows()
        self.form = forms.Form(self.data)
        self.form.label_suffix = ""
        self.root = self._root(schema)
        if self.data is not None:
            self.form.full_clean()
        for node in self._walk(self.root):
            node.bound = self.form[node.name] if node.kind == "field" else None
        self.problems: list[str] = []
        self.value: Any = None

    @property
    def is_submitted(self) -> bool:
        """Whether the form was sent to be used, and not only to add or remove a row."""
        return self.data is not None and "_add" not in self.data and "_remove" not in self.data

    @property
    def once(self) -> str:
        """Sent along by the page, so that a doubled click starts one run."""
        sent = (self.data or {}).get("_once", "")
        return sent if ONCE.fullmatch(sent) else uuid4().hex

    @property
    def idempotency_key(self) -> str:
        """Of a valid form: another input, typed after going back to the page, is another run."""
        typed = json.dumps(self.value, sort_keys=True).encode()
        return f"{self.once}-{hashlib.sha256(typed).hexdigest()[:32]}"

    def is_valid(self) -> bool:
        if not self.form.is_valid():
            return False
        self.value = self._value(self.root)
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

    @property
    def error_count(self) -> int:
        return len(self.form.errors) + len(self.problems)

    # --- building ---

    def _root(self, schema: Mapping[str, Any]) -> Node:
        """An input without known names is one field, or one list of rows; nothing typed is an empty object."""
        is_object = schema.get("type", "object") == "object"
        is_named = not schema or (is_object and bool(schema.get("properties")))
        path: Path = (self.under,) if self.under else () if is_named else (WHOLE,)
        required = is_named or not is_object
        return self._node(path, "Input", schema, required=required, default=_default(schema, self.values))

    def _node(self, path: Path, title: str, schema: Any, *, required: bool, default: Any) -> Node:
        if not schema and not path:
            return Node(path, title, "group", required)
        schema = schema if isinstance(schema, Mapping) else ANYTHING
        if schema.get("type") == "object" and schema.get("properties"):
            return self._group(path, title, schema, required, default)
        items = schema.get("items")
        if (
            schema.get("type") == "array"
            and isinstance(items, Mapping)
            and (is_scalar(items) or _is_flat(items))
            and not (isinstance(default, list) and len(default) > MOST_ROWS)
        ):
            return self._rows(path, title, schema, required, default)
        node = Node(path, title, "field", required)
        self.form.fields[node.name] = field_for(schema, title, required=required, default=default)
        return node

    def _group(self, path: Path, title: str, schema: Mapping[str, Any], required: bool, default: Any) -> Node:
        needed, held = schema.get("required", ()), default if isinstance(default, Mapping) else {}
        children = [
            self._node(
                (*path, name), _title(inner, name), inner,
                required=required and name in needed, default=_default(inner, held.get(name)),
            )
            for name, inner in schema["properties"].items()
        ]  # fmt: skip
        return Node(path, title, "group", required, children)

    def _rows(self, path: Path, title: str, schema: Mapping[str, Any], required: bool, default: Any) -> Node:
        least = min(schema.get("minItems", 1 if required else 0), MOST_ROWS)
        values = default if isinstance(default, list) else [None] * least
        node, items = Node(path, title, "rows", required), schema["items"]
        count = self._count(node.name, len(values))
        for index in range(count):
            value = values[index] if index < len(values) else None
            row = self._node(
                (*path, str(index)),
                f"{title} {index + 1}",
                items,
                required=True,
                default=_default(items, value),
            )
            node.children.append(row)
        return node

    def _count(self, name: str, otherwise: int) -> int:
        if self.data is None:
            return otherwise
        written = self.data.get(f"{name}.#", "0")
        return min(int(written), MOST_ROWS) if written.isdecimal() and len(written) < 6 else 0

    def _change_rows(self) -> None:
        if self.data is None:
            return
        if name := self.data.get("_add"):
            self.data[f"{name}.#"] = str(self._count(name, 0) + 1)
        if gone := self.data.get("_remove"):
            self._remove_row(*gone.rpartition(".")[::2])

    def _remove_row(self, name: str, index: str) -> None:
        count = self._count(name, 0)
        if not index.isdecimal() or len(index) > 5 or int(index) >= count:
            return
        rows = [
            {key.removeprefix(f"{name}.{i}"): self.data[key] for key in self.data if _is_in_row(key, name, i)}
            for i in range(count)
        ]
        for key in [key for key in self.data if any(_is_in_row(key, name, i) for i in range(count))]:
            del self.data[key]
        del rows[int(index)]
        for i, row in enumerate(rows):
            for rest, value in row.items():
                self.data[f"{name}.{i}{rest}"] = value
        self.data[f"{name}.#"] = str(count - 1)

    # --- reading ---

    def _value(self, node: Node) -> Any:
        if node.kind == "group":
            named = {child.path[-1]: self._value(child) for child in node.children}
            return {name: value for name, value in named.items() if value is not _NOTHING}
        if node.kind == "rows":
            values = [self._value(child) for child in node.children]
            return (
                [value for value in values if value is not _NOTHING] if values or node.required else _NOTHING
            )
        value = self._read(node)
        return {} if value is _NOTHING and node is self.root else value

    def _read(self, node: Node) -> Any:
        value = self.form.cleaned_data[node.name]
        if value in (None, "") and not (node.required and value == ""):
            return _NOTHING
        return value

    def _walk(self, node: Node) -> Iterator[Node]:
        yield node
        for child in node.children:
            yield from self._walk(child)


_NOTHING: Any = object()


def _title(schema: Any, name: str) -> str:
    written = schema.get("title") if isinstance(schema, Mapping) else None
    return written or spoken(name)


def _default(schema: Any, given: Any) -> Any:
    """What a place begins with: the value that is given, else the schema's own default."""
    otherwise = schema.get("default") if isinstance(schema, Mapping) else None
    return otherwise if given is None else given


def _is_flat(schema: Mapping[str, Any]) -> bool:
    properties = schema.get("properties", {})
    return bool(properties) and all(
        isinstance(inner, Mapping) and is_scalar(inner) for inner in properties.values()
    )


def _is_in_row(key: str, name: str, index: int) -> bool:
    return key == f"{name}.{index}" or key.startswith(f"{name}.{index}.")
