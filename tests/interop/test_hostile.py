"""Documents that nobody means well by: they are opened, or refused with sentences, and never cost much."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from designer.graph import Direction, decode, encode, lay_out
from designer.interop.asl import BadAsl, Treatment, check_asl, read_asl, write_asl
from tests.oracle.definitions import corpus

from .machines import PASS, machine, task

NAMES = st.sampled_from(["A", "B", "Größe", "\0", "x" * 300, "", "steps", "a.b", "if"])
FIELDS = st.sampled_from([
    "Type", "Next", "End", "Comment", "Resource", "Parameters", "Choices", "Default", "Branches", "Iterator", "Retry",
    "ItemProcessor", "Catch", "ResultPath", "InputPath", "Seconds", "Timestamp", "Error", "ErrorPath", "StartAt",
    "States", "QueryLanguage", "Assign", "Output", "TimeoutSeconds", "MaxConcurrency", "ErrorEquals", "Variable", "And",
    "IsPresent", "Condition", "ItemReader", "ItemBatcher", "Label", "Credentials", "ProcessorConfig", "typo",
])  # fmt: skip
WORDS = st.sampled_from([
    "Pass", "Task", "Choice", "Map", "Parallel", "Wait", "Fail", "Succeed", "A", "B", "$", "$.x", "$$", "{% 1 %}", "{%",
    "JSONata", "JSONPath", "States.ALL", "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "${x", "\0",
    "\ud800", "$[",
])  # fmt: skip
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | WORDS | st.text(max_size=20)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS | NAMES, inner, max_size=5),
    max_leaves=30,
)
STATES = st.dictionaries(FIELDS, VALUES, max_size=8)
MACHINES = st.fixed_dictionaries(
    {"StartAt": NAMES | VALUES, "States": st.dictionaries(NAMES, STATES | VALUES, max_size=4) | VALUES},
    optional={"QueryLanguage": WORDS, "TimeoutSeconds": VALUES, "Comment": VALUES},
)
REAL = [case["definition"] for case in corpus("asl_real_definitions")]


def opened_or_refused(document: Any) -> None:
    """Nothing but BadAsl is raised, and what is opened can be kept, drawn and given back."""
    problems = check_asl(document)
    assert all(problem.message for problem in problems)
    try:
        imported = read_asl(document, key="hostile")
    except BadAsl as bad:
        assert any(problem.stops for problem in bad.problems)
        return
    assert decode(encode(imported.graph)) == imported.graph
    lay_out(imported.graph, Direction.DOWN)
    assert read_asl(dict(write_asl(imported.graph).document), key="hostile").graph == imported.graph


@given(VALUES | MACHINES)
def test_whatever_arrives_is_opened_or_refused(document: Any) -> None:
    opened_or_refused(document)


@given(st.text(max_size=200))
def test_whatever_text_arrives_is_opened_or_refused(text: str) -> None:
    opened_or_refused(text)


@st.composite
def damaged(draw: st.DrawFn) -> Any:
    """A real definition with something put in the place of one of its values, or one of its names lost."""
    return _damaged(draw, draw(st.sampled_from(REAL)))


def _damaged(draw: st.DrawFn, value: Any) -> Any:
    if isinstance(value, dict) and value and draw(st.integers(0, 9)):
        name = draw(st.sampled_from(sorted(value)))
        if not draw(st.integers(0, 5)):
            return {other: inner for other, inner in value.items() if other != name}
        return {**value, name: _damaged(draw, value[name])}
    if isinstance(value, list) and value and draw(st.integers(0, 9)):
        at = draw(st.integers(0, len(value) - 1))
        return [*value[:at], _damaged(draw, value[at]), *value[at + 1 :]]
    return draw(VALUES)


@settings(max_examples=300)
@given(damaged())
def test_a_damaged_definition_is_opened_or_refused(document: Any) -> None:
    opened_or_refused(document)


def nested(depth: int, **innermost: Any) -> dict[str, Any]:
    inner = machine(**{f"S{depth}": innermost or PASS})
    for level in range(depth):
        inner = machine(**{f"M{level}": {"Type": "Map", "ItemProcessor": inner, "End": True}})
    return inner


@pytest.mark.parametrize(
    "document",
    [
        nested(8),
        nested(2_000),
        machine(**{f"S{number}": {**PASS} for number in range(501)}),
        machine(**{f"S{number}": {**PASS} for number in range(30_000)}),
        machine(A={**PASS, "Result": "x" * 600_000}),
        machine(A={**PASS, "Result": [[[]] * 100] * 300}),
        machine(A={**PASS, "Result": 10**5_000}),
        machine(A=task(Retry=[{"ErrorEquals": ["E" * 300]}])),
        "[" * 100_000,
        "{" * 100_000,
        "a: &a [*a]",
        "a: !!python/object:os.system []",
        '{"StartAt": "A", "StartAt": "B"}',
        "x" * 600_000,
    ],
    ids=range(14),
)
def test_a_bomb_is_refused(document: Any) -> None:
    with pytest.raises(BadAsl):
        read_asl(document, key="bomb")


def test_as_deep_as_scopes_may_be_is_opened() -> None:
    graph = read_asl(nested(5), key="deep").graph
    assert len(graph.steps) == 6


def test_the_most_states_that_there_may_be_are_opened() -> None:
    states = {f"State {number}": {"Type": "Pass", "Next": f"State {number + 1}"} for number in range(499)}
    imported = read_asl(machine(**states, **{"State 499": PASS}), key="many")
    assert len(imported.graph.steps) == 500
    assert imported.report.count(Treatment.CARRIED) == 500
