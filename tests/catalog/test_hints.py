import string
import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import Enum, IntEnum, StrEnum
from typing import Annotated, Any, Literal, NewType, NotRequired, Optional, TypedDict, Union

import pytest
from hypothesis import given
from hypothesis import strategies as st

from designer.catalog import (
    ContractViolation,
    DeclarationRefused,
    Description,
    Format,
    Ge,
    Le,
    MaxLen,
    MinLen,
    Pattern,
    Title,
)
from designer.catalog.hints import schema_of
from designer.catalog.values import converter, to_json
from designer.graph import violations

type Phone = Annotated[str, Pattern(r"^\+[0-9]+$"), Title("Phone")]
Cents = NewType("Cents", int)


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Size(Enum):
    SMALL = 1
    LARGE = "large"


class Level(IntEnum):
    LOW = 1


@dataclass
class Point:
    x: float
    y: float = 0.0
    tags: list[str] = field(default_factory=list)


class Item(TypedDict):
    sku: str
    point: Point
    note: NotRequired[str]


@dataclass
class Tree:
    children: "list[Tree]"


HINTS = [
    (str, {"type": "string"}),
    (None, {"type": "null"}),
    (Any, {}),
    (list, {"type": "array"}),
    (list[int], {"type": "array", "items": {"type": "integer"}}),
    (Sequence[int], {"type": "array", "items": {"type": "integer"}}),
    (tuple[str, ...], {"type": "array", "items": {"type": "string"}}),
    (dict[str, Any], {"type": "object"}),
    (Mapping[str, bool], {"type": "object", "additionalProperties": {"type": "boolean"}}),
    (Literal["a", "b"], {"type": "string", "enum": ["a", "b"]}),
    (Literal["a", 1, None], {"enum": ["a", 1, None]}),
    (Colour, {"type": "string", "enum": ["red", "blue"]}),
    (Size, {"enum": [1, "large"]}),
    (Optional[str], {"type": ["string", "null"]}),  # noqa: UP045
    (Colour | None, {"anyOf": [{"type": "string", "enum": ["red", "blue"]}, {"type": "null"}]}),
    (Union[str, int], {"anyOf": [{"type": "string"}, {"type": "integer"}]}),  # noqa: UP007
    (datetime, {"type": "string", "format": "date-time"}),
    (date, {"type": "string", "format": "date"}),
    (Cents, {"type": "integer"}),
    (Phone, {"type": "string", "pattern": r"^\+[0-9]+$", "title": "Phone"}),
    (
        Annotated[str, MaxLen(3), MinLen(1), Format("email")],
        {"type": "string", "maxLength": 3, "minLength": 1, "format": "email"},
    ),
    (Annotated[list[str], MaxLen(3)], {"type": "array", "items": {"type": "string"}, "maxItems": 3}),
    (
        Annotated[int, Ge(1), Le(9), Description("Stars")],
        {"type": "integer", "minimum": 1, "maximum": 9, "description": "Stars"},
    ),
    (Annotated[str | None, MaxLen(3)], {"type": ["string", "null"], "maxLength": 3}),
    (Annotated[str, "a remark"], {"type": "string"}),
]


@pytest.mark.parametrize(("hint", "schema"), HINTS, ids=[str(hint) for hint, _ in HINTS])
def test_a_hint_is_read_as_a_schema(hint, schema):
    assert schema_of(hint, "x", closed=True) == schema


def test_a_dataclass_is_a_closed_object_with_its_defaults():
    assert schema_of(Point, "x", closed=False) == {
        "type": "object",
        "properties": {
            "x": {"type": "number"},
            "y": {"type": "number", "default": 0.0},
            "tags": {"type": "array", "items": {"type": "string"}},
        },
        "required": ["x"],
        "additionalProperties": False,
    }


def test_a_typed_dict_is_closed_as_an_input_and_open_as_an_output():
    closed, opened = schema_of(Item, "x", closed=True), schema_of(Item, "x", closed=False)
    assert closed["required"] == ["sku", "point"]
    assert closed["additionalProperties"] is False
    assert "additionalProperties" not in opened


@pytest.mark.parametrize(
    ("hint", "sentence"),
    [
        (complex, "x: complex cannot be expressed as JSON"),
        (set[str], "x: set cannot be expressed as JSON"),
        (dict[int, str], "x: the keys of a JSON object are text"),
        (tuple[str, int], "x: a tuple of fixed length cannot be expressed"),
        (list[bytes], r"x\[\]: bytes cannot be expressed"),
        (Tree, r"x.children\[\]: Tree contains itself"),
        (Annotated[int, MaxLen(3)], "x: MaxLen does not apply to integer; it limits string, array, object"),
        (Annotated[Any, Ge(3)], "x: Ge does not apply to this type"),
        (Literal[b"a"], "x: a choice is made of text, numbers, true, false or null"),
    ],
)
def test_a_hint_that_json_cannot_express_is_refused_with_its_place(hint, sentence):
    with pytest.raises(DeclarationRefused, match=sentence):
        schema_of(hint, "x", closed=True)


@pytest.mark.parametrize(
    ("hint", "given_value", "made"),
    [
        (float, 2, 2.0),
        (float, True, True),
        (Colour, "red", Colour.RED),
        (Level, 1, Level.LOW),
        (date, "2026-02-03", date(2026, 2, 3)),
        (datetime, "2026-02-03T04:05:06+00:00", datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)),
        (Point, {"x": 1, "tags": ["a"]}, Point(1.0, 0.0, ["a"])),
        (list[Point], [{"x": 1}], [Point(1.0)]),
        (tuple[Colour, ...], ["red"], (Colour.RED,)),
        (dict[str, Point], {"a": {"x": 1}}, {"a": Point(1.0)}),
        (Item, {"sku": "A", "point": {"x": 1}, "more": 3}, {"sku": "A", "point": Point(1.0), "more": 3}),
        (Point | None, None, None),
        (Point | str, "text", "text"),
        (Point | Colour | int, "red", Colour.RED),
        (bool | float, True, True),
        (list[Point] | date, "2026-02-03", date(2026, 2, 3)),
        (Any | None, {"a": 1}, {"a": 1}),
        (Annotated[Cents, Ge(1)], 5, 5),
        (NotRequired[Phone], "+1", "+1"),
    ],
)
def test_a_json_value_becomes_what_the_author_expects(hint, given_value, made):
    value = converter(hint)(given_value)
    assert value == made
    assert type(value) is type(made)


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ({"a": [1, {2}]}, r"output.a\[1\]: set has no JSON form"),
        (float("nan"), "output: nan is not a JSON number"),
        ({1: 2}, "output: the key 1 is not text"),
        (Point, "output: type has no JSON form"),
        (["a\0b"], r"output\[0\]: the text holds a NUL character, which cannot be stored"),
        ({"a\0b": 1}, "output: the text holds a NUL character"),
        ("ä\ud800", "output: the text holds half of a surrogate pair"),
        ({"n": 2**63}, "output.n: the whole number does not fit into 64 bits; give it as text"),
    ],
)
def test_a_value_without_a_json_form_is_a_violation_with_its_place(value, sentence):
    with pytest.raises(ContractViolation, match=sentence):
        to_json(value, "output")


texts = st.text(string.printable, max_size=5)
plain_hints = st.sampled_from([str, int, float, bool, Colour, date, Point, type(None)])
hints = st.recursive(
    plain_hints,
    lambda inner: st.one_of(
        inner.map(lambda hint: types.GenericAlias(list, (hint,))),
        inner.map(lambda hint: types.GenericAlias(dict, (str, hint))),
        inner.map(lambda hint: hint | None),
    ),
    max_leaves=3,
)


st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))
st.register_type_strategy(str, texts)
st.register_type_strategy(int, st.integers(-(2**53), 2**53))


@given(st.data(), hints)
def test_every_value_of_a_hint_fits_its_schema_and_comes_back_as_it_was(data, hint):
    value = data.draw(st.from_type(hint))
    written = to_json(value, "value")
    assert violations(schema_of(hint, "x", closed=True), written) == ()
    assert converter(hint)(written) == value
