"""Any file is rows or a sentence, and what a cell holds becomes what the schema asks for."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runs.sheet import FileRefused, read_sheet, text_of

SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {
        "id": {"type": "integer"},
        "name": {"type": "string"},
        "count": {"type": ["integer", "null"]},
        "list": {"type": "array"},
        "customer": {"type": "object", "properties": {"mail": {"type": "string"}}},
        "any": {},
        "odd": True,
    },
}


def values(text: str) -> list[Any]:
    return [row.value if not row.problems else row.problems for row in read_sheet(text, SCHEMA).rows]


@pytest.mark.parametrize(
    ("row", "value"),
    [
        ("1,a,,,,,", {"id": 1, "name": "a"}),
        ("1,,,,,,", {"id": 1, "name": ""}),
        (' 7 ,=SUM(A1),3,[1],a@b,"1,5",x', {"id": 7, "name": "=SUM(A1)", "count": 3, "list": [1],
                                            "customer": {"mail": "a@b"}, "any": "1,5", "odd": "x"}),
        ("x,a,,,,,", ["id: “x” is no whole number."]),
        ("99999999999999999999,a,,,,,", ["id: “99999999999999999999” is no whole number."]),
        ("1,a,,{,,,", ["list: This is not JSON"]),
        ("1,a,,,,,,8", ["It has 8 values, and the header names 7."]),
        ("1", ["name: "]),
    ],
)  # fmt: skip
def test_cells_are_typed_by_the_schema(row: str, value: Any):
    [found] = values(f"id,name,count,list,Customer.Mail,any,odd\n{row}\n")
    if isinstance(value, list):
        assert len(found) == 1 and found[0].startswith(value[0])
    else:
        assert found == value


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(delimiter: str):
    assert values(f'id{delimiter}name\n1{delimiter}"a{delimiter}b"') == [{"id": 1, "name": f"a{delimiter}b"}]


def test_rows_are_counted_as_spreadsheets_do_and_blank_ones_left_out():
    sheet = read_sheet('id,name\n1,"a\nb"\n,\n3,c', SCHEMA)
    assert [row.number for row in sheet.rows] == [2, 4]


@given(
    st.one_of(
        st.binary(max_size=300),
        st.text(max_size=300).map(lambda text: f"id,name\n{text}".encode("utf-8", "replace")),
    )
)
def test_any_file_is_rows_or_a_sentence(data: bytes):
    try:
        sheet = read_sheet(text_of(data), SCHEMA)
    except FileRefused as refusal:
        assert str(refusal)
    else:
        assert len(sheet.good) + len(sheet.bad) == len(sheet.rows) > 0
