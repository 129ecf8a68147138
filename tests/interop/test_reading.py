"""States become steps, and what is about data stays as it is written."""

from datetime import timedelta
from typing import Any

import pytest

from designer.dataflow import DataFlow, Language
from designer.graph import (
    Action,
    Catch,
    Choice,
    Fail,
    Map,
    OnFailure,
    Option,
    Parallel,
    Retry,
    SetVariables,
    Succeed,
    Wait,
    decode,
    encode,
)
from designer.interop.asl import Treatment, read_asl

from .machines import FUNCTION, PASS, graph_of, machine, read, step_of, task

LONGEST = timedelta(days=366)


def test_a_machine_is_a_graph_that_keeps_what_was_done() -> None:
    document = {**machine(A={"Type": "Pass", "Next": "B"}, B=PASS), "Comment": "Why.", "TimeoutSeconds": 90}
    graph = read_asl(document, key="orders", title="Orders").graph
    assert (graph.key, graph.title, graph.notes, graph.start) == ("orders", "Orders", "Why.", "a")
    assert graph.deadline == timedelta(seconds=90)
    assert graph.on_failure is OnFailure.KEEP
    assert graph.steps["a"].next == "b" and graph.steps["b"].next is None


def test_yaml_is_read_as_json_is() -> None:
    text = "StartAt: A\nStates:\n  A:\n    Type: Pass\n    End: true\n"
    assert read_asl(text, key="read") == read(machine(A=PASS))


def test_names_become_keys_that_are_free() -> None:
    graph = graph_of(**{"Charge card!": {"Type": "Pass", "Next": "charge card"}, "charge card": PASS})
    assert {key: step.title for key, step in graph.steps.items()} == {
        "charge_card": "Charge card!",
        "charge_card_2": "charge card",
    }


def test_a_task_is_an_action_that_nothing_is_bound_to() -> None:
    step = step_of(
        **task(Comment="Say why.", TimeoutSeconds=5, HeartbeatSeconds=2, Parameters={"a.$": "$.b"})
    )
    assert isinstance(step, Action)
    assert (step.does, step.resource, step.notes, step.timeout) == (
        "",
        FUNCTION,
        "Say why.",
        timedelta(seconds=5),
    )
    assert step.flow == DataFlow(fields={"HeartbeatSeconds": 2, "Parameters": {"a.$": "$.b"}})


def test_the_language_is_the_states_own_or_the_machines() -> None:
    graph = read({**machine(language="JSONata", A={**PASS, "Output": 1})}).graph
    assert graph.steps["a"].flow == DataFlow(language=Language.JSONATA, fields={"Output": 1})
    graph = read(machine(A={**PASS, "QueryLanguage": "JSONata", "Output": 1})).graph
    assert graph.steps["a"].flow == DataFlow(language=Language.JSONATA, fields={"Output": 1})


def test_what_is_worked_out_stays_in_the_flow() -> None:
    step = step_of(**task(QueryLanguage="JSONata", TimeoutSeconds="{% 5 %}"))
    assert isinstance(step, Action) and step.timeout is None
    assert step.flow is not None and step.flow.fields == {"TimeoutSeconds": "{% 5 %}"}


def test_retriers_are_rules_each_with_its_own_tries() -> None:
    step = step_of(
        **task(
            Retry=[
                {"ErrorEquals": ["Busy", "Late"], "IntervalSeconds": 3, "MaxAttempts": 5, "BackoffRate": 1.5},
                {"ErrorEquals": ["Never"], "MaxAttempts": 0},
                {"ErrorEquals": ["States.ALL"], "MaxDelaySeconds": 60, "JitterStrategy": "FULL"},
            ]
        )
    )
    never = Retry(attempts=1, longest=LONGEST, jitter=False, on=("Never",))
    rest = Retry(attempts=4, longest=timedelta(seconds=60), jitter=True, on=("States.ALL",))
    first = Retry(
        attempts=6, wait=timedelta(seconds=3), factor=1.5, longest=LONGEST, jitter=False, on=("Busy", "Late")
    )
    assert step.retry.rules[1:] == (never, rest)
    assert step.retry == Retry(
        attempts=6,
        wait=first.wait,
        factor=1.5,
        longest=LONGEST,
        jitter=False,
        on=first.on,
        others=(never, rest),
    )


def test_a_catcher_is_a_fallback_and_what_it_hands_on() -> None:
    catchers = [
        {"ErrorEquals": ["Gone"], "Next": "B", "ResultPath": "$.why"},
        {"ErrorEquals": ["States.ALL"], "Next": "B"},
    ]
    step = graph_of(A=task(Catch=catchers), B=PASS).steps["a"]
    assert step.catch == (Catch(on=("Gone",), next="b"), Catch(on=("States.ALL",), next="b"))
    assert step.flow is not None and step.flow.fields == {"Catch": [{"ResultPath": "$.why"}, {}]}


def test_a_choice_asks_its_rules_as_they_are_written() -> None:
    rules = [{"Variable": "$.n", "NumericGreaterThan": 1, "Next": "B", "Assign": {"x": 1}, "Comment": "many"}]
    step = graph_of(A={"Type": "Choice", "Choices": rules, "Default": "C"}, B=PASS, C=PASS).steps["a"]
    assert isinstance(step, Choice)
    assert [(option.when, option.next) for option in step.options] == [
        ('{"Variable": "$.n", "NumericGreaterThan": 1}', "b")
    ]
    assert step.otherwise == "c"
    assert step.flow is not None and step.flow.fields == {
        "Choices": [{"Assign": {"x": 1}, "Comment": "many"}]
    }


def test_conditions_in_jsonata_stay_texts() -> None:
    rules = [{"Condition": "{% $n > 1 %}", "Next": "B"}, {"Condition": True, "Next": "B"}]
    step = graph_of(A={"Type": "Choice", "QueryLanguage": "JSONata", "Choices": rules}, B=PASS).steps["a"]
    assert isinstance(step, Choice)
    assert [option.when for option in step.options] == ["{% $n > 1 %}", "{% true %}"]
    assert all(isinstance(option, Option) for option in step.options) and step.otherwise is None


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ({"Seconds": 5}, ("5s", "", {})),
        ({"Timestamp": "2030-01-31T08:00:00Z"}, ("", "2030-01-31T08:00:00Z", {})),
        ({"SecondsPath": "$.s"}, ("", "", {"SecondsPath": "$.s"})),
        ({"Seconds": 99_999_999}, ("", "", {"Seconds": 99_999_999})),
    ],
)
def test_a_wait_waits_as_long(state: dict[str, Any], expected: tuple[str, str, dict[str, Any]]) -> None:
    step = step_of(Type="Wait", End=True, **state)
    assert isinstance(step, Wait) and step.flow is not None
    assert (step.duration, step.until, step.flow.fields) == expected


def test_branches_are_scopes_of_their_own() -> None:
    state = {
        "Type": "Parallel",
        "Branches": [machine(A=PASS), machine(B=PASS)],
        "End": True,
        "ResultPath": "$.r",
    }
    graph = graph_of(P=state)
    step = graph.steps["p"]
    assert isinstance(step, Parallel)
    assert [(branch.name, branch.start) for branch in step.branches] == [("branch_1", "a"), ("branch_2", "b")]
    assert graph.steps["b"].scope == "p/branch_2"


@pytest.mark.parametrize("name", ["Iterator", "ItemProcessor"])
def test_items_are_worked_on_so_many_at_a_time(name: str) -> None:
    state = {"Type": "Map", name: machine(A=PASS), "End": True, "ItemsPath": "$.all", "MaxConcurrency": 0}
    step = graph_of(M=state).steps["m"]
    assert isinstance(step, Map)
    assert (step.start, step.max_concurrency) == ("a", 1_000)
    assert step.flow is not None and step.flow.fields == {"ItemsPath": "$.all"}
    few = graph_of(M={**state, "MaxConcurrency": 3}).steps["m"]
    assert isinstance(few, Map) and few.max_concurrency == 3


def test_how_many_items_may_fail_is_said_by_the_flow() -> None:
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    processor = {**machine(A=PASS), "ProcessorConfig": config}
    step = step_of(Type="Map", ItemProcessor=processor, End=True, ToleratedFailurePercentage=5, Label="x")
    assert step.flow is not None
    assert step.flow.fields == {"ToleratedFailurePercentage": 5, "Label": "x", "ProcessorConfig": config}


@pytest.mark.parametrize("language", Language)
def test_what_reads_the_items_is_a_step_before_the_map(language: Language) -> None:
    given = "Parameters" if language is Language.JSONPATH else "Arguments"
    reader = {
        "Resource": "arn:aws:states:::s3:getObject",
        given: {"Bucket": "b"},
        "ReaderConfig": {"InputType": "CSV"},
    }
    state = {
        "Type": "Map",
        "ItemReader": reader,
        "ItemProcessor": machine(A=PASS),
        "End": True,
        "QueryLanguage": language,
    }
    imported = read(machine(First={"Type": "Pass", "Next": "M"}, M=state))
    steps = imported.graph.steps
    assert steps["first"].next == "m_items" and steps["m_items"].next == "m"
    assert isinstance(steps["m_items"], Action) and steps["m_items"].resource == reader["Resource"]
    assert steps["m"].flow is not None
    over = {"ItemsPath": "$m_items"} if language is Language.JSONPATH else {"Items": "{% $m_items %}"}
    assert over.items() <= steps["m"].flow.fields.items()
    assert [line.state for line in imported.report.of(Treatment.UNBOUND)] == ["M"]


def test_the_ends_of_a_scope() -> None:
    graph = graph_of(
        A={
            "Type": "Choice",
            "Choices": [{"Variable": "$.x", "IsPresent": True, "Next": "B"}],
            "Default": "C",
        },
        B={"Type": "Succeed", "OutputPath": "$.x"},
        C={"Type": "Fail", "Error": "Gone", "CausePath": "$.why"},
    )
    good, bad = graph.steps["b"], graph.steps["c"]
    assert isinstance(good, Succeed) and good.flow == DataFlow(fields={"OutputPath": "$.x"})
    assert isinstance(bad, Fail) and (bad.error, bad.message) == ("Gone", "")
    assert bad.flow == DataFlow(fields={"CausePath": "$.why"})


def test_a_pass_keeps_its_result_word_for_word() -> None:
    step = step_of(Type="Pass", Result={"x.$": "$.y", "n": None}, ResultPath=None, End=True)
    assert isinstance(step, SetVariables)
    assert step.flow == DataFlow(fields={"Result": {"x.$": "$.y", "n": None}, "ResultPath": None})


def test_what_is_read_can_be_kept() -> None:
    graph = graph_of(A=task(Next="B", InputPath=None), B={"Type": "Fail"})
    assert decode(encode(graph)) == graph


def test_an_unknown_resource_is_never_refused() -> None:
    for resource in (
        "",
        "whatever",
        "${Filled}",
        "arn:aws:states:::nobody:knows",
        {"Fn::GetAtt": ["F", "Arn"]},
    ):
        step = step_of(Type="Task", Resource=resource, End=True)
        assert isinstance(step, Action) and not step.does


def test_the_report_tells_of_every_field() -> None:
    state = task(
        Credentials={"RoleArn": "r"},
        Retry=[{"ErrorEquals": ["X"]}],
        Parameters={"a": 1},
        Odd=1,
        TimeoutSeconds=3,
    )
    imported = read(machine(A=state))
    told = {(line.treatment, line.field) for line in imported.report.lines}
    assert told == {
        (Treatment.CARRIED, ""),
        (Treatment.CARRIED, "Parameters"),
        (Treatment.CARRIED, "Retry"),
        (Treatment.CARRIED, "TimeoutSeconds"),
        (Treatment.UNBOUND, "Resource"),
        (Treatment.IGNORED, "Credentials"),
        (Treatment.IGNORED, "Odd"),
    }
    assert imported.report.count(Treatment.CARRIED) == 4
    assert [problem.place for problem in imported.problems] == ["/States/A/Odd"]
