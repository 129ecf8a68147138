"""The data flow of ASL states: what each field gives, and that nothing hostile gets further than a FlowError."""

import sys
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given as given_that
from hypothesis import strategies as st

from designer.dataflow import (
    DataFlow,
    FlowError,
    Language,
    Seen,
    caught,
    chosen,
    flaws,
    given,
    handed_on,
    items,
    reads,
    said,
    value,
)
from designer.dataflow.weighing import weight

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-100, 100) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


def seen(data: Any, **more: Any) -> Seen:
    return Seen(input=data, now=NOW, seed="7", **more)


def by_path(**fields: Any) -> DataFlow:
    return DataFlow(fields=fields)


def by_expression(**fields: Any) -> DataFlow:
    return DataFlow(language=Language.JSONATA, fields=fields)


def filled(text: str, data: Any, **more: Any) -> Any:
    return given(by_path(Parameters={"x.$": text}), seen(data, **more))["x"]


def evaluated(expression: str, data: Any = None, **more: Any) -> Any:
    return handed_on(by_expression(Output=f"{{% {expression} %}}"), seen(data, **more)).output


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("$", {"a": [{"n": 1}, {"n": 2}, {"n": 3}], "b c": 4}),
        ("$.a[0].n", 1),
        ("$.a[-1].n", 3),
        ("$.a[*].n", [1, 2, 3]),
        ("$.a[1:].n", [2, 3]),
        ("$..n", [1, 2, 3]),
        ("$['b c']", 4),
        ("$.a[?(@.n > 1 && !(@.n == 3))].n", [2]),
        ("$.nothing[*]", []),
        ("$.a.length()", 3),
        ("$$.State.Name", "here"),
        ("$v.deep", 5),
    ],
)
def test_a_path_finds(path: str, found: Any) -> None:
    data = {"a": [{"n": 1}, {"n": 2}, {"n": 3}], "b c": 4}
    assert filled(path, data, context={"State": {"Name": "here"}}, variables={"v": {"deep": 5}}) == found


@pytest.mark.parametrize(
    "path", ["$.nothing", "$.a[0]", "$missing", "$[", "$.a[?(", "a", "$..", "$.a[?(@..b)]"]
)
def test_a_path_that_finds_nothing_or_is_none_fails(path: str) -> None:
    with pytest.raises(FlowError) as raised:
        filled(path, {"a": []})
    assert raised.value.error == "States.Runtime"
    assert not raised.value.final


@pytest.mark.parametrize(
    ("call", "found"),
    [
        ("States.Format('{} of {}', $.n, 3)", "1.5 of 3"),
        (r"States.Format('\{{}\} it\'s', $.n)", "{1.5} it's"),
        ("States.MathAdd($.n, -1.5)", 1),
        ("States.ArrayUnique(States.Array(1, 1.0, true, $.n))", [1, True, 1.5]),
        ("States.ArrayPartition(States.ArrayRange(1, 5, 1), 2)", [[1, 2], [3, 4], [5]]),
        ("States.StringSplit('a,b;;c', ',;')", ["a", "b", "c"]),
        ("States.Base64Decode(States.Base64Encode('é'))", "é"),
        ("States.Hash('x', 'MD5')", "9dd4e461268c8034f5c8564e155c67a6"),
        (
            "States.JsonMerge(States.StringToJson('{\"a\":1}'), States.StringToJson('{\"a\":2}'), false)",
            {"a": 2},
        ),
        ("States.ArrayContains(States.Array(0, 1), false)", False),
        ("States.JsonToString($)", '{"n":1.5}'),
    ],
)
def test_a_call_gives(call: str, found: Any) -> None:
    assert filled(call, {"n": 1.5}) == found


@pytest.mark.parametrize(
    "call",
    ["States.ArrayGetItem(States.Array(1), 1)", "States.ArrayRange(1, 99999, 1)", "States.Format('{}')"],
)
def test_a_call_that_cannot_be_answered_fails(call: str) -> None:
    with pytest.raises(FlowError) as raised:
        filled(call, {})
    assert raised.value.error == "States.IntrinsicFailure"


def test_chance_is_the_same_when_asked_again() -> None:
    assert filled("States.UUID()", {}) == filled("States.UUID()", {})
    assert evaluated("[$random(), $uuid()]") == evaluated("[$random(), $uuid()]")
    assert evaluated("$millis()") == NOW.timestamp() * 1000


def test_a_result_goes_its_way() -> None:
    flow = by_path(ResultSelector={"n.$": "$.all[0]"}, ResultPath="$.kept.here", Assign={"v.$": "$.n"})
    handed = handed_on(flow, seen({"a": 1}), {"all": [9]})
    assert handed.output == {"a": 1, "kept": {"here": {"n": 9}}}
    assert handed.assigned == {"v": 9}
    assert handed_on(by_path(ResultPath=None), seen({"a": 1}), 2).output == {"a": 1}
    assert handed_on(by_path(OutputPath=None), seen({"a": 1}), 2).output == {}
    assert handed_on(by_path(Result={"x.$": "$.y"}), seen({})).output == {"x.$": "$.y"}


def test_what_output_path_raises_is_final() -> None:
    with pytest.raises(FlowError) as raised:
        handed_on(by_path(OutputPath="$.no"), seen({}), {})
    assert raised.value.final


def test_a_catcher_hands_on_the_error() -> None:
    flow = by_path(Catch=[{"ResultPath": "$.why"}, {}])
    assert caught(flow, 0, seen({"a": 1}), "E", "C").output == {"a": 1, "why": {"Error": "E", "Cause": "C"}}
    assert caught(flow, 1, seen({"a": 1}), "E", "C").output == {"Error": "E", "Cause": "C"}
    flow = by_expression(Catch=[{"Output": "{% $states.errorOutput.Error %}"}])
    assert caught(flow, 0, seen(1), "E", "C").output == "E"


def test_the_first_rule_that_holds_is_chosen() -> None:
    rules = ['{"Variable": "$.a", "IsString": true}', '{"Not": {"Variable": "$.a", "NumericLessThan": 2}}']
    flow = by_path(Choices=[{}, {"Assign": {"v": 1}}], Assign={"v": 2})
    index, handed = chosen(flow, rules, seen({"a": 2}))
    assert (index, handed.assigned) == (1, {"v": 1})
    assert chosen(flow, rules, seen({"a": 1}))[1].assigned == {"v": 2}
    assert chosen(by_expression(), ["{% $states.input > 1 %}"], seen(2))[0] == 0


@pytest.mark.parametrize(
    ("pattern", "fits"), [("a*c", True), ("*b*", True), ("a*b", False), (r"a\*c", False)]
)
def test_stars_stand_for_anything(pattern: str, fits: bool) -> None:
    written = pattern.replace("\\", "\\\\")
    index, _ = chosen(by_path(), [f'{{"Variable": "$", "StringMatches": "{written}"}}'], seen("abbc"))
    assert (index == 0) is fits


def test_items_are_selected_and_batched() -> None:
    flow = by_path(
        ItemsPath="$.all",
        ItemSelector={"i.$": "$$.Map.Item.Index", "v.$": "$$.Map.Item.Value"},
        ItemBatcher={"MaxItemsPerBatch": 2},
    )
    batches = items(flow, seen({"all": ["a", "b", "c"]}))
    assert [len(batch["Items"]) for batch in batches] == [2, 1]
    assert batches[1]["Items"] == [{"i": 2, "v": "c"}]


@pytest.mark.parametrize("wrong", [-1, 1.5, "x", None, True])
def test_a_setting_of_the_wrong_kind_fails(wrong: Any) -> None:
    assert value(by_path(SecondsPath="$.s"), "Seconds", seen({"s": 3})) == 3
    with pytest.raises(FlowError):
        value(by_path(SecondsPath="$.s"), "Seconds", seen({"s": wrong}))


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("$range(1, 9, 9)", 1),
        ("$partition([1,2,3], 2)", [[1, 2], 3]),
        ("$hash('x', 'MD5')", "9dd4e461268c8034f5c8564e155c67a6"),
        ("$parse('{\"a\": null}')", {"a": None}),
        ("$replace('aXbX', 'X', '-', 1)", "a-bX"),
        ("$contains('abc', /B/i)", True),
        ("null", None),
    ],
)
def test_an_expression_gives(expression: str, found: Any) -> None:
    assert evaluated(expression) == found


@pytest.mark.parametrize(
    "expression",
    [
        "$nothing",
        "function($x){$x}",
        "$eval('1')",
        "(",
        "($f := function($n){ $f($n + 1) + 1 }; $f(0))",
        "($f := function($n){ $f($n + 1) }; $f(0))",
        "$reduce([1..60], function($a, $b){ {'x': $a, 'y': $a} }, {})",
        "$reduce([1..40], function($a, $b){ $append($a, $a) }, [1])",
        "$pad('', 1000000000)",
        "$contains('aaaa', /(?=a)/)",
        "$replace('a', /a/, 'b', 1000000000)",
        "$fromMillis(0, '[Y,999999999-999999999]')",
        "$toMillis('10', '[H]')",
    ],
)
def test_an_expression_without_end_is_refused(expression: str) -> None:
    with pytest.raises(FlowError) as raised:
        evaluated(expression)
    assert raised.value.error == "States.QueryEvaluationError"


DOUBLED = "$"
for _ in range(9):
    DOUBLED = f"States.Array({', '.join([DOUBLED] * 2)})"
WIDE = f"States.Array({', '.join(['$'] * 2_000)})"


@pytest.mark.parametrize(
    ("payload", "error"),
    [
        ({"x.$": WIDE}, "States.DataLimitExceeded"),
        ({"x.$": f"States.ArrayUnique({WIDE})"}, "States.DataLimitExceeded"),
        ({"x.$": f"States.Format('{'{}' * 1_700}', {', '.join(['$'] * 1_700)})"}, "States.IntrinsicFailure"),
        ({f"x{number}.$": DOUBLED for number in range(4)}, "States.DataLimitExceeded"),
    ],
)
def test_what_would_be_huge_is_refused_while_it_is_made(payload: Any, error: str) -> None:
    with pytest.raises(FlowError) as raised:
        given(by_path(Parameters=payload), seen("x" * 40_000))
    assert raised.value.error == error


def test_what_is_shared_counts_each_time() -> None:
    assert len(str(filled("States.Array($, $)", [1] * 10))) > 40
    shared = ["x" * 100]
    assert weight([shared, shared]) - weight([]) == 2 * weight(shared)


def test_the_limit_of_recursion_is_left_as_it_was() -> None:
    before = sys.getrecursionlimit()
    assert before < 10_000
    assert evaluated("(" * 200 + "1" + ")" * 200) == 1
    with pytest.raises(FlowError, match="nested more than 300 deep"):
        evaluated("(" * 320 + "1" + ")" * 320)
    assert sys.getrecursionlimit() == before


@given_that(st.text(max_size=30), JSON)
def test_no_text_breaks_out_of_a_flow(text: str, data: Any) -> None:
    for flow in (
        by_path(Parameters={"x.$": text}),
        by_path(Parameters={"x.$": f"${text}"}),
        by_path(Parameters={"x.$": f"States.Format({text})"}),
        by_expression(Arguments=f"{{%{text}%}}"),
    ):
        flaws(flow, "Task")
        reads(flow)
        try:
            given(flow, seen(data))
        except FlowError as error:
            assert error.error.startswith("States.")


def test_flaws_say_what_and_where() -> None:
    assert [flaw.path for flaw in flaws(by_path(Parameters={"x.$": "a"}, Arguments={}), "Task")] == [
        "Arguments",
        "Parameters.x.$",
    ]
    assert flaws(by_expression(Output="{% ( %}"), "Pass")[0].path == "Output"
    assert flaws(by_path(Parameters={"x.$": "$.a"}), "Task") == ()


def test_variables_that_are_read_are_named() -> None:
    assert reads(by_path(InputPath="$a", Catch=[{"Assign": {"x.$": "$b.c"}}])) == {"a", "b"}
    assert "v" in reads(by_expression(Output="{% $v %}"))


def test_conditions_are_said() -> None:
    rule = '{"And": [{"Variable": "$.total", "NumericGreaterThan": 100}, {"Variable": "$.vip", "BooleanEquals": true}]}'
    assert said(rule) == "$.total > 100 and $.vip is true"
    assert said("{% $states.input.a %}") == "$states.input.a"
