"""A JSON Schema as a tree of places: objects are groups, lists of simple things are rows, all else is a field.

The tree knows neither forms nor requests. It is made from a schema and a value to begin with, and read back into a
value by whoever knows what its fields hold.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from designer.graph import spoken

type Path = tuple[str, ...]
type Count = Callable[[str, int], int]  # how many rows a list shows: by its name, and how many it would have
Kind = Literal["field", "group", "rows"]

MOST_ROWS = 100
SCALARS = ("string", "integer", "number", "boolean")
ANYTHING: Mapping[str, Any] = {"description": "Any JSON value."}
WHOLE = "_value"  # the field of an input that is not an object with known names
NOTHING: Any = object()  # what stands in a field that was left empty


@dataclass
class Node:
    """A place in the value: a field, a group of fields, or rows that can be added to."""

    path: Path
    title: str
    kind: Kind
    required: bool = False
    children: list["Node"] = field(default_factory=list)
    schema: Mapping[str, Any] = field(default_factory=dict)  # of a field
    default: Any = None  # what a field begins with
    bound: Any = None  # the bound Django field, for a field
    mark: Any = None  # what it was before, in a form that corrects

    @property
    def name(self) -> str:
        return ".".join(self.path)

    def walk(self) -> Iterator["Node"]:
        yield self
        for child in self.children:
            yield from child.walk()


def tree_of(schema: Mapping[str, Any], values: Any, count: Count, *, under: str = "") -> Node:
    """An input without known names is one field, or one list of rows; nothing typed is an empty object."""
    is_object = schema.get("type", "object") == "object"
    is_named = not schema or (is_object and bool(schema.get("properties")))
    path: Path = (under,) if under else () if is_named else (WHOLE,)
    if not schema and not path:
        return Node(path, "Input", "group", required=True)
    required = is_named or not is_object
    return _Growing(count).node(path, "Input", schema, required, _default(schema, values))


def value_of(node: Node, read: Callable[[Node], Any]) -> Any:
    """What ``read`` finds in the fields, put together; what was left empty is left out."""
    if node.kind == "field":
        return read(node)
    values = {child.path[-1]: value_of(child, read) for child in node.children}
    given = {name: value for name, value in values.items() if value is not NOTHING}
    if node.kind == "group":
        return given
    return list(given.values()) if values or node.required else NOTHING


@dataclass(frozen=True)
class _Growing:
    count: Count

    def node(self, path: Path, title: str, schema: Any, required: bool, default: Any) -> Node:
        schema = schema if isinstance(schema, Mapping) else ANYTHING
        if schema.get("type") == "object" and schema.get("properties"):
            return self._group(path, title, schema, required, default)
        if _is_list_of_rows(schema, default):
            return self._rows(path, title, schema, required, default)
        return Node(path, title, "field", required, schema=schema, default=default)

    def _group(self, path: Path, title: str, schema: Mapping[str, Any], required: bool, default: Any) -> Node:
        needed, held = schema.get("required", ()), default if isinstance(default, Mapping) else {}
        children = [
            self.node(
                (*path, name),
                _title(inner, name),
                inner,
                required and name in needed,
                _default(inner, held.get(name)),
            )
            for name, inner in schema["properties"].items()
        ]
        return Node(path, title, "group", required, children)

    def _rows(self, path: Path, title: str, schema: Mapping[str, Any], required: bool, default: Any) -> Node:
        least = min(schema.get("minItems", 1 if required else 0), MOST_ROWS)
        values = default if isinstance(default, list) else [None] * least
        node, items = Node(path, title, "rows", required), schema["items"]
        for index in range(self.count(node.name, len(values))):
            value = _default(items, values[index] if index < len(values) else None)
            node.children.append(
                self.node((*path, str(index)), f"{title} {index + 1}", items, required=True, default=value)
            )
        return node


def _is_list_of_rows(schema: Mapping[str, Any], default: Any) -> bool:
    """A list of simple values or of flat objects, and no longer than a page can show."""
    items = schema.get("items")
    return (
        schema.get("type") == "array"
        and isinstance(items, Mapping)
        and (_is_scalar(items) or _is_flat(items))
        and not (isinstance(default, list) and len(default) > MOST_ROWS)
    )


def _is_flat(schema: Mapping[str, Any]) -> bool:
    properties = schema.get("properties", {})
    return bool(properties) and all(
        isinstance(inner, Mapping) and _is_scalar(inner) for inner in properties.values()
    )


def _is_scalar(schema: Mapping[str, Any]) -> bool:
    return schema.get("type") in SCALARS or "enum" in schema or "const" in schema


def _title(schema: Any, name: str) -> str:
    written = schema.get("title") if isinstance(schema, Mapping) else None
    return written or spoken(name)


def _default(schema: Any, given: Any) -> Any:
    """What a place begins with: the value that is given, else the schema's own default."""
    otherwise = schema.get("default") if isinstance(schema, Mapping) else None
    return otherwise if given is None else given
