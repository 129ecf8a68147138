"""Expressions of ours say the same in JSONata, or are refused with what stands in the way."""

import re
from typing import Any

import jsonata
import pytest

from designer.graph import fill, holds
from designer.interop.asl.outgoing.cel import Untranslatable
from designer.interop.asl.outgoing.jsonata import Tongue

INPUT = {
    "n": 3, "f": 1.5, "zero": 0, "name": "Ada", "empty": "", "vip": True, "gone": None, "list": [1, 2, 3], "one": ["a"],
    "none": [], "of": {"a b": 1, "deep": {"x": [10, 20]}}, "lines": [{"sku": "a"}, {"sku": "b"}],
}  # fmt: skip
VALUES: dict[str, Any] = {
    "input": INPUT,
    "vars": {"total": 40},
    "steps": {"charge": {"output": {"id": "c1", "amount": 7}}},
    "output": {"ok": False},
}
TONGUE = Tongue({"charge": "charge"}, {"total": "total"})
SAME = [
    "input.n", "input.of.deep.x[1]", 'input.of["a b"]', "input.lines[0].sku", "input.list", "input.one", "input.none",
    "vars.total", "steps.charge.output.id", "steps.charge.output", "output.ok", "input.gone",
    "1", "1.5", "'it is'", '"two \\"quoted\\" words"', "true", "null", "[1, 'a', true]",
    "{'a': input.n, 'b': [1, 2]}", "input.n == 3", "input.n != 3", "input.name == 'Ada'", "input.gone == null",
    "input.n < 4", "input.n <= 3", "input.f > 1.0", "input.n >= 4", "input.name < 'Bob'",
    "input.vip && input.n > 1", "input.n > 9 || input.vip", "!input.vip", "!(input.n == 3 && input.vip)",
    "input.n + 1", "input.n - 5", "input.n * 2", "-input.n", "7 % 4", "input.name + '!'", "'a' + 'b'",
    "(input.n + 1) * 2", "2 + 3 * 4", "input.vip ? 'yes' : 'no'", "input.n > 5 ? 1 : input.n > 2 ? 2 : 3",
    "input.n in [1, 2, 3]", "'z' in ['a']", "input.n in input.list",
    "has(input.n)", "has(input.missing)", "has(input.of.deep)", "has(steps.charge.output)", "has(vars.total)",
    "size(input.list)", "size(input.none)", "size(input.one)", "size(input.name)", "input.name.size()",
    "size(input.of)", "input.name.contains('d')", "input.name.startsWith('A')", "input.name.startsWith('B')",
    "string(1)", "double('1.5')",
]  # fmt: skip


def answered(said: Any, values: dict[str, Any]) -> Any:
    """What a text with JSONata in it, or what holds some, means on these values."""
    if isinstance(said, dict):
        return {name: answered(inner, values) for name, inner in said.items()}
    if isinstance(said, list):
        return [answered(inner, values) for inner in said]
    if not (isinstance(said, str) and said.startswith("{% ") and said.endswith(" %}")):
        return said
    expression = jsonata.Jsonata(said[3:-3])
    frame = expression.create_frame()
    frame.bind("states", {"context": {"Execution": {"Input": values["input"]}}, "result": values["output"]})
    frame.bind("total", values["vars"]["total"])
    frame.bind("charge", values["steps"]["charge"]["output"])
    return expression.evaluate(None, frame)


@pytest.mark.parametrize("text", SAME)
def test_an_expression_says_the_same(text: str) -> None:
    template = f"${{ {text} }}"
    assert plain(answered(TONGUE.value(template), VALUES)) == plain(fill(template, VALUES))


def plain(value: Any) -> Any:
    """Numbers and truths are told apart, whole numbers and others are not."""
    return [type(value) is bool, value]


@pytest.mark.parametrize(
    "text", ["input.vip", "${ input.n > 2 }", "input.n > 2 && !has(input.missing)", "input.n == 9"]
)
def test_a_condition_holds_as_it_does_here(text: str) -> None:
    assert answered(TONGUE.condition(text), VALUES) is holds(text, VALUES)


@pytest.mark.parametrize(
    "template",
    [
        "plain", "{% looks like it %}", "Order ${ input.n } of ${ input.name }.", "${ input.n }${ input.f }",
        "$${ kept }",
        "${ input.of } is an object", "none: ${ input.gone }", 'a "quote" and a \\ ${ input.n }',
        {"a": ["${ input.n }", {"b": "x${ input.name }"}], "c": None, "d": 1},
    ],
)  # fmt: skip
def test_a_template_says_the_same(template: Any) -> None:
    found, wanted = answered(TONGUE.value(template), VALUES), fill(template, VALUES)
    if isinstance(wanted, str):  # an object within a text is written with and without blanks
        found, wanted = found.replace(" ", ""), wanted.replace(" ", "")
    assert found == wanted


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("input.a + input.b", "adds numbers or joins texts"),
        ("input.n / 2", "divides whole numbers into fractions"),
        ("[input.list]", "flatten"),
        ("now", "has no counterpart"),
        ("timestamp(input.name)", "timestamp() has no exact counterpart"),
        ("int(input.f)", "int() has no exact counterpart"),
        ("input.lines.map(l, l.sku)", "has no"),
        ("input.name.matches('a+')", "matches() has no exact counterpart"),
        ("steps.other.output", "cannot be read from there"),
        ("item.x", "has no counterpart there"),
        ("steps.charge", "has no counterpart there"),
        ("b'bytes'", "cannot be read"),
        ("input.n +", "cannot be read"),
        ("(" * 40 + "1" + ")" * 40, "cannot be read"),
    ],
)
def test_what_would_not_be_the_same_is_refused(text: str, why: str) -> None:
    with pytest.raises(Untranslatable, match=re.escape(why)):
        TONGUE.value(f"${{ {text} }}")


def test_what_may_not_have_a_value_yet_is_remembered() -> None:
    tongue = Tongue({"charge": "charge"}, {})
    tongue.value("${ has(steps.charge.output) ? 1 : 2 }")
    assert tongue.tested == {"charge"}
