"""The interface described as OpenAPI, made from the views by drf-spectacular, and completed with what all share."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from functools import cache
from typing import Any, Literal

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema

PROBLEM: Mapping[str, Any] = {
    "type": "object",
    "description": "What is answered where something cannot be done (RFC 9457).",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string", "description": "Names the kind of problem, and leads to its description."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A sentence: what is wrong, and what would be right."},
        "instance": {"type": "string", "description": "The address that was asked for."},
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/ProblemError"}},
    },
}
PROBLEM_ERROR: Mapping[str, Any] = {
    "type": "object",
    "description": "One thing to put right, and where it is.",
    "required": ["detail"],
    "properties": {
        "detail": {"type": "string"},
        "pointer": {"type": "string", "description": "JSON pointer into the body, such as #/input/order_id."},
        "parameter": {"type": "string", "description": "The parameter's name."},
        "line": {"type": "integer", "description": "In a document."},
        "column": {"type": "integer"},
        "code": {"type": "string", "description": "Which check found it."},
    },
}
ALWAYS = {
    400: "Something about the request cannot be read.",
    401: "The token is missing, unknown, revoked or past its time.",
    403: "Your roles do not allow it.",
    406: "`Accept` asks for what cannot be made here.",
    429: "Too many requests. `Retry-After` says how long to wait.",
    503: "The database does not answer. Nothing was changed.",
}
WITH_BODY = {
    413: "The body is too large.",
    415: "The body is of no type that is read here.",
    422: "The body is not right.",
}


class NamedShapes(AutoSchema):
    """Names the shapes for those who read them: a `RunShape` here is a Run to them."""

    def get_serializer_name(self, serializer: Any, direction: Literal["request", "response"]) -> str:
        return str(super().get_serializer_name(serializer, direction)).removesuffix("Shape")


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = "choreo_site.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "A token of your own: /tokens/ makes one."}


@cache
def _described() -> dict[str, Any]:
    return dict(SchemaGenerator(urlconf="choreo_site.urls").get_schema(request=None, public=True))


def described() -> dict[str, Any]:
    """The whole interface. Made once in each process."""
    return deepcopy(_described())


def operations(schema: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Each path, method and operation, in the order of the addresses."""
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def complete(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """A hook of drf-spectacular: problems for every operation, and bodies that take no unknown names."""
    schemas = result["components"].setdefault("schemas", {})
    schemas |= {"Problem": PROBLEM, "ProblemError": PROBLEM_ERROR}
    needs = {
        (path, method.lower()): view.cls.needs.get(method) for path, _, method, view in generator.endpoints
    }
    for path, method, operation in operations(result):
        operation["x-permission"] = needs[path, method]
        for status, sentence in problems_of(path, operation).items():
            operation["responses"].setdefault(str(status), {"description": sentence})
        operation["responses"] = {
            status: answer if int(status) < 400 else with_problem(answer)
            for status, answer in sorted(operation["responses"].items())
        }
    for name, schema in schemas.items():
        if name.endswith("Body"):
            schema["additionalProperties"] = False
        for value in schema.get("properties", {}).values():
            if {} in value.get("oneOf", ()):
                del value["oneOf"]  # anything, or null: null is something
    return result


def problems_of(path: str, operation: Mapping[str, Any]) -> dict[int, str]:
    found = {**ALWAYS, **(WITH_BODY if "requestBody" in operation else {})}
    return {**found, 404: "It is not there, or not yours to see."} if "{" in path else found


def with_problem(answer: Mapping[str, Any]) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": answer["description"], "content": content}
