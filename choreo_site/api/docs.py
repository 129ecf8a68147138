"""The docs page as a value, read out of the description."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString

from choreo_site.roles import ROLES
from designer.api.problems import KINDS

from .openapi import described, operations

EXAMPLES = {"uuid": "0190b8d6-7f3a-7cc0-9f3e-1a2b3c4d5e6f"}
CODE = re.compile("`([^`]+)`")
NAMED = {"key": "table_import", "step": "read", "reference": "payments.charge@^2", "number": "1"}


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    kind: str
    shape: str  # the shape's name, where it has one to look up
    required: bool
    said: SafeString
    place: str = ""  # header, where it is not in the address or the body


@dataclass(frozen=True, slots=True)
class Answer:
    status: str
    said: SafeString
    shape: str

    @property
    def tone(self) -> str:
        return "ok" if self.status < "300" else "fail" if self.status >= "500" else "warn"


@dataclass(frozen=True, slots=True)
class Operation:
    id: str
    method: str
    path: str
    summary: str
    roles: str
    parameters: Sequence[Field]
    body: Sequence[Field]
    takes_document: bool
    answers: Sequence[Answer]
    problems: Sequence[Answer]
    gives: str  # the names in the answer, or in each item of a list
    verb: str  # the example is this, the site's address, and `target`
    target: str

    @property
    def tone(self) -> str:
        return {"GET": "idle", "PUT": "warn"}.get(self.method, "run")


@dataclass(frozen=True, slots=True)
class Shape:
    name: str
    fields: Sequence[Field]


@dataclass(frozen=True, slots=True)
class Docs:
    version: str
    groups: Mapping[str, Sequence[Operation]]
    shapes: Sequence[Shape]
    problems: Sequence[Answer]  # their names stand in `shape`

    def operation(self, id: str) -> Operation:
        return next(found for group in self.groups.values() for found in group if found.id == id)

    @property
    def start(self) -> Operation:
        return self.operation("startRun")

    @property
    def follow(self) -> Operation:
        return self.operation("listJournal")


@cache
def docs() -> Docs:
    schema = described()
    schemas = schema["components"]["schemas"]
    groups: dict[str, list[Operation]] = {tag["name"]: [] for tag in schema["tags"]}
    for path, method, operation in operations(schema):
        groups[operation["tags"][0]].append(told(path, method, operation, schemas))
    shown = [
        Shape(name, fields_of(found, schemas)) for name, found in schemas.items() if "properties" in found
    ]
    problems = [Answer(str(kind.status), coded(kind.said), name) for name, kind in KINDS.items()]
    return Docs(schema["info"]["version"], groups, sorted(shown, key=lambda shape: shape.name), problems)


def told(path: str, method: str, operation: Mapping[str, Any], schemas: Mapping[str, Any]) -> Operation:
    body = operation.get("requestBody", {}).get("content", {})
    sent: Mapping[str, Any] = next(iter(body.values()), {})
    answers = [answer_told(status, found) for status, found in operation["responses"].items()]
    return Operation(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        roles=roles_with(operation.get("x-permission", "")),
        parameters=[
            parameter_told(each, schemas) for each in operation.get("parameters", []) if each["in"] != "path"
        ],
        body=fields_of(resolved(sent.get("schema", {}), schemas), schemas),
        takes_document="application/yaml" in body,
        answers=[answer for answer in reversed(answers) if answer.status < "400"],
        problems=[answer for answer in answers if answer.status >= "400"],
        gives=", ".join(names_in(answers, schemas)),
        verb="curl " if method == "get" else f"curl -X {method.upper()} ",
        target=target(path, operation, sent),
    )


def fields_of(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> list[Field]:
    required = schema.get("required", ())
    return [
        Field(
            name,
            kind_of(found, schemas),
            shape_of(found),
            name in required,
            coded(found.get("description", "")),
        )
        for name, found in schema.get("properties", {}).items()
    ]


def names_in(answers: Sequence[Answer], schemas: Mapping[str, Any]) -> list[str]:
    """What the first good answer has, each item of it where it is a list."""
    shape = next((answer.shape for answer in answers if answer.shape and answer.status < "300"), "")
    names = schemas.get(shape, {}).get("properties", {})
    if "items" in names:
        names = resolved(names["items"]["items"], schemas)["properties"]
    return list(names)


def parameter_told(found: Mapping[str, Any], schemas: Mapping[str, Any]) -> Field:
    kind, required = kind_of(found["schema"], schemas), found.get("required", False)
    place = "" if found["in"] == "query" else found["in"]
    return Field(found["name"], kind, "", required, coded(found.get("description", "")), place)


def answer_told(status: str, found: Mapping[str, Any]) -> Answer:
    sent: Mapping[str, Any] = next(iter(found.get("content", {}).values()), {})
    return Answer(status, coded(found["description"]), shape_of(sent.get("schema", {})))


def coded(sentence: str) -> SafeString:
    """What stands between backticks, as code."""
    return SafeString(CODE.sub(r"<code>\1</code>", escape(sentence)))


def kind_of(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    """What a value is, in a few words."""
    schema = resolved(schema, schemas)
    options = [
        kind_of(each, schemas)
        for each in schema.get("oneOf", schema.get("anyOf", ()))
        if each != {"type": "null"}
    ]
    if options:
        return options[0]
    if values := schema.get("enum"):
        return " · ".join(str(value) for value in values if value not in (None, ""))
    kinds = schema.get("type", "any JSON")
    kinds = [kinds] if isinstance(kinds, str) else [kind for kind in kinds if kind != "null"]
    if kinds == ["array"]:
        return f"list of {kind_of(schema['items'], schemas)}"
    return str(schema.get("format") or kinds[0])


def shape_of(schema: Mapping[str, Any]) -> str:
    """The shape that a schema refers to, itself or in a list."""
    inner = [schema, schema.get("items", {}), *schema.get("allOf", ()), *schema.get("oneOf", ())]
    found = next((each["$ref"] for each in inner if "$ref" in each), "")
    name: str = found.rpartition("/")[2]
    return "" if name.endswith("Enum") else name


def resolved(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Mapping[str, Any]:
    for each in (schema, *schema.get("allOf", ())):
        if "$ref" in each:
            found: Mapping[str, Any] = schemas[each["$ref"].rpartition("/")[2]]
            return found
    return schema


def roles_with(permission: str) -> str:
    having = [name for name, granted in ROLES.items() if permission in granted]
    return "every role" if len(having) == len(ROLES) else f"the roles {', '.join(having)}"


def target(path: str, operation: Mapping[str, Any], sent: Mapping[str, Any]) -> str:
    """The path with values in it, and the rest of what curl is told."""
    lines = [with_values(path, operation), '-H "Authorization: Bearer $CHOREO_TOKEN"']
    names = {parameter["name"] for parameter in operation.get("parameters", [])}
    if "Idempotency-Key" in names:
        lines.append('-H "Idempotency-Key: import-7"')
    if examples := sent.get("examples"):
        body = json.dumps(next(iter(examples.values()))["value"], ensure_ascii=False)
        lines += ['-H "Content-Type: application/json"', f"-d '{body}'"]
    return " \\\n  ".join(lines)


def with_values(path: str, operation: Mapping[str, Any]) -> str:
    for parameter in operation.get("parameters", []):
        name, kind = parameter["name"], parameter["schema"]
        value = NAMED.get(name) or EXAMPLES.get(kind.get("format", ""), name)
        path = path.replace("{" + name + "}", value)
    return path
