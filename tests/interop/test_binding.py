"""Bound steps do something of ours, and give the steps after them what their resource gave."""

from typing import Any

import pytest

from designer.dataflow import Language
from designer.graph import (
    Action,
    Emit,
    Graph,
    Review,
    RunWorkflow,
    Succeed,
    Wait,
    decode,
    encode,
)
from designer.interop.asl import (
    AnswerAlways,
    AskPeople,
    AwaitSignal,
    Binding,
    CallHttp,
    CannotBind,
    PublishSignal,
    RunAnother,
    Treatment,
    UseStepType,
    bind,
    bound_line,
    read_asl,
    suggest,
    suggest_review,
    unbound,
    write_asl,
)
from runs.engine.events import VariableSet
from runs.simulation import read_mocks, simulate

from .machines import FUNCTION, graph_of, machine, task

STATES = "arn:aws:states:::"
CALLED: dict[str, Any] = {"Parameters": {"Payload.$": "$.order"}, "ResultPath": "$.answer"}
INPUT = {"order": {"id": 7}}
HTTP_ANSWER = {"status": 200, "headers": {}, "body": {"price": 3}}


def called(resource: str, **fields: Any) -> Graph:
    return graph_of(Call={**task(**{**CALLED, **fields}), "Resource": resource})


def bound(resource: str, binding: Binding, **fields: Any) -> Graph:
    graph = bind(called(resource, **fields), {"call": binding})
    assert decode(encode(graph)) == graph
    return graph


def run(graph: Graph, **mocks: Any) -> Any:
    simulated = simulate(graph, INPUT, read_mocks({name: [answer] for name, answer in mocks.items()}, graph))
    assert simulated.status == "succeeded", (simulated.error, simulated.cause, simulated.why)
    return simulated


def test_what_is_not_bound_is_listed() -> None:
    graph = graph_of(A=task(Next="B"), B=task())
    assert [step.key for step in unbound(graph)] == ["a", "b"]
    assert [step.key for step in unbound(bind(graph, {"a": UseStepType(does="x.y@^1")}))] == ["b"]


@pytest.mark.parametrize("key", ["nothing", "b"])
def test_only_calls_can_be_bound(key: str) -> None:
    graph = graph_of(A=task(Next="B"), B={"Type": "Succeed"})
    with pytest.raises(CannotBind, match=key):
        bind(graph, {key: AnswerAlways(result={})})


def test_a_function_that_is_an_http_call_gives_its_payload() -> None:
    graph = bound(FUNCTION, CallHttp(url="https://prices.example/"))
    step = graph.steps["call"]
    assert isinstance(step, Action) and step.does == "http.request@^1" and step.resource == FUNCTION
    simulated = run(graph, call={"output": HTTP_ANSWER})
    assert simulated.calls[0].payload["json"] == {"id": 7}
    payload = {"ExecutedVersion": "$LATEST", "Payload": {"price": 3}, "StatusCode": 200}
    assert simulated.output == {**INPUT, "answer": payload}


def test_a_function_by_its_own_name_gives_what_it_returned() -> None:
    graph = bound(
        "arn:aws:lambda:eu-west-1:123456789012:function:price", CallHttp(url="https://prices.example/")
    )
    simulated = run(graph, call={"output": HTTP_ANSWER})
    assert simulated.calls[0].payload["json"] == {"Payload": {"id": 7}}
    assert simulated.output == {**INPUT, "answer": {"price": 3}}


def test_an_http_state_is_an_http_call_that_says_its_status() -> None:
    given = {"ApiEndpoint": "https://prices.example/", "Method": "PUT", "RequestBody.$": "$.order"}
    binding = suggest(f"{STATES}http:invoke")
    assert binding is not None
    simulated = run(bound(f"{STATES}http:invoke", binding, Parameters=given), call={"output": HTTP_ANSWER})
    payload = simulated.calls[0].payload
    assert (payload["url"], payload["method"], payload["json"]) == (
        "https://prices.example/",
        "PUT",
        {"id": 7},
    )
    assert simulated.output["answer"] == {"ResponseBody": {"price": 3}, "StatusCode": 200, "Headers": {}}


def test_a_step_type_is_given_the_arguments_or_a_part_of_them() -> None:
    whole = run(bound(FUNCTION, UseStepType(does="prices.find@^1")), call={"output": 5})
    assert whole.calls[0].payload == {"Payload": {"id": 7}}
    assert whole.output["answer"]["Payload"] == 5
    inputs = {"id": "${ arguments.Payload.id }"}
    part = run(bound(FUNCTION, UseStepType(does="prices.find@^1", inputs=inputs)), call={"output": 5})
    assert part.calls[0].payload == {"id": 7}


def test_a_stub_answers_always_the_same_word_for_word() -> None:
    graph = bound(FUNCTION, AnswerAlways(result={"Payload": ["${ not asked }", 1]}))
    step = graph.steps["call"]
    assert isinstance(step, Action)
    assert step.inputs == {"values": {"value": {"Payload": ["$${ not asked }", 1]}}}
    simulated = run(graph, call={"output": {"value": {"Payload": 1}}})
    assert simulated.output == {**INPUT, "answer": {"Payload": 1}}


@pytest.mark.parametrize(
    ("variant", "result"),
    [
        (".sync:2", {"Output": {"done": 1}, "Status": "SUCCEEDED"}),
        (".sync", {"Output": '{"done": 1} ', "Status": "SUCCEEDED"}),
    ],
)
def test_an_execution_is_a_run_of_another_workflow(variant: str, result: Any) -> None:
    given = {"StateMachineArn": "arn", "Input": {"id.$": "$.order.id"}}
    graph = bound(f"{STATES}states:startExecution{variant}", RunAnother(runs="prices"), Parameters=given)
    assert isinstance(graph.steps["call"], RunWorkflow)
    simulated = run(graph, call={"output": {"done": 1}})
    assert simulated.calls[0].payload == {"id": 7}
    assert simulated.output == {**INPUT, "answer": result}


def test_an_input_by_path_is_the_input_of_the_other_workflow() -> None:
    given = {"StateMachineArn": "arn", "Input.$": "$.order"}
    graph = bound(f"{STATES}states:startExecution.sync:2", RunAnother(runs="prices"), Parameters=given)
    assert run(graph, call={"output": {}}).calls[0].payload == {"id": 7}


def test_a_message_is_a_signal_that_is_published() -> None:
    graph = bound(
        f"{STATES}sqs:sendMessage", PublishSignal(signal="orders.sent", key="${ arguments.Payload.id }")
    )
    assert isinstance(graph.steps["call"], Emit)
    assert list(run(graph).output["answer"]) == ["MessageId"]


def with_token(language: Language, **fields: Any) -> Graph:
    """A state that gives a token to somebody, bound to signals."""
    token = {
        Language.JSONPATH: {"Parameters": {"Token.$": "$$.Task.Token"}, "ResultPath": "$.answer"},
        Language.JSONATA: {
            "Arguments": {"Token": "{% $states.context.Task.Token %}"},
            "Output": "{% $merge([$states.input, {'answer': $states.result}]) %}",
        },
    }[language]
    state = {"Type": "Task", "Resource": f"{STATES}sqs:sendMessage.waitForTaskToken", "End": True, **token}
    graph = graph_of(Call={**state, "QueryLanguage": language, "TimeoutSeconds": 60, **fields})
    return bind(graph, {"call": AwaitSignal(asks="work.asked", answer="work.done")})


@pytest.mark.parametrize("language", Language)
def test_a_token_is_published_and_waited_for(language: Language) -> None:
    graph = with_token(language)
    asking, waiting = graph.steps.values()
    assert isinstance(asking, Emit) and isinstance(waiting, Wait)
    assert (waiting.title, waiting.scope, waiting.next) == ("Call", "", None)
    assert waiting.flow is not None and waiting.flow.fields["TimeoutSeconds"] == 60
    simulated = run(graph, call_answer={"data": {"price": 3}})
    assert simulated.output == {**INPUT, "answer": {"price": 3}}
    assert "Call" in simulated.visited


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(
    ("error", "mock"), [("States.Timeout", {"timeout": True}), ("Declined", {"error": "Declined"})]
)
def test_a_retry_asks_anew_with_a_new_token(language: Language, error: str, mock: dict[str, Any]) -> None:
    graph = with_token(language, Retry=[{"ErrorEquals": [error], "MaxAttempts": 2}])
    simulated = simulate(
        graph, INPUT, read_mocks({"call_request_answer": [mock, mock, {"data": {"price": 3}}]}, graph)
    )
    assert simulated.output == {**INPUT, "answer": {"price": 3}}
    tokens = {event.value for event in simulated.journal if isinstance(event, VariableSet)}
    assert simulated.visited.count("Call: request") == len(tokens) == 3
    simulated = simulate(graph, INPUT, read_mocks({"call_request_answer": [mock] * 3}, graph))
    assert simulated.error == error


@pytest.mark.parametrize("language", Language)
def test_what_asks_anew_can_be_written_as_a_machine(language: Language) -> None:
    exported = write_asl(with_token(language, Retry=[{"ErrorEquals": ["States.Timeout"]}]))
    again = read_asl(dict(exported.document), key="again")
    assert again.problems == ()
    assert again.graph.steps["call"].retry.most == 4


def test_what_leaves_variables_waits_anew_without_asking_anew() -> None:
    graph = with_token(Language.JSONPATH, Retry=[{"ErrorEquals": ["States.ALL"]}], Assign={"x.$": "$.price"})
    asking, waiting = graph.steps.values()
    assert isinstance(asking, Emit) and isinstance(waiting, Wait)
    assert (asking.retry.most, waiting.retry.most) == (1, 4)


def test_what_is_asked_elsewhere_is_only_waited_for() -> None:
    graph = bound(f"{STATES}sqs:sendMessage.waitForTaskToken", AwaitSignal(asks="", answer="work.done"))
    assert [(type(step), step.key) for step in graph.steps.values()] == [(Wait, "call")]
    assert run(graph, call={"data": 1}).output == {**INPUT, "answer": 1}


def test_a_token_is_a_question_to_people() -> None:
    graph = bound(f"{STATES}sns:publish.waitForTaskToken", AskPeople(groups=("risk",)))
    review = graph.steps["call"]
    assert isinstance(review, Review) and review.reviewers.groups == ("risk",)
    assert isinstance(graph.steps["call_end"], Succeed)
    simulated = run(graph, call={"outcome": "approve"})
    assert simulated.output["answer"]["outcome"] == "approve"


@pytest.mark.parametrize(
    ("resource", "kind"),
    [
        (FUNCTION, UseStepType),
        ("arn:aws:lambda:eu-west-1:123456789012:function:price", UseStepType),
        (f"{STATES}http:invoke", CallHttp),
        (f"{STATES}apigateway:invoke", CallHttp),
        (f"{STATES}states:startExecution.sync:2", RunAnother),
        (f"{STATES}states:startExecution", RunAnother),
        (f"{STATES}sns:publish", PublishSignal),
        (f"{STATES}sqs:sendMessage", PublishSignal),
        (f"{STATES}events:putEvents", PublishSignal),
        (f"{STATES}sqs:sendMessage.waitForTaskToken", AwaitSignal),
        ("arn:aws:states:eu-west-1:123456789012:activity:pack", AwaitSignal),
        (f"{STATES}dynamodb:putItem", type(None)),
        ("whatever", type(None)),
    ],
)
def test_a_resource_suggests_what_it_may_be(resource: str, kind: type) -> None:
    assert type(suggest(resource)) is kind
    assert (suggest_review(resource) is not None) is (kind is AwaitSignal)


def test_the_report_says_what_a_step_was_bound_to() -> None:
    graph = called(FUNCTION)
    line = bound_line(graph, "call", CallHttp(url="x"))
    assert (line.treatment, line.state) == (Treatment.BOUND, "Call")


@pytest.mark.parametrize(
    "binding",
    [
        CallHttp(url="https://prices.example/"), UseStepType(does="prices.find@^1"),
        AwaitSignal(asks="a.b", answer="c.d"), AskPeople(),
        RunAnother(runs="prices"), PublishSignal(signal="a.b"), AnswerAlways(result=1),
    ],
    ids=lambda binding: type(binding).__name__,
)  # fmt: skip
def test_what_is_bound_can_still_be_written_as_a_machine(binding: Binding) -> None:
    graph = bind(graph_of(Call={**task(Next="End"), **CALLED}, End={"Type": "Succeed"}), {"call": binding})
    exported = write_asl(graph)
    again = read_asl(dict(exported.document), key="again")
    assert again.problems == ()
    assert {step.title for step in unbound(again.graph)} == {
        step.name
        for step in graph.steps.values()
        if isinstance(step, Action | Emit | Wait | Review | RunWorkflow)
    }


def test_branches_of_the_machine_can_be_bound() -> None:
    parallel = {
        "Type": "Parallel",
        "Branches": [machine(A=task(Next="B"), B={"Type": "Succeed"})],
        "End": True,
    }
    token = f"{STATES}sqs:sendMessage.waitForTaskToken"
    parallel["Branches"][0]["States"]["A"]["Resource"] = token  # type: ignore[index]
    graph = bind(graph_of(P=parallel), {"a": AwaitSignal(asks="x.y", answer="x.z")})
    assert graph.steps["a_answer"].scope == "p/branch_1" and graph.steps["a"].next == "a_answer"
    assert graph.steps["a_answer"].next == "b"


def test_who_is_asked_too_long_is_caught() -> None:
    state = {
        "Type": "Task",
        "Resource": f"{STATES}sqs:sendMessage.waitForTaskToken",
        "End": True,
        "TimeoutSeconds": 60,
    }
    catch = [{"ErrorEquals": ["States.Timeout"], "Next": "Late", "ResultPath": "$.late"}]
    graph = graph_of(Call={**state, "Catch": catch}, Late={"Type": "Succeed", "OutputPath": "$.late.Error"})
    graph = bind(graph, {"call": AwaitSignal(asks="work.asked", answer="work.done")})
    assert run(graph, call_answer={"timeout": True}).output == "States.Timeout"
