"""Graphs become machines that AWS takes; what they cannot say is listed."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from designer.graph import (
    Action,
    AnyStep,
    Arrival,
    Awaited,
    Branch,
    Catch,
    Choice,
    Compensate,
    Emit,
    Fail,
    Graph,
    Join,
    Loop,
    Map,
    OnExhausted,
    Option,
    Outcome,
    Parallel,
    Retry,
    Review,
    RunWorkflow,
    SetVariables,
    Succeed,
    Undoing,
    UndoOrder,
    Wait,
    decode,
    read_document,
)
from designer.graph.policies import AfterFailedUndo
from designer.interop.asl import check_asl, read_asl, write_asl
from tests.graph.strategies import flawed_graphs, graphs

from .machines import PASS, machine, task

DOCS = Path(__file__).parents[2] / "docs"
EXAMPLES = [
    (f"{page.name} {number}", text)
    for page in sorted(DOCS.glob("*.md"))
    for number, text in enumerate(re.findall(r"```yaml\n(choreo: 1.*?)```", page.read_text(), re.DOTALL))
]


def graph(*steps: AnyStep, **fields: Any) -> Graph:
    return Graph(key="orders", start=steps[0].key, steps={step.key: step for step in steps}, **fields)


def states(*steps: AnyStep, **fields: Any) -> dict[str, Any]:
    """The states of a graph, which AWS takes."""
    exported = write_asl(graph(*steps, **fields))
    assert check_asl(exported.document) == ()
    found: dict[str, Any] = exported.document["States"]
    return found


def losses(*steps: AnyStep, **fields: Any) -> list[str]:
    return [loss.sentence for loss in write_asl(graph(*steps, **fields)).losses]


def shop(key: str, **fields: Any) -> Action:
    return Action(key=key, does=f"shop.{key}@^1", **fields)


DONE = Succeed(key="done")

# --- what came as a machine ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "document",
    [
        machine(A={**PASS, "Comment": "Why.", "Result": {"x.$": 1}, "ResultPath": None}),
        machine(A=task(Next="B", TimeoutSeconds=3, HeartbeatSeconds=1, Credentials={"RoleArn": "r"}),
                B={"Type": "Succeed"}),
        machine(A={"Type": "Wait", "Seconds": 5, "Next": "B"},
                B={"Type": "Wait", "Timestamp": "2030-01-01T00:00:00Z", "End": True}),
        machine(A={"Type": "Fail", "Error": "X", "Cause": "Y"}),
        machine(A={"Type": "Map", "ItemProcessor": {**machine(B=PASS), "ProcessorConfig": {"Mode": "INLINE"}},
                   "End": True, "MaxConcurrency": 5, "ItemsPath": "$.all", "Label": "x"}),
        machine(A={"Type": "Parallel", "Branches": [machine(B=PASS), machine(C=PASS)], "End": True,
                   "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "D", "ResultPath": "$.why"}]}, D=PASS),
        machine(A={"Type": "Choice", "Default": "B",
                   "Choices": [{"Variable": "$.n", "IsPresent": True, "Next": "B", "Assign": {"a": 1}}]}, B=PASS),
        machine(language="JSONata",
                A={"Type": "Choice", "Choices": [{"Condition": "{% true %}", "Next": "B"}]}, B=PASS),
        machine(A={**PASS, "QueryLanguage": "JSONata", "Output": 1}, ) | {"Comment": "Mixed."},
        {**machine(A=PASS), "TimeoutSeconds": 60},
    ],
)  # fmt: skip
def test_what_was_read_is_given_back_word_for_word(document: dict[str, Any]) -> None:
    if {"A"} == set(document["States"]) and "QueryLanguage" in document["States"]["A"]:
        document = {"QueryLanguage": "JSONata", **document}
        document["States"]["A"].pop("QueryLanguage")
    assert write_asl(read_asl(document, key="same").graph).document == document


def test_both_languages_stand_side_by_side() -> None:
    document = machine(A={"Type": "Pass", "Next": "B"}, B={**PASS, "QueryLanguage": "JSONata", "Output": 1})
    assert write_asl(read_asl(document, key="same").graph).document == document


def test_a_step_of_ours_among_states_hands_on_what_it_was_given() -> None:
    read = read_asl(machine(A={"Type": "Pass", "Next": "B"}, B=PASS), key="mixed").graph
    steps = {
        **read.steps,
        "a": replace(read.steps["a"], next="own"),
        "own": SetVariables(key="own", next="b"),
    }
    exported = write_asl(replace(read, steps=steps))
    own = exported.document["States"]["Own"]
    assert own == {"Type": "Pass", "Output": "{% $states.input %}", "Next": "B", "QueryLanguage": "JSONata"}
    assert check_asl(exported.document) == ()


# --- what is ours -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "text"), EXAMPLES, ids=[name for name, _ in EXAMPLES])
def test_every_example_of_the_docs_becomes_a_machine(name: str, text: str) -> None:
    exported = write_asl(decode(read_document(text)))
    assert [
        str(problem) for problem in check_asl(exported.document) if problem.stops
    ] == [] or not exported.document["States"]


@given(graphs())
def test_every_sound_graph_becomes_a_machine(sound: Graph) -> None:
    problems = check_asl(write_asl(sound).document)
    assert [str(problem) for problem in problems if problem.stops] == []


@given(flawed_graphs())
def test_a_flawed_draft_is_written_as_far_as_it_goes(draft: Graph) -> None:
    check_asl(write_asl(draft).document)


def test_outputs_and_variables_become_variables() -> None:
    look = shop("look", inputs={"id": "${ input.id }"}, assign={"seen": "${ output.n }"}, next="done")
    done = Succeed(key="done", output={"said": "${ steps.look.output.name } ${ vars.seen }"})
    found = states(look, done)
    assert found["Look"] == {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Arguments": {
            "FunctionName": "${shop_look}",
            "Payload": {"id": "{% $states.context.Execution.Input.id %}"},
        },
        "Assign": {"look": "{% $states.result.Payload %}", "seen": "{% $states.result.Payload.n %}"},
        "Output": "{% $states.result.Payload %}",
        "Next": "Done",
    }
    assert found["Done"]["Output"] == {"said": '{% ($look.name) & (" ") & ($seen) %}'}


def test_tries_and_fallbacks_are_said() -> None:
    retry = Retry(attempts=4, wait=timedelta(seconds=2), factor=3, jitter=False, never_on=("Declined",))
    found = states(
        shop(
            "look",
            retry=retry,
            timeout=timedelta(seconds=9),
            catch=(Catch(on=("Timeout",), next="late"),),
            next="late",
        ),
        Succeed(key="late", output="${ error.name }"),
    )
    assert found["Look"]["TimeoutSeconds"] == 9
    assert found["Look"]["Retry"] == [
        {"ErrorEquals": ["Declined"], "MaxAttempts": 0},
        {
            "ErrorEquals": ["States.ALL"],
            "IntervalSeconds": 2,
            "MaxAttempts": 3,
            "BackoffRate": 3,
            "MaxDelaySeconds": 300,
        },
    ]
    caught = {
        "ErrorEquals": ["States.Timeout"],
        "Next": "Late",
        "Assign": {"caught": "{% $states.errorOutput %}"},
    }
    assert found["Look"]["Catch"] == [caught]
    assert found["Late"]["Output"] == "{% $caught.Error %}"


def test_what_was_done_is_undone_the_newest_first() -> None:
    undo = Compensate(does="shop.undo@^1", inputs={"id": "${ output.id }"}, retry=Retry(attempts=1))
    found = states(
        shop("car", compensate=undo, next="hotel"),
        shop("hotel", compensate=undo, next="pay"),
        shop("pay", next="done"),
        DONE,
    )
    assert "Catch" not in found["Car"]
    assert found["Hotel"]["Catch"][0]["Next"] == "Undo Car"
    assert found["Pay"]["Catch"][0] == {
        "ErrorEquals": ["States.ALL"],
        "Next": "Undo Hotel",
        "Assign": {"failure": "{% $states.errorOutput %}"},
    }
    assert found["Undo Hotel"]["Next"] == "Undo Car" and found["Undo Car"]["Next"] == "Failed"
    assert found["Undo Hotel"]["Arguments"]["Payload"] == {"id": "{% $hotel.id %}"}
    assert found["Failed"] == {
        "Type": "Fail",
        "Error": "{% $failure.Error %}",
        "Cause": "{% $failure.Cause %}",
    }


def test_what_may_have_been_done_is_asked_for() -> None:
    undo = Compensate(does="shop.undo@^1", retry=Retry(attempts=1))
    found = states(
        Choice(key="which", options=(Option("input.car", "car"),), otherwise="pay"),
        shop("car", compensate=undo, next="pay"),
        shop("pay", next="stop"),
        Fail(key="stop", error="Stopped"),
    )
    assert found["Begin"]["Assign"] == {"car_done": None}
    assert found["Car"]["Assign"]["car_done"] is True
    asked = {"Condition": "{% $car_done = true %}", "Next": "Undo Car"}
    assert found["Undo Car?"] == {"Type": "Choice", "Choices": [asked], "Default": "Failed"}
    assert found["Pay"]["Catch"][0]["Next"] == "Undo Car?"
    assert found["Stop"] == {
        "Type": "Pass",
        "Assign": {"failure": {"Error": "Stopped", "Cause": ""}},
        "Next": "Undo Car?",
    }


def test_a_review_is_a_token_that_somebody_gives_back() -> None:
    found = states(
        Review(
            key="ask",
            due=timedelta(minutes=5),
            on_due="reject",
            outcomes=(Outcome("approve", "done"), Outcome("reject")),
        ),
        DONE,
    )
    assert found["Ask"]["Resource"].endswith(".waitForTaskToken")
    assert found["Ask"]["Arguments"]["MessageBody"]["TaskToken"] == "{% $states.context.Task.Token %}"
    assert found["Ask"]["TimeoutSeconds"] == 300
    assert [rule["Condition"] for rule in found["Ask: answer"]["Choices"]] == [
        "{% $ask.outcome = 'approve' %}",
        "{% $ask.outcome = 'reject' %}",
    ]


def test_signals_are_events_and_tokens() -> None:
    found = states(
        Emit(key="tell", signal="order.placed", correlation="${ input.id }", data={"n": 1}, next="hear"),
        Wait(key="hear", signal=Awaited(name="order.paid", key="${ input.id }"), next="first"),
        Wait(key="first", first=(Arrival(name="paid", next="done", signal=Awaited(name="a.b")),
                                 Arrival(name="late", duration="5m"))),
        DONE,
    )  # fmt: skip
    entry = found["Tell"]["Arguments"]["Entries"][0]
    assert (entry["DetailType"], entry["Detail"]["Data"]) == ("order.placed", {"n": 1})
    assert found["Hear"]["Arguments"]["MessageBody"]["Signal"] == "order.paid"
    assert found["First"]["TimeoutSeconds"] == 300 and len(found["First: answer"]["Choices"]) == 2


def test_other_workflows_are_executions() -> None:
    found = states(RunWorkflow(key="sub", runs="prices@^1", inputs={"n": 1}, next="alone"),
                   RunWorkflow(key="alone", runs="prices", awaited=False, next="done"), DONE)  # fmt: skip
    assert found["Sub"]["Resource"].endswith("startExecution.sync:2")
    assert found["Sub"]["Arguments"] == {"StateMachineArn": "${prices}", "Input": {"n": 1}}
    assert found["Alone"]["Resource"].endswith("startExecution")


def test_branches_give_an_object_and_items_a_list() -> None:
    found = states(
        Parallel(
            key="both", branches=(Branch("left", "l"), Branch("right", "r", when="input.n > 1")), next="each"
        ),
        shop("l", scope="both/left"),
        shop("r", scope="both/right"),
        Map(key="each", items="${ input.lines }", start="one", max_concurrency=4, next="done"),
        shop("one", scope="each/item", inputs={"sku": "${ item.sku }", "no": "${ index }"}),
        DONE,
    )
    assert found["Both"]["Output"] == "{% {'left': $states.result[0], 'right': $states.result[1]} %}"
    assert found["Both"]["Branches"][1]["States"]["right?"]["Choices"][0]["Next"] == "R"
    assert found["Each"]["Items"] == "{% $states.context.Execution.Input.lines %}"
    inner = found["Each"]["ItemProcessor"]["States"]
    assert inner["One"]["Arguments"]["Payload"] == {"sku": "{% $each_item.sku %}", "no": "{% $each_index %}"}


@pytest.mark.parametrize(
    "fields", [{"times": 3}, {"goes_on": "vars.n < 3"}, {"until": "steps.one.output.ok"}]
)
def test_rounds_are_states_that_lead_back(fields: dict[str, Any]) -> None:
    found = states(
        SetVariables(key="begin", assign={"n": 0}, next="again"),
        Loop(key="again", start="one", limit=9, next="done", catch=(Catch(next="done"),), **fields),
        shop("one", scope="again/round", assign={"n": "${ vars.n + 1 }"}),
        DONE,
    )
    assert found["One"]["Next"] == "Again: round done"
    assert found["One"]["Assign"]["again"] == "{% $states.result.Payload %}"
    assert found["One"]["Catch"][0]["Next"] == "Done"
    assert found["Again: next round"]["Choices"][-1]["Next"] == "Again: too many rounds"


def test_the_deadline_is_the_machines() -> None:
    assert write_asl(graph(DONE, deadline=timedelta(minutes=2))).document["TimeoutSeconds"] == 120


UNDO = Compensate(does="shop.undo@^1")
LOST = [
    (shop("s", inputs={"n": "${ now }"}), {}, "The input “n” cannot be said in JSONata"),
    (shop("s", inputs={"t": "${ secret.shop }"}), {}, "Secrets (shop) are substitutions"),
    (shop("s", only_while="input.ok"), {}, "its milestone"),
    (shop("s", lock="x"), {}, "its lock"),
    (shop("s", cancels=("other",)), {}, "cancels nothing"),
    (shop("s", on_exhausted=OnExhausted.DEAD_LETTER), {}, "instead of waiting for a person"),
    (shop("s", retry=Retry(attempts=2), deadline=timedelta(1)), {}, "for each try"),
    (shop("s", compensate=UNDO), {"undoing": Undoing(failed_step=True)}, "not undone itself"),
    (shop("s", compensate=UNDO), {"undoing": Undoing(order=UndoOrder.AT_ONCE)}, "one after the other"),
    (Wait(key="s", duration="${ input.long }"), {}, "a number of seconds"),
    (Wait(key="s", duration="1m", deadline=timedelta(1)), {}, "cannot fail"),
    (Review(key="s", due=timedelta(1), outcomes=(Outcome("ok"),)), {}, "Nobody is reminded"),
    (Map(key="s", items=[1], start="i", batch=2), {}, "not in batches"),
    (Map(key="s", items=[1], start="i", open_ended=True), {}, "No items can be added"),
    (Map(key="s", items=[1], start="i", join=Join(wait_for="any")), {}, "waits for all"),
    (Loop(key="s", start="i", times=2, deadline=timedelta(1)), {}, "no deadline of its own"),
]  # fmt: skip


@pytest.mark.parametrize(("step", "fields", "said"), LOST)
def test_what_the_language_cannot_say_is_listed(step: AnyStep, fields: dict[str, Any], said: str) -> None:
    scope = {"map": "s/item", "loop": "s/round"}.get(step.kind)
    steps = (step, shop("i", scope=scope)) if scope else (step,)
    assert any(said in sentence for sentence in losses(*steps, **fields))


def test_a_failing_undo_may_go_on() -> None:
    undoing = Undoing(after_failure=AfterFailedUndo.GO_ON)
    found = states(shop("a", compensate=UNDO, next="b"), shop("b", next="done"), DONE, undoing=undoing)
    assert found["Undo A"]["Catch"] == [{"ErrorEquals": ["States.ALL"], "Next": "Failed"}]


def test_what_gives_up_may_go_on() -> None:
    found = states(shop("a", on_exhausted=OnExhausted.CONTINUE, next="done"), DONE)
    assert found["A"]["Catch"] == [{"ErrorEquals": ["States.ALL"], "Next": "Done"}]
