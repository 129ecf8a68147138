"""Problems are on the line on which their place stands, as a person counts."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from designer.interop.asl import Code, Problem, located

TEXT = """{
  "StartAt": "A",
  "States": {
    "\\u00c1": {"Type": "Task",
      "Retry": [{"ErrorEquals": ["x"]},
                {"MaxAttempts": -1}]},
    "B": {
      "Type": "Pass"
    }
  }
}"""
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


def line_of(place: str, text: str = TEXT) -> int | None:
    return located([Problem(Code.WRONG_VALUE, place, "No.")], text)[0].line


def test_a_place_is_found() -> None:
    assert line_of("/StartAt") == 2
    assert line_of("/States/Á/Type") == 4
    assert line_of("/States/Á/Retry[0]/ErrorEquals[0]") == 5
    assert line_of("/States/Á/Retry[1]/MaxAttempts") == 6
    assert line_of("/States/B/Type") == 8


def test_what_is_missing_is_where_it_is_lacking() -> None:
    assert line_of("/States/B/Next") == 7
    assert line_of("/States/Á/Retry[1]/ErrorEquals[3]") == 6
    assert line_of("") is None
    assert line_of("/Elsewhere") is None


def test_other_texts_have_no_lines() -> None:
    assert line_of("/States", "States:\n  A: 1\n") is None
    assert line_of("/States", "[]") is None
    assert line_of("/a", '{"a": [}') == 1


def test_a_problem_tells_its_line() -> None:
    (problem,) = located([Problem(Code.WRONG_VALUE, "/States/B/Type", "No.")], TEXT)
    assert str(problem) == "Line 8: /States/B/Type: No."


@given(st.dictionaries(st.text(max_size=5), JSON, max_size=4))
def test_every_value_of_every_document_is_on_its_own_line(document: Any) -> None:
    text = json.dumps(document, indent=1)
    for name in document:
        assert line_of(f"/{name}", text) in named(text, name)


def named(text: str, name: str) -> list[int]:
    start = json.dumps(name) + ":"
    return [
        number for number, line in enumerate(text.split("\n"), start=1) if line.lstrip().startswith(start)
    ]
