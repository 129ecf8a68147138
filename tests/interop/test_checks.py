"""What is wrong with a machine is told with its place; what leaves no doubt does not stop the import."""

from typing import Any

import pytest

from designer.interop.asl import BadAsl, Code, check_asl, read_asl

from .machines import PASS, machine, task

CHOICE = {"Type": "Choice", "Default": "B"}


def choice(**rule: Any) -> dict[str, Any]:
    return machine(A={**CHOICE, "Choices": [rule]}, B=PASS)


def mapped(**fields: Any) -> dict[str, Any]:
    return machine(M={"Type": "Map", "ItemProcessor": machine(A=PASS), "End": True, **fields})


A, RULE, RETRIER = "/States/A", "/States/A/Choices[0]", "/States/A/Retry[0]"
STOPPING = [
    ({}, Code.MISSING_FIELD, ""),
    ({"StartAt": "A", "States": {}}, Code.WRONG_VALUE, "/States"),
    ({"StartAt": "B", "States": {"A": PASS}}, Code.UNKNOWN_TARGET, "/StartAt"),
    ({"StartAt": 1, "States": {"A": PASS}}, Code.WRONG_TYPE, "/StartAt"),
    (machine(A=1), Code.WRONG_TYPE, A),
    (machine(A={"End": True}), Code.MISSING_FIELD, A),
    (machine(A={"Type": "Job", "End": True}), Code.WRONG_VALUE, f"{A}/Type"),
    (machine(A={"Type": "Pass"}), Code.MISSING_FIELD, A),
    (machine(A={"Type": "Pass", "End": False}), Code.MISSING_FIELD, A),
    (machine(A={"Type": "Pass", "End": "yes"}), Code.WRONG_TYPE, f"{A}/End"),
    (machine(A={**PASS, "Next": "A"}), Code.CONFLICT, A),
    (machine(A={"Type": "Pass", "Next": "B"}), Code.UNKNOWN_TARGET, f"{A}/Next"),
    (machine(A={"Type": "Succeed", "End": True}), Code.CONFLICT, f"{A}/End"),
    (machine(A={"Type": "Task", "End": True}), Code.MISSING_FIELD, A),
    (machine(A={**PASS, "Output": 1}), Code.WRONG_LANGUAGE, f"{A}/Output"),
    (machine(A={**PASS, "QueryLanguage": "SQL"}), Code.WRONG_VALUE, f"{A}/QueryLanguage"),
    (machine(A=task(TimeoutSeconds="soon")), Code.WRONG_TYPE, f"{A}/TimeoutSeconds"),
    (machine(A=task(TimeoutSeconds=1, TimeoutSecondsPath="$.t")), Code.CONFLICT, A),
    (machine(A=task(Retry={})), Code.WRONG_TYPE, f"{A}/Retry"),
    (machine(A=task(Retry=[{}])), Code.MISSING_FIELD, f"{A}/Retry[0]"),
    (machine(A=task(Retry=[{"ErrorEquals": []}])), Code.WRONG_VALUE, f"{RETRIER}/ErrorEquals"),
    (machine(A=task(Retry=[{"ErrorEquals": ["X"], "MaxAttempts": -1}])), Code.WRONG_VALUE, f"{RETRIER}/MaxAttempts"),
    (machine(A=task(Retry=[{"ErrorEquals": ["X"], "BackoffRate": 0.5}])), Code.WRONG_VALUE, f"{RETRIER}/BackoffRate"),
    (machine(A=task(Retry=[{"ErrorEquals": ["X"], "JitterStrategy": 1}])), Code.WRONG_VALUE,
     f"{RETRIER}/JitterStrategy"),
    (machine(A=task(Catch=[{"ErrorEquals": ["X"]}])), Code.MISSING_FIELD, f"{A}/Catch[0]"),
    (machine(A=task(Catch=[{"ErrorEquals": ["X"], "Next": "B"}])), Code.UNKNOWN_TARGET, f"{A}/Catch[0]"),
    (machine(A={"Type": "Choice", "Choices": []}), Code.WRONG_VALUE, f"{A}/Choices"),
    (choice(Variable="$.x", IsPresent=True), Code.MISSING_FIELD, RULE),
    (choice(Variable="$.x", Next="B"), Code.BAD_RULE, RULE),
    (choice(Variable="$.x", Sounds="y", Next="B"), Code.BAD_RULE, f"{RULE}/Sounds"),
    (choice(IsPresent=True, Next="B"), Code.MISSING_FIELD, RULE),
    (choice(Variable="$.x", IsPresent=True, IsNull=True, Next="B"), Code.BAD_RULE, RULE),
    (choice(Variable="$.x", NumericEquals="1", Next="B"), Code.WRONG_TYPE, f"{RULE}/NumericEquals"),
    (choice(Variable="$.x", BooleanEquals="yes", Next="B"), Code.WRONG_TYPE, f"{RULE}/BooleanEquals"),
    (choice(Variable="$.x", TimestampEquals="soon", Next="B"), Code.WRONG_VALUE, f"{RULE}/TimestampEquals"),
    (choice(Variable="x", IsNull=True, Next="B"), Code.BAD_EXPRESSION, f"{RULE}/Variable"),
    (choice(And=[], Next="B"), Code.WRONG_VALUE, f"{RULE}/And"),
    (choice(Not={"Variable": "$.x", "IsNull": True, "Next": "B"}, Next="B"), Code.BAD_RULE, f"{RULE}/Not/Next"),
    (machine(A={"Type": "Wait", "End": True}), Code.CONFLICT, A),
    (machine(A={"Type": "Wait", "Timestamp": "2016-12-05 21:29:29Z", "End": True}), Code.WRONG_VALUE, f"{A}/Timestamp"),
    (machine(A={"Type": "Fail", "Error": "x", "ErrorPath": "$.x"}), Code.CONFLICT, A),
    (machine(A={"Type": "Parallel", "Branches": [[]], "End": True}), Code.WRONG_TYPE, f"{A}/Branches[0]"),
    (machine(A={"Type": "Map", "End": True}), Code.MISSING_FIELD, A),
    (mapped(ToleratedFailurePercentage=101), Code.WRONG_VALUE, "/States/M/ToleratedFailurePercentage"),
    (mapped(ItemReader={}), Code.MISSING_FIELD, "/States/M/ItemReader"),
]  # fmt: skip
TOLERATED = [
    (machine(A={**PASS, "Typo": 1}), Code.UNKNOWN_FIELD, f"{A}/Typo"),
    (machine(A=PASS, B=PASS), Code.UNREACHABLE, "/States/B"),
    (machine(A={"Type": "Pass", "Next": "A"}), Code.NO_END, "/States"),
    (machine(A={**task(), "Resource": "nothing"}), Code.BAD_RESOURCE, f"{A}/Resource"),
    (machine(A={**task(), "Resource": "arn:aws:states:::dynamodb:query"}), Code.BAD_RESOURCE, f"{A}/Resource"),
    (machine(A={**task(), "Resource": "${open"}), Code.BAD_RESOURCE, f"{A}/Resource"),
    (machine(A=task(Credentials=None)), Code.WRONG_TYPE, f"{A}/Credentials"),
    (machine(A=task(TimeoutSeconds=2, HeartbeatSeconds=2)), Code.WRONG_VALUE, f"{A}/HeartbeatSeconds"),
    (machine(A=task(Retry=[{"ErrorEquals": ["States.ALL", "X"]}])), Code.BAD_ERROR_NAMES, f"{RETRIER}/ErrorEquals"),
    (machine(A=task(Retry=[{"ErrorEquals": ["States.Odd"]}])), Code.BAD_ERROR_NAMES, f"{RETRIER}/ErrorEquals[0]"),
    (mapped(ItemProcessor=machine(M=PASS)), Code.DUPLICATE_NAME, "/States/M/ItemProcessor/States/M"),
    (mapped(Label="a b"), Code.WRONG_VALUE, "/States/M/Label"),
    ({**machine(A=PASS), "Version": "2"}, Code.WRONG_VALUE, "/Version"),
    (machine(language="JSONata", A={**PASS, "QueryLanguage": "JSONPath"}), Code.WRONG_LANGUAGE, f"{A}/QueryLanguage"),
]  # fmt: skip


@pytest.mark.parametrize(("document", "code", "place"), STOPPING)
def test_what_leaves_a_doubt_stops_the_import(document: Any, code: Code, place: str) -> None:
    with pytest.raises(BadAsl) as bad:
        read_asl(document, key="bad")
    assert (code, place, True) in [(one.code, one.place, one.stops) for one in bad.value.problems]
    assert check_asl(document) == bad.value.problems


@pytest.mark.parametrize(("document", "code", "place"), TOLERATED)
def test_what_leaves_no_doubt_is_only_told(document: Any, code: Code, place: str) -> None:
    problems = read_asl(document, key="odd").problems
    assert (code, place, False) in [(one.code, one.place, one.stops) for one in problems]


def test_every_problem_is_told_at_once() -> None:
    problems = check_asl(machine(A={"Type": "Pass"}, B={"Type": "Job"}, C={"Type": "Wait", "Next": "D"}))
    assert {problem.place for problem in problems} == {
        "/States/A", "/States/B/Type", "/States/B", "/States/C", "/States/C/Next", "/States",
    }  # fmt: skip


@pytest.mark.parametrize("pattern", [".sync", ".waitForTaskToken"])
def test_an_express_machine_cannot_wait(pattern: str) -> None:
    document = machine(A={**task(), "Resource": f"arn:aws:states:::sqs:sendMessage{pattern}"})
    assert not check_asl(document)
    assert [problem.code for problem in check_asl(document, express=True)] == [Code.NOT_IN_EXPRESS]


@pytest.mark.parametrize("text", ["", "nothing", "[1]", '{"StartAt":', "a: [", "null"])
def test_a_text_that_is_no_machine_says_so(text: str) -> None:
    assert [problem.code for problem in check_asl(text)] == [Code.NOT_A_MACHINE]
