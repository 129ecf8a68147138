"""Expressions: what they answer, what they read, and that nothing a stranger writes can do harm."""

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from designer.graph import (
    EvaluationError,
    Expression,
    ExpressionError,
    compile_expression,
    condition,
    expressions_in,
    fill,
    holds,
    only_expression,
    references,
)

VALUES: dict[str, Any] = {
    "input": {
        "count": 3,
        "price": 2.5,
        "name": "Ada",
        "nothing": None,
        "list": [1, 2, 3],
        "lines": [
            {"sku": "a", "price": 1.5, "n": 2, "ok": True},
            {"sku": "b", "price": 2, "n": 3, "ok": False},
        ],
        "nested": {"a": {"b": "deep"}},
        "odd-name": 1,
    },
    "vars": {"limit": 10},
    "steps": {"score": {"output": {"score": 80, "reasons": ["new card", "amount"]}}},
    "error": {"name": "CardDeclined", "message": "No.", "step": "charge"},
    "run": {
        "id": "r1",
        "key": "A-1",
        "workflow": "w",
        "version": "1.0.0",
        "started_at": "2026-01-01T00:00:00Z",
    },
    "now": "2026-01-01T10:00:00Z",
    "output": {"id": "c1"},
}


def answer(text: str, values: dict[str, Any] = VALUES) -> Any:
    return compile_expression(text).evaluate(values)


def complaint(text: str, values: dict[str, Any] = VALUES) -> str:
    with pytest.raises((ExpressionError, EvaluationError)) as caught:
        answer(text, values)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("input.count", 3),
        ("input.count + 1", 4),
        ("input.price * 2", 5.0),
        ("2.5 * 2", 5.0),
        ("input.count * input.price", 7.5),
        ("1 + 0.5", 1.5),
        ("10 / 4", 2),
        ("10.0 / 4", 2.5),
        ("input.count == 3.0", True),
        ("input.price > 2", True),
        ("input.price >= input.count", False),
        ("3.0 in input.list", True),
        ("input['odd-name']", 1),
        ('input["nested"].a["b"]', "deep"),
        ("input.list[1]", 2),
        ("input.lines[1].sku", "b"),
        ("input.lines.map(line, line.price * line.n)", [3.0, 6]),
        ("input.lines.filter(line, line.ok).map(line, line.sku)", ["a"]),
        ("input.lines.exists(line, line.sku == 'b')", True),
        ("['EU', 'UK'].exists(zone, zone == input.name)", False),
        ("steps.score.output['reasons'].exists(r, r == 'amount')", True),
        ("has(input.missing) ? input.missing : 'none'", "none"),
        ("input.nothing == null", True),
        ("size(input.list) + input.name.size()", 6),
        ("input.name.lowerAscii()", "ada"),
        ("input.lines.all(line, line.n > input.list[0] && now > timestamp(run.started_at))", True),
        ("steps.score.output.reasons.join(', ')", "new card, amount"),
        ("math.greatest(input.price, 2)", 2.5),
        ("input.name.matches('^A[a-z]+$')", True),
        ("now > timestamp(run.started_at)", True),
        ("now", "2026-01-01T10:00:00Z"),
        ("now - duration('90m')", "2026-01-01T08:30:00Z"),
        ("now - timestamp(run.started_at)", "36000s"),
        ("duration('1.5s')", "1.5s"),
        ("duration('-90s')", "-90s"),
        ("{'b': [input.count], 'a': now}", {"a": "2026-01-01T10:00:00Z", "b": [3]}),
        ("null", None),
        ("5u", 5),
        ("input.nope || true", True),
        (" input.count ", 3),
    ],
)
def test_an_expression_answers(text: str, expected: Any) -> None:
    found = answer(text)
    assert found == expected
    assert type(found) is type(expected)


def test_a_path_gives_its_value_as_it_is_however_large() -> None:
    rows = [{"b": n, "a": str(n)} for n in range(50_000)]
    assert answer("steps.read.output.rows", {"steps": {"read": {"output": {"rows": rows}}}}) is rows
    assert answer("input.big", {"input": {"big": 2**70}}) == 2**70


def test_now_may_be_a_datetime() -> None:
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    assert answer("now", {"now": noon}) == "2026-01-01T12:00:00Z"
    assert answer("now + duration('1s')", {"now": noon}) == "2026-01-01T12:00:01Z"
    assert "time zone" in complaint("now + duration('1s')", {"now": datetime(2026, 1, 1)})  # noqa: DTZ001
    assert "time zone" in complaint("now + duration('1s')", {"now": "noonish"})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("input.count", {("input", "count")}),
        ("steps.score.output.score >= 70 && input['items'].exists(i, i.sku == 'a' && vars.limit > 1)",
         {("steps", "score", "output", "score"), ("input", "items"), ("vars", "limit")}),
        ("input.lines[0].sku", {("input", "lines")}),
        ("input.lines[input.count].sku", {("input", "lines"), ("input", "count")}),
        ("input[vars.name]", {("input",), ("vars", "name")}),
        ("has(error.name)", {("error", "name")}),
        ("input.lines.map(steps_, steps_.sku + run.id)", {("input", "lines"), ("run", "id")}),
        ("input.lines.map(line, line.parts.map(part, part.sku + line.sku))", {("input", "lines")}),
        ("1 + 2", set()),
        ("type(input.count) == int", {("input", "count")}),
        (".input.count", {("input", "count")}),
        ("size(steps)", {("steps",)}),
        ("dyn(input.a).b == 1", {("input", "a", "b")}),
        ("{'a': output.id, 'b': [index, item.x]}", {("output", "id"), ("index",), ("item", "x")}),
    ],
)  # fmt: skip
def test_an_expression_tells_what_it_reads(text: str, expected: set[tuple[str, ...]]) -> None:
    assert compile_expression(text).references == expected


def test_paths_keep_their_indexes_and_has_is_told_apart() -> None:
    expression = compile_expression("has(input.a) ? input.a.list[2].x : 0")
    assert expression.paths == {("input", "a"), ("input", "a", "list", 2, "x")}
    assert expression.tested == {("input", "a")}


@pytest.mark.parametrize(
    ("text", "schema"),
    [
        ("1 + 1", {"type": "integer"}),
        ("input.count > 1", {"type": "boolean"}),
        ("'a' + input.name", {"type": "string"}),
        ("now", {"type": "string"}),
        ("[1]", {"type": "array"}),
        ("input.count", {}),
        ("input.count * 2", {}),
    ],
)
def test_an_expression_knows_the_type_of_its_answer_where_it_can(text: str, schema: dict[str, str]) -> None:
    assert compile_expression(text).schema == schema


@pytest.mark.parametrize(
    ("text", "said", "position"),
    [
        ("1 +", "“1 +” is not an expression: it ends too early.", 3),
        ("", "“” is not an expression: it is empty.", None),
        ("nope", "“nope” is not known", 0),
        ("inputs.a", "Did you mean “input”?", None),
        ("'a'.nope()", "there is no function nope()", 8),
        ("'a' + 1", "“+” does not work on text and a whole number", 4),
        ("input.a ? 1 : 'x'", "both answers of “? :” must be of one kind, not a whole number and text", 8),
        ("input.l.filter(x, 'a')", "a condition in it is text and must be true or false", None),
        ("input[1]", "an object has no item at a whole number", 5),
        ("input.?a", "“.?” cannot stand there", None),
        ("ünput.a", "“ü” cannot stand there", 0),
        ("99999999999999999999", "the number is too large", 0),
        ("b'x'", "gives bytes, which JSON cannot hold", None),
        ("type(1)", "gives type, which JSON cannot hold", None),
        ("'a'.replace('a', 'b')", "replace() cannot be used", None),
        ("google.protobuf.Struct{}", "cannot be made here", None),
        ("input.l.map(input, 1)", "“input” cannot name what a loop walks over", None),
        ("type(now) == google.protobuf.Timestamp", "not a name an expression can read", None),
        ("input.l.map(x, x + 1).map(y, y)", "can only walk a list that is named", None),
        ("(input.l + input.l).map(x, x)", "can only walk a list that is named", None),
        ("input.a.all(a, input.b.all(b, input.c.all(c, true)))", "2 deep at most", None),
        ("item['a'].exists(x, nope > 1)", "“nope” is not known", None),
        ("x" * 1_001, "1,001 characters long, and 1,000 is the most", None),
        ("'\ud800'", "half a character", 1),
        ("\n\n 1 + + 2", "“+” cannot stand there", 7),
    ],
)  # fmt: skip
def test_what_does_not_compile_says_why(text: str, said: str, position: int | None) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_expression(text)
    assert said in str(caught.value)
    if position is not None:
        assert caught.value.position == position
    str(caught.value).encode()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("input.nope", "“input.nope” has no value"),
        ("input.nope + 1", "“input.nope” has no value"),
        ("input[input.name]", "there is no field"),
        ("input.name.first", "“input.name” is text, so it has no field “first”"),
        ("input.list[9]", "“input.list” has 3 items, so there is no item 9"),
        ("input.list[9] + 1", "item 9 is asked for in a list of 3"),
        ("input.list[input.count]", "item 3 is asked for in a list of 3"),
        ("steps.charge.output.id", "“steps.charge” has no value (that step has not succeeded)"),
        ("steps.charge.output.id == 'x'", "“steps.charge” has no value (that step has not succeeded)"),
        ("item.sku", "“item” has no value at this place"),
        ("item.sku == 'a'", "“item” has no value at this place"),
        ("input.count + input.name", "“+” does not work on a whole number and text"),
        ("input.nothing > 3", "“>” does not work on null and a whole number"),
        ("!input.name", "“!” does not work on these values"),
        ("input.count && true", "a condition in it is not true or false"),
        ("input.list.filter(x, x)", "a condition in it is not true or false"),
        ("input.count.map(x, x)", "walks something that is neither a list nor an object"),
        ("1 / 0 > 2", "it divides by zero"),
        ("2.5 / 0", "it divides by zero"),
        ("1 % 0", "it divides by zero"),
        ("9223372036854775807 + input.count", "a number becomes too large"),
        ("0.0 / 0.0", "not a finite number"),
        ("1e999", "not a finite number"),
        ("{1: 2}", "has the field 1, and names of fields are texts"),
        ("[b'x', input.count]", "the result is bytes"),
        ("input.nested.map(k, k)", "“input.nested” is an object and has no order"),
    ],
)
def test_what_has_no_answer_says_why(text: str, said: str) -> None:
    sentence = complaint(text)
    assert said in sentence
    assert text in sentence


@pytest.mark.parametrize(
    "value", [Decimal("1.5"), UUID(int=1), 2**70, datetime.now(UTC), float("nan"), {1}, b"x"]
)
def test_only_json_goes_in(value: Any) -> None:
    assert "“input.x” is" in complaint("input.x == 1", {"input": {"x": value}})


def test_a_value_that_is_not_read_does_no_harm() -> None:
    assert (
        answer("input.a + 1", {"input": {"a": 1, "b": Decimal(1), "c": "x" * 10**6}, "vars": Decimal(2)}) == 2
    )


# --- the adapter's rules --------------------------------------------------------------------------------------


def test_an_error_value_is_an_error_and_never_true() -> None:
    for text in ("1 / 0 > 2", "input.nope", "input.nothing > 3", "input.nope > 1 && true"):
        with pytest.raises(EvaluationError):
            holds(text, VALUES)


@pytest.mark.parametrize("text", ["input.count", "'true'", "null", "[]", "input"])
def test_a_condition_must_be_true_or_false(text: str) -> None:
    with pytest.raises(EvaluationError, match="must be true or false"):
        holds(text, VALUES)


def test_a_condition_may_be_written_bare_or_wrapped() -> None:
    assert holds("input.count == 3", VALUES)
    assert holds("${ input.count == 3 }", VALUES)
    assert not holds(" ${input.count == 4} ", VALUES)
    assert condition("${ has(vars.x) }").references == {("vars", "x")}
    with pytest.raises(EvaluationError, match="ends too early"):
        holds("${ 1 + }", VALUES)
    with pytest.raises(ExpressionError, match="cannot stand there"):
        condition("${ true } or not")


def test_lists_that_loops_walk_are_bounded() -> None:
    assert answer("size(input.l)", {"input": {"l": list(range(5_000))}}) == 5_000
    assert answer("input.l.all(x, x >= 0)", {"input": {"l": list(range(1_000))}})
    assert "1,000 items at most" in complaint("input.l.all(x, x > 0)", {"input": {"l": list(range(1_001))}})


def test_what_is_read_is_bounded() -> None:
    assert "more than 256 KiB" in complaint("input.s + 'x'", {"input": {"s": "x" * 300_000}})
    deep: Any = 1
    for _ in range(200):
        deep = [deep]
    assert "nested too deeply" in complaint("input.d == 1", {"input": {"d": deep}})


def test_the_answer_has_the_same_order_every_time() -> None:
    assert list(answer("{'z': 1, 'a': 2, 'm': {'y': 1, 'b': 2}}")) == ["a", "m", "z"]


def test_compiling_is_done_once() -> None:
    assert compile_expression("input.a + 41") is compile_expression("input.a + 41")


def test_many_threads_may_use_one_expression() -> None:
    expression = compile_expression("input.lines.map(line, line.sku + '!')")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: expression.evaluate(VALUES), range(400)))
    assert all(found == ["a!", "b!"] for found in answers)


# --- what nobody should write ---------------------------------------------------------------------------------

BIG = {
    "s": "a" * 60_000,
    "t": "a" * 60_000,
    "l": list(range(1_000)),
    "names": ["a"] * 1_000,
    "half": list(range(100)),
    "re": "(.{1,1000})",
    "sur": "\ud800",
}
HARMLESS = [
    "!" * 900 + "true",
    "-" * 900 + "1",
    "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab'.matches('(a+)+$')",
    "'x'.format([type(1)])",
    "dyn(input).name",
]
HOSTILE = [
    *HARMLESS,
    "(" * 20_000 + "1" + ")" * 20_000,
    "(" * 450 + "1" + ")" * 450,
    "[" * 450 + "]" * 450,
    "{1:" * 200 + "1" + "}" * 200,
    "input" + ".a" * 400,
    "input" + "[0]" * 300,
    "1" + "+1" * 450,
    "true?1:" * 120 + "2",
    "input.s" + "+input.s" * 100,
    "input.l.map(x, " + "+".join(["input.s"] * 25) + ")",
    "input.l.map(x, [input.s + input.s, input.t + input.t])",
    "input.half.all(x, input.half.all(y, input.s + 'a' == input.t + 'a'))",
    "input.half.all(x, input.half.all(y, size(input.s) == size(input.t)))",
    "input.l.all(a, input.l.all(b, input.l.all(c, true)))",
    "input.l.all(a, input.l.all(b, true))",
    "input.l.map(a, input.l.map(b, b))",
    "input.l.map(x, x).map(y, [y, y]).map(z, [z, z])",
    "[[1, 1], [1, 1]].map(x, x + x)",
    "input.s.replace('a', input.s)",
    "input.names.join(input.s)",
    "'%.2000000000f'.format([1.0])",
    "'%s%s'.format([input.s])",
    "input.s.matches('((a{100}){100}){100}')",
    "input.names.all(x, x.matches('(.{1,1000})'))",
    "input.names.all(x, x.matches(input.re))",
    "input.names.all(x, x.matches('(.{1,30}){1,30}'))",
    "input.sur + 'x'",
    "'\\ud800'",
    "'\x00' + 1",
    "1 \x00 2",
    "9223372036854775807 * 2",
    "-9223372036854775808 / -1",
    "timestamp('9999-12-31T23:59:59Z') + duration('315576000000s')",
    "timestamp('0001-01-01T00:00:00Z') - duration('1s')",
    "now.getHours('../../../etc/passwd')",
    "google.protobuf.Any{type_url: 'x'}",
    "{'a': 1, 'a': 2}",
    "{null: 1}",
    "{true: 1}",
    "string(b'\\xff')",
    "int(1e300)",
    "math.bitShiftLeft(1, -1)",
    "'abc'.substring(-1)",
    "'abc'.charAt(99)",
    "input.l[-1]",
    "input.l[9223372036854775807]",
    "__import__('os').system('true')",
    "input.__class__.__mro__",
    "input.in",
    "has(input)",
    "@result",
    "__result__",
    "input.l.map(x, __result__)",
    "optional.of(1)",
    "cel.bind(x, 1, x)",
    "dyn(input).a.b.c.d",
    "//",
    "'''",
    '"' + "\\" * 11,
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:40].encode("unicode_escape").decode())
def test_a_hostile_expression_gets_a_sentence_and_little_time(text: str) -> None:
    started = time.monotonic()
    values = {**VALUES, "input": {**VALUES["input"], **BIG}}
    if text in HARMLESS:
        assert isinstance(answer(text, values), bool | int | str)
    else:
        assert complaint(text, values).endswith((".", "?"))
    assert time.monotonic() - started < 2


def test_there_are_forty_hostile_expressions_at_least() -> None:
    assert len(set(HOSTILE)) >= 40


def _compiles_or_says_why(text: str) -> None:
    try:
        expression = compile_expression(text)
    except ExpressionError as error:
        assert str(error).endswith((".", "?"))
        return
    _try(lambda: expression.evaluate(VALUES))


@given(st.text(max_size=60))
def test_any_text_compiles_or_says_why(text: str) -> None:
    _compiles_or_says_why(text)


_words = st.sampled_from(
    [
        "input",
        ".count",
        ".lines",
        "[0]",
        "steps",
        "(",
        ")",
        " + ",
        " && ",
        ".map(x, x)",
        "'a'",
        "1",
        "2.5",
        "!",
        "has(",
    ]
    + [
        ".filter(x, true)",
        " ? ",
        " : ",
        "{",
        "}",
        "[",
        "]",
        ",",
        "x",
        " in ",
        "now",
        "duration('1s')",
        ".size()",
        "-",
    ]
)


@given(st.lists(_words, max_size=12).map("".join))
def test_any_row_of_words_compiles_or_says_why(text: str) -> None:
    _compiles_or_says_why(text)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(json_values)
def test_any_value_may_be_read(value: Any) -> None:
    for text in (
        "input.x == input.x",
        "[input.x]",
        "input.x + 1",
        "{'a': input.x}",
        "input.x.exists(i, i == 1)",
    ):
        _try(lambda text=text: json.dumps(answer(text, {"input": {"x": value}}), allow_nan=False))


def _try(act: Callable[[], Any]) -> None:
    try:
        act()
    except EvaluationError as error:
        assert str(error).endswith((".", "?"))


# --- templates ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("${ input.count }", 3),
        ("${input.list}", [1, 2, 3]),
        ("${ input.count } of ${ input.name }: ${ input.list }, ${ input.nothing }", "3 of Ada: [1, 2, 3], null"),
        (" ${ input.count }", " 3"),
        ("${ {'a': {'b': input.count}} }", {"a": {"b": 3}}),
        ("${ '}' + \"{\" }", "}{"),
        ("${ 'it\\'s }' }", "it's }"),
        ('${ """a}"b""" }', 'a}"b'),
        ("${ r'\\d' + '}' }", "\\d}"),
        ("$${ input.count }", "${ input.count }"),
        ("a $${b} ${ input.count }", "a ${b} 3"),
        ("$5 and $", "$5 and $"),
        ({"a": ["${ input.count }", 1, None], "b": {"c": "x${ 1 }"}}, {"a": [3, 1, None], "b": {"c": "x1"}}),
        (2.5, 2.5),
        (("${ input.count }",), [3]),
    ],
)  # fmt: skip
def test_a_template_is_filled(template: Any, expected: Any) -> None:
    assert fill(template, VALUES) == expected


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ({"order": {"items": ["${ input.nope }"]}}, "“input.nope” at “order.items[0]” has no answer"),
        ({"a": "x ${ input.nope } y"}, "at “a”"),
        (["${ 1 + }"], "“1 +” at “[0]” has no answer: it ends too early."),
        ({"a": "${ open"}, "no “}” closes"),
        ({"a": "${}"}, "it is empty"),
        ({"a b": "${ input.nope }"}, "at “[\"a b\"]”"),
    ],
)  # fmt: skip
def test_a_template_that_cannot_be_filled_says_where(template: Any, said: str) -> None:
    with pytest.raises(EvaluationError) as caught:
        fill(template, VALUES)
    assert said in str(caught.value)


def test_a_template_nested_without_end_is_refused() -> None:
    deep: Any = "${ input.count }"
    for _ in range(10_000):
        deep = [deep]
    with pytest.raises(EvaluationError, match="nested too deeply"):
        fill(deep, VALUES)
    assert references(deep) == {("input", "count")}


def test_a_template_tells_what_it_reads_and_where() -> None:
    template = {"a": "${ input.x }", "b": ["${ 1 + }", "n ${ vars.y } ${ vars.z }"], "c": "$${ input.no }"}
    assert references(template) == {("input", "x"), ("vars", "y"), ("vars", "z")}
    found = [(path, type(part)) for path, part in expressions_in(template)]
    assert found == [
        (("a",), Expression),
        (("b", 0), ExpressionError),
        (("b", 1), Expression),
        (("b", 1), Expression),
    ]


def test_a_text_may_be_one_expression_or_not() -> None:
    found = only_expression("${ input.x }")
    assert found is not None and found.text == "input.x"
    assert only_expression("a ${ input.x }") is only_expression("a") is only_expression(5) is None


@given(json_values)
def test_a_template_without_expressions_stays_as_it_is(value: Any) -> None:
    plain = json.loads(json.dumps(value).replace("$", ""))
    filled = fill(plain, {})
    assert json.dumps(filled) == json.dumps(plain)
    assert references(plain) == frozenset()


@given(st.text(st.sampled_from("${}'\" ab1."), max_size=14))
def test_any_text_is_a_template_or_says_why(text: str) -> None:
    _try(lambda: fill({"a": text}, VALUES))
    assert all(path == () for path, _ in expressions_in(text))
