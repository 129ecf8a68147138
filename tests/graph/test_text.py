"""Documents as text: what is written is read back, and no text does harm."""

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from designer.graph import (
    DocumentError,
    Flaw,
    Graph,
    decode,
    encode,
    read_document,
    write_json,
    write_yaml,
)

from .flawed import short_texts, templates
from .strategies import fewer, flawed_graphs, graphs

objects = st.dictionaries(
    short_texts | st.text("\n\t #:-'\"abc\x85\u2028", max_size=8), templates, max_size=4
)


def flaw(text: str) -> Flaw:
    with pytest.raises(DocumentError) as caught:
        read_document(text)
    (only,) = caught.value.problems
    return only


@given(objects)
def test_json_is_read_as_it_was_written(document: dict[str, Any]) -> None:
    assert read_document(write_json(document)) == document


@given(objects)
def test_yaml_is_read_as_it_was_written(document: dict[str, Any]) -> None:
    assert read_document(write_yaml(document)) == document


@given(st.lists(st.text("\n\t #:-'\"ab\x85\u2028é😀", max_size=30), max_size=4))
def test_texts_of_many_lines_are_read_as_they_were_written(texts: list[str]) -> None:
    assert read_document(write_yaml({"notes": texts})) == {"notes": texts}


@fewer
@given(graphs() | flawed_graphs())
def test_a_graph_goes_through_either_text(graph: Graph) -> None:
    assert decode(read_document(write_yaml(encode(graph)))) == graph
    assert decode(read_document(write_json(encode(graph)))) == graph


@given(st.text(max_size=60) | st.text("{}[]:,-&*!|>'\"\n ab01.\\", max_size=60))
def test_any_text_is_read_or_refused_with_a_place(text: str) -> None:
    try:
        assert isinstance(read_document(text), dict)
    except DocumentError as error:
        assert all(found.line and found.column and found.message for found in error.problems)


def test_words_that_yaml_1_1_turns_into_something_else_stay_text() -> None:
    read = read_document("a: no\nb: 12:30:45\nc: 2026-01-01\nd: Off\ne: 1_000\non: [on]\n")
    assert read == {"a": "no", "b": "12:30:45", "c": "2026-01-01", "d": "Off", "e": "1_000", "on": ["on"]}


def test_the_words_of_the_core_schema_are_values() -> None:
    read = read_document(
        "a: true\nb: ~\nc:\nd: 0o17\ne: 0xff\nf: 1e3\ng: .5\nh: +12\ni: -0\nj: FALSE\nk: '1'\n"
    )
    assert list(read.values()) == [True, None, None, 15, 255, 1000.0, 0.5, 12, 0, False, "1"]


def test_names_are_text_as_they_are_written() -> None:
    assert read_document("404: gone\ntrue: 1\n~: 2\n<<: 3\n") == {"404": "gone", "true": 1, "~": 2, "<<": 3}


@pytest.mark.parametrize(
    "word", ["no", "12:30:45", "2026-01-01", "1e3", "0o17", "~", "", "yes", "1_000", "="]
)
def test_what_either_yaml_misreads_is_quoted(word: str) -> None:
    written = write_yaml({"a": word})
    assert read_document(written) == yaml.safe_load(written) == {"a": word}


def test_a_document_is_written_for_people() -> None:
    shared = ["Busy"]
    document = {
        "choreo": 1,
        "notes": "One.\nTwo.\n",
        "catch": [{"on": shared}, {"on": shared}],
        "title": "Ärger",
    }
    assert write_yaml(document) == (
        "choreo: 1\nnotes: |\n  One.\n  Two.\ncatch:\n- on:\n  - Busy\n- on:\n  - Busy\ntitle: Ärger\n"
    )
    assert write_json({"title": "Ärger"}) == '{\n  "title": "Ärger"\n}\n'


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    assert read_document("\ufeffa: 1") == read_document('\ufeff{"a": 1}') == {"a": 1}


def test_surrogate_pairs_in_json_are_one_character() -> None:
    assert read_document('{"a": "\\ud83d\\ude00"}') == {"a": "😀"}


@pytest.mark.parametrize(
    ("text", "line", "column", "sentence"),
    [
        ("", 1, 1, "A document is an object of names and values"),
        ("- a", 1, 1, "A document is an object"),
        ("a: 1\nb: &x [1]\n", 2, 4, "Anchors and aliases (& and *) are not read here."),
        ("a: *x", 1, 4, "Anchors and aliases"),
        ("a: !!python/object:os.system x", 1, 4, "Tags (words that begin with “!”) are not read here."),
        ("a: ! x", 1, 4, "Tags"),
        ("a: 1\nb: 2\na: 3", 3, 1, "The name “a” is given twice in one object."),
        ('{"a": 1,\n "\\u0061": 2}', 2, 10, "The name “a” is given twice in one object."),
        ("a: 1\n---\nb: 2", 2, 1, "There is a second document in this text"),
        ("? [a]\n: b", 1, 3, "A name must be text."),
        ("a:\n\t- b", 2, 1, "This is not YAML: while scanning for the next token, found character"),
        ("a: b: c", 1, 5, "This is not YAML: mapping values are not allowed in this context."),
        ("a: [b", 2, 1, "This is not YAML: "),
        ('{"a": 1,}', 1, 8, "This is not JSON: "),
        ('{"a": "b', 1, 7, "This is not JSON: Unterminated string."),
        ("a: .nan", 1, 4, "The number is infinite or not a number"),
        ("a: -.inf", 1, 4, "The number is infinite or not a number"),
        ("a: 1e999", 1, 4, "The number is infinite or not a number"),
        ('{"a": NaN}', 1, 7, "JSON has no NaN."),
        ('{"a": -Infinity}', 1, 7, "JSON has no -Infinity."),
        ('{"a": 1e999}', 1, 7, "The number is infinite or not a number"),
        ("a: 9223372036854775808", 1, 4, "The whole number does not fit into 64 bits."),
        ('{"a": 9223372036854775808}', 1, 7, "The whole number does not fit into 64 bits."),
        ("a: " + "1" * 5_000, 1, 4, "The whole number does not fit into 64 bits."),
        ('{"a": ' + "1" * 5_000 + "}", 1, 7, "The whole number does not fit into 64 bits."),
        ("a: b\0", 1, 5, "The text holds U+0000"),
        ("a: b\nc: \ud800", 2, 4, "The text holds U+D800"),
        ("a: \x07", 1, 4, "The text holds U+0007, which YAML does not allow."),
        ('a: "\\0"', 1, 4, "The text holds a NUL character"),
        ('{"a": "\\u0000"}', 1, 7, "The text holds a NUL character"),
        ('{"a": "\\ud800"}', 1, 7, "The text holds half of a surrogate pair"),
        ('{"\\u0000": 1}', 1, 2, "The text holds a NUL character"),
        ("a: " + "[" * 100_000, 1, 53, "This is nested deeper than 50 levels."),
        ('{"a":' * 100_000, 1, 251, "This is nested deeper than 50 levels."),
        ("a: [" + "1," * 20_001 + "]", 1, 40_001, "There are more than 20000 values"),
        ('{"a": [' + "1," * 20_001 + "1]}", 1, 40_004, "There are more than 20000 values"),
        ("a: " + "x" * 524_288, 1, 1, "The document is larger than 512 KiB."),
        ("a: " + "é" * 262_143, 1, 1, "The document is larger than 512 KiB."),
    ],
    ids=lambda value: (
        value[:24].encode("ascii", "backslashreplace").decode() if isinstance(value, str) else None
    ),
)
def test_it_says_what_is_wrong_and_where(text: str, line: int, column: int, sentence: str) -> None:
    found = flaw(text)
    assert (found.line, found.column) == (line, column) or "not JSON" in sentence
    assert sentence in found.message


@pytest.mark.parametrize("unit", ["[", '{"a":', "- ", "? ", "a: [", "&a ", '{"\\"', "!", "'", "{a: ", "|\n "])
def test_no_text_of_full_size_takes_long(unit: str) -> None:
    """The alias bomb of a few hundred bytes held a process for 23 seconds; nothing here may come near."""
    assert flaw((unit * 500_000)[:500_000]).line is not None


def test_the_alias_bomb_does_not_go_off() -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    assert "Anchors and aliases" in flaw(bomb).message


def test_fifty_levels_are_read() -> None:
    deep = "[" * 49 + "1" + "]" * 49
    assert read_document(f'{{"a": {deep}}}') == read_document(f"a: {deep}")
