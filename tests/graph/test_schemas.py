"""Schemas held against values, walked along paths, compared and turned into examples."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from designer.graph import (
    MISSING,
    Violation,
    accepts,
    check_schema,
    dotted,
    property_names,
    required_names,
    sample,
    schema_at,
    types_of,
    violations,
)

ORDER: dict[str, Any] = {
    "type": "object",
    "required": ["order_id", "items"],
    "additionalProperties": False,
    "properties": {
        "order_id": {"type": "string", "minLength": 2},
        "items": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/line"}},
        "zone": {"enum": ["EU", "UK"]},
        "email": {"type": "string", "format": "email"},
        "total": {"type": "number", "exclusiveMinimum": 0, "maximum": 1000},
        "parcel": {"anyOf": [{"$ref": "#/$defs/line"}, {"type": "null"}]},
        "extra": {"type": "object", "additionalProperties": {"type": "integer"}},
        "open": {"type": "object", "properties": {"a": {}}, "additionalProperties": True},
        "pair": {"type": "array", "prefixItems": [{"type": "string"}], "items": False},
        "free": {},
    },
    "$defs": {
        "line": {
            "type": "object",
            "required": ["sku"],
            "properties": {"sku": {"type": "string"}, "parts": {"items": {"$ref": "#/$defs/line"}}},
        },
    },
}
GOOD = {"order_id": "A-1", "items": [{"sku": "a"}]}


@pytest.mark.parametrize(
    ("change", "path", "message"),
    [
        ({"order_id": 5}, "order_id", "must be text, not 5"),
        ({"order_id": "x"}, "order_id", "must have at least 2 characters, not 1"),
        ({"items": [{"sku": "a"}, {}]}, "items[1].sku", "is missing"),
        ({"items": []}, "items", "must have at least 1 items, not 0"),
        ({"items": [{"sku": [1]}]}, "items[0].sku", "must be text, not a list"),
        ({"zone": "US"}, "zone", 'must be one of "EU", "UK", not the text “US”'),
        ({"email": "no"}, "email", "must be written as email, such as ada@example.org, not the text “no”"),
        ({"total": 0}, "total", "must be more than 0, not 0"),
        ({"total": 2000}, "total", "must be at most 1000, not 2000"),
        ({"parcel": "x"}, "parcel", "fits none of its alternatives: the text “x”"),
        ({"zzz": 1}, "", "has fields that are not known here: “zzz”"),
        ({"extra": {"odd name": "x"}}, 'extra["odd name"]', "must be a whole number, not the text “x”"),
        ({"pair": ["a", "b"]}, "pair[1]", "must not be given"),
    ],
)
def test_a_violation_says_where_and_what_would_be_right(change: Any, path: str, message: str) -> None:
    assert violations(ORDER, GOOD) == ()
    assert violations(ORDER, {**GOOD, **change}) == (Violation(path, message),)


def test_all_violations_are_told_together() -> None:
    found = violations(ORDER, {"items": 1, "zone": 1})
    assert {violation.path for violation in found} == {"order_id", "items", "zone"}


def test_a_long_value_is_not_repeated_in_full() -> None:
    (found,) = violations({"maxLength": 3, "type": "integer"}, "x" * 10_000)[:1]
    assert len(found.message) < 200


@pytest.mark.parametrize("value", [{1: 2}, {"a": object()}, {"a": "\ud800"}])
def test_what_is_not_json_is_a_violation(value: Any) -> None:
    (found,) = violations({"additionalProperties": {"type": "string", "pattern": "."}}, value)
    assert found.message.startswith("is not JSON")


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"type": "nope"}, "nope"),
        ({"$ref": "http://example.test/schema"}, "“$ref” may only point into the schema itself"),
        (
            {"properties": {"a": {"$ref": "file:///etc/passwd"}}},
            "“$ref” may only point into the schema itself",
        ),
        ({"$id": "http://example.test/s", "$ref": "other"}, "“$ref” may only point into the schema itself"),
        ({"$ref": "#/$defs/none"}, "/$defs/none"),
        ({"pattern": "("}, "regex"),
        ({"pattern": "(?=look)ahead"}, "regex"),
        ({"minimum": "x"}, "number"),
        (5, "5"),
        ({"a": object()}, "JSON"),
    ],
)
def test_a_schema_that_cannot_be_used_says_why(schema: Any, said: str) -> None:
    (flaw,) = check_schema(schema)
    assert said in flaw.message
    if isinstance(schema, dict):
        assert "not usable" in violations(schema, {})[0].message


@pytest.mark.parametrize("schema", [{}, True, ORDER, {"$ref": "#"}, {"$schema": "http://example.test/other"}])
def test_a_usable_schema_has_no_flaws(schema: Any) -> None:
    assert check_schema(schema) == ()


def test_a_flaw_has_its_place() -> None:
    assert check_schema({"properties": {"a": {"minimum": "x"}}})[0].path == "properties.a.minimum"


def test_a_rarer_rule_is_told_in_the_validators_words() -> None:
    assert (
        violations({"contains": {"type": "string"}}, [1])[0].message
        == "None of [1] are valid under the given schema"
    )


def test_a_schema_may_be_true_or_false() -> None:
    assert violations(True, 1) == ()
    assert violations(False, 1) == (Violation("", "must not be given"),)
    assert property_names(True) == ()
    assert repr(MISSING) == "MISSING"
    assert types_of({"allOf": [{"type": "string"}, {"type": "null"}]}) == frozenset()


def test_patterns_are_linear() -> None:
    started = time.monotonic()
    assert violations({"pattern": "^(a+)+$"}, "a" * 50_000 + "b")
    assert time.monotonic() - started < 1


@pytest.mark.parametrize(
    ("path", "types"),
    [
        ((), {"object"}),
        (("order_id",), {"string"}),
        (("items",), {"array"}),
        (("items", 3), {"object"}),
        (("items", 0, "sku"), {"string"}),
        (("items", 0, "parts", 1, "parts", 2, "sku"), {"string"}),
        (("parcel",), {"object", "null"}),
        (("parcel", "sku"), {"string"}),
        (("extra", "anything"), {"integer"}),
        (("pair", 0), {"string"}),
        (("zone",), {"string"}),
    ],
)
def test_a_schema_speaks_of_a_path(path: tuple[str | int, ...], types: set[str]) -> None:
    found = schema_at(ORDER, path)
    assert isinstance(found, dict)
    assert types_of(found) == types


@pytest.mark.parametrize(
    "path", [("free", "a", 1), ("open", "other"), ("items", 0, "parts", 0, "parts", "x")][:2]
)
def test_a_schema_may_leave_a_path_unknown(path: tuple[str | int, ...]) -> None:
    assert schema_at(ORDER, path) is None


@pytest.mark.parametrize(
    "path",
    [
        ("nope",),
        ("order_id", "x"),
        ("order_id", 0),
        ("items", "sku"),
        ("items", 0, "sku_"),
        ("parcel", "x"),
        ("pair", 1),
    ]
    + [("zone", "x")],
)
def test_a_schema_rules_a_path_out(path: tuple[str | int, ...]) -> None:
    assert schema_at(ORDER, path) is MISSING


def test_a_field_that_a_schema_does_not_name_is_not_promised() -> None:
    named = {"type": "object", "properties": {"a": {}}}
    assert schema_at(named, ("b",)) is MISSING
    assert schema_at({**named, "additionalProperties": True}, ("b",)) is None
    assert schema_at({**named, "patternProperties": {"^b": {}}}, ("b",)) is None
    assert schema_at({**named, "if": {"required": ["a"]}}, ("b",)) is None
    assert schema_at({**named, "$ref": "#/somewhere/else"}, ("b",)) is None
    assert schema_at({"type": "object"}, ("b",)) is None
    assert schema_at({"properties": {"a": False}}, ("a",)) is MISSING
    assert schema_at(True, ("a",)) is None
    assert schema_at(False, ("a",)) is MISSING


def test_parts_of_all_of_are_read_together() -> None:
    schema = {
        "allOf": [{"properties": {"a": {"type": "string"}}, "required": ["a"]}, {"$ref": "#/$defs/more"}],
        "$defs": {"more": {"properties": {"b": {"type": "integer"}}}},
    }
    assert property_names(schema) == ("a", "b")
    assert required_names(schema) == {"a"}
    assert types_of(schema_at(schema, ("b",))) == {"integer"}  # type: ignore[arg-type]
    assert schema_at(schema, ("c",)) is MISSING
    assert types_of({"allOf": [{"type": ["integer", "string"]}, {"type": "number"}]}) == {"integer"}


def test_alternatives_keep_what_stands_beside_them() -> None:
    schema = {
        "properties": {"kind": {"type": "string"}},
        "required": ["kind"],
        "oneOf": [{"properties": {"a": {}}, "required": ["a"]}, {"properties": {"b": {}}}],
    }
    assert property_names(schema) == ("a", "kind", "b")
    assert required_names(schema) == {"kind"}
    assert schema_at(schema, ("c",)) is MISSING
    assert types_of({"anyOf": [{"type": "string"}, True]}) is None


CIRCLES = [
    {"$ref": "#"},
    {"allOf": [{"$ref": "#"}, {"$ref": "#"}]},
    {"anyOf": [{"$ref": "#"}, {"$ref": "#"}], "properties": {"a": {"$ref": "#"}}},
    {"$ref": "#/$defs/n", "$defs": {"n": {"anyOf": [{"$ref": "#/$defs/n"}] * 3}}},
    {
        "$ref": "#/$defs/n",
        "$defs": {"n": {"type": "object", "required": ["a"], "properties": {"a": {"$ref": "#/$defs/n"}}}},
    },
]


@pytest.mark.parametrize("schema", CIRCLES)
def test_a_schema_that_goes_round_in_circles_ends(schema: dict[str, Any]) -> None:
    started = time.monotonic()
    schema_at(schema, ("a", "a", "b", 0))
    property_names(schema)
    types_of(schema)
    sample(schema)
    accepts(schema, schema)
    assert time.monotonic() - started < 1


@pytest.mark.parametrize(
    "schema",
    [
        ORDER,
        {"type": "string", "format": "date-time"},
        {"type": "string", "minLength": 9, "maxLength": 9},
        {"type": "integer", "minimum": 5, "multipleOf": 4},
        {"type": "number", "exclusiveMaximum": 0},
        {"type": "array", "minItems": 3, "items": {"type": "boolean"}},
        {"type": ["null", "string"]},
        {"const": {"a": 1}},
        {"enum": [3, 4]},
        {"type": "integer", "default": 7},
        {"type": "integer", "default": "wrong", "examples": [8]},
        {"anyOf": [{"type": "null"}, {"type": "string"}]},
        {"properties": {"a": {"type": "integer"}}, "required": ["a"]},
        {"type": "array", "maxItems": 0},
        {"type": "null"},
        {},
    ],
)
def test_a_sample_satisfies_its_schema(schema: dict[str, Any]) -> None:
    assert violations(schema, sample(schema)) == ()


def test_a_sample_prefers_what_the_schema_suggests() -> None:
    assert sample({"type": "integer", "examples": [8, 9], "default": 7}) == 7
    assert sample({"type": "integer", "examples": [8, 9]}) == 8
    assert sample({"type": "object", "properties": {"a": {"default": "x"}}}) == {"a": "x"}


@pytest.mark.parametrize(
    ("producer", "consumer", "said"),
    [
        ({"type": "string"}, {"type": "integer"}, "The value is text, but a whole number is needed."),
        ({"type": ["string", "null"]}, {"type": "array"}, "The value is null or text, but a list is needed."),
        ({"enum": ["a", "b"]}, {"enum": ["c"]}, "The value can only be a, b, and none of these is allowed."),
        ({"const": "a"}, {"type": "integer"}, "The value is text, but a whole number is needed."),
        (
            {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}},
            {"type": "object", "properties": {"a": {"type": "object"}}},
            "“a” is text, but an object is needed.",
        ),
        (
            {"type": "object", "properties": {}, "additionalProperties": False},
            {"type": "object", "required": ["q"]},
            "“q” is needed, but it is never given.",
        ),
        (ORDER, {"type": "string"}, "The value is an object, but text is needed."),
    ],
)
def test_a_certain_mismatch_is_told(producer: Any, consumer: Any, said: str) -> None:
    assert accepts(producer, consumer) == said


@pytest.mark.parametrize(
    ("producer", "consumer"),
    [
        ({"type": "integer"}, {"type": "number"}),
        ({"type": "number"}, {"type": "integer"}),
        ({"type": ["string", "null"]}, {"type": "string"}),
        ({"enum": ["a", "b"]}, {"enum": ["b"]}),
        ({}, {"type": "string"}),
        ({"type": "string"}, {}),
        (
            {"type": "object", "properties": {"a": {"type": "string"}}},
            {"properties": {"a": {"type": "object"}}},
        ),
        ({"type": "object", "properties": {"a": {}}}, {"type": "object", "required": ["q"]}),
        ({"anyOf": [{"type": "string"}, {"type": "object"}]}, {"type": "string"}),
        (ORDER, ORDER),
        (True, {"type": "string"}),
    ],
)
def test_a_doubt_is_left_to_the_run(producer: Any, consumer: Any) -> None:
    assert accepts(producer, consumer) is None


def test_paths_are_written_as_people_read_them() -> None:
    assert dotted(()) == ""
    assert dotted(("order", "items", 0, "sku")) == "order.items[0].sku"
    assert dotted((0, "a b", "c")) == '[0]["a b"].c'


_keywords = st.sampled_from(
    [
        "type",
        "properties",
        "items",
        "required",
        "anyOf",
        "oneOf",
        "allOf",
        "enum",
        "const",
        "$ref",
        "$defs",
        "default",
    ]
    + [
        "additionalProperties",
        "patternProperties",
        "minimum",
        "multipleOf",
        "minLength",
        "maxItems",
        "prefixItems",
    ]
)
anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 9)
    | st.sampled_from(["object", "string", "array", "a", "#", "#/$defs/a"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(_keywords | st.sampled_from(["a", "b"]), inner, max_size=4)
    ),
    max_leaves=12,
)
schemas = st.dictionaries(_keywords, anything, max_size=5)


@given(schemas, st.lists(st.sampled_from(["a", "b", 0, 1]), max_size=3), anything)
def test_no_schema_however_odd_stops_anything(
    schema: dict[str, Any], path: list[str | int], value: Any
) -> None:
    schema_at(schema, tuple(path))
    property_names(schema)
    required_names(schema)
    accepts(schema, schema)
    flaws = check_schema(schema)
    assert bool(flaws) == any("not usable" in found.message for found in violations(schema, value))
    sample(schema)


@given(schemas, anything)
def test_a_schema_that_takes_a_value_does_not_refuse_its_kind(schema: dict[str, Any], value: Any) -> None:
    if not check_schema(schema) and not violations(schema, value):
        assert accepts({"const": value}, schema) is None
