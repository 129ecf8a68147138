"""A native workflow and the machine it is written as do the same: the same calls in the same order, the same end."""

from collections.abc import Mapping
from typing import Any

import pytest

from designer.graph import (
    Action,
    AnyStep,
    Branch,
    Catch,
    Choice,
    Compensate,
    Fail,
    Graph,
    Loop,
    Map,
    Option,
    Parallel,
    Retry,
    SetVariables,
    Succeed,
)
from designer.interop.asl import read_asl, write_asl
from runs.simulation import Simulated, read_mocks, simulate
from tests.interop.machines import PASS, machine, read

INPUT: dict[str, Any] = {
    "id": "o1",
    "total": 120,
    "vip": True,
    "lines": [{"sku": "a", "n": 1}, {"sku": "b", "n": 2}],
}
UNDO = Compensate(does="shop.undo@^1", inputs={"id": "${ output.id }"}, retry=Retry(attempts=1))
DONE = Succeed(key="done", output={"hotel": "${ steps.hotel.output.id }", "paid": "${ vars.paid }"})


def graph(*steps: AnyStep) -> Graph:
    return Graph(key="orders", start=steps[0].key, steps={step.key: step for step in steps})


def shop(key: str, **fields: Any) -> Action:
    return Action(key=key, does=f"shop.{key}@^1", **fields)


TRIP = graph(
    shop("car", compensate=UNDO, next="hotel", inputs={"order": "${ input.id }"}),
    shop("hotel", compensate=UNDO, next="pay", inputs={"car": "${ steps.car.output.id }"}),
    shop("pay", inputs={"total": "${ input.total * 2 }"}, assign={"paid": "${ output.sum }"}, next="done",
         retry=Retry(attempts=2, jitter=False, never_on=("Declined",)), catch=(Catch(on=("Declined",), next="sorry"),)),
    DONE,
    Fail(key="sorry", error="NoMoney", message="Declined for ${ input.id }."),
)  # fmt: skip
WAYS = graph(
    Choice(key="which", options=(Option("input.total > 100 && input.vip", "large"),), otherwise="small"),
    shop("large", next="both", inputs={"ids": ["${ input.id }", "x-${ input.id }"]}),
    shop("small", next="both"),
    Parallel(
        key="both",
        branches=(Branch("left", "l"), Branch("right", "r", when="has(steps.large.output)")),
        next="each",
    ),
    shop("l", scope="both/left"),
    shop("r", scope="both/right", inputs={"of": "${ steps.large.output }"}),
    Map(key="each", items="${ input.lines }", start="one", max_concurrency=1, next="end"),
    shop("one", scope="each/item", inputs={"sku": "${ item.sku }", "no": "${ index }"}),
    Succeed(key="end", output={"both": "${ steps.both.output }", "each": "${ steps.each.output }"}),
)
ROUNDS = graph(
    SetVariables(key="begin", assign={"asked": "${ 0 }"}, next="again"),
    Loop(key="again", start="ask", limit=10, until="steps.ask.output.ok || vars.asked >= 3", next="end"),
    shop(
        "ask", scope="again/round", inputs={"no": "${ vars.asked }"}, assign={"asked": "${ vars.asked + 1 }"}
    ),
    Succeed(key="end", output={"asked": "${ vars.asked }", "last": "${ steps.again.output }"}),
)
CASES: list[tuple[str, Graph, dict[str, list[dict[str, Any]]]]] = [
    ("all is well", TRIP, {"Car": [{"output": {"id": "c"}}], "Hotel": [{"output": {"id": "h"}}],
                           "Pay": [{"output": {"sum": 7}}]}),
    ("it is tried again", TRIP, {"Car": [{"output": {"id": "c"}}], "Hotel": [{"output": {"id": "h"}}],
                                 "Pay": [{"error": "Busy"}, {"output": {"sum": 7}}]}),
    ("the first fails", TRIP, {"Car": [{"error": "NoCar"}]}),
    ("the second fails", TRIP, {"Car": [{"output": {"id": "c"}}], "Hotel": [{"error": "NoRoom", "cause": "Full."}]}),
    ("the third fails", TRIP, {"Car": [{"output": {"id": "c"}}], "Hotel": [{"output": {"id": "h"}}],
                               "Pay": [{"error": "Busy"}, {"error": "Busy"}]}),
    ("a fallback fails", TRIP, {"Car": [{"output": {"id": "c"}}], "Hotel": [{"output": {"id": "h"}}],
                                "Pay": [{"error": "Declined"}]}),
    ("ways, branches and items", WAYS, {"Large": [{"output": {"n": 1}}], "L": [{"output": [1]}],
                                        "R": [{"output": {"r": 1}}],
                                        "One": [{"output": 1}, {"output": 2}]}),
    ("rounds until it is well", ROUNDS, {"Ask": [{"output": {"ok": False}}, {"output": {"ok": True}}]}),
    ("rounds until enough", ROUNDS, {"Ask": [{"output": {"ok": False, "n": n}} for n in range(3)]}),
]  # fmt: skip
UNDONE = {"output": None}


def native(graph: Graph, mocks: Mapping[str, list[dict[str, Any]]]) -> Simulated:
    document = {name.lower(): {"answers": answers, "undo": [UNDONE] * 3} for name, answers in mocks.items()}
    return simulate(graph, INPUT, read_mocks(document, graph))


def written(graph: Graph, mocks: Mapping[str, list[dict[str, Any]]]) -> Simulated:
    """The machine of a graph, where each function answers as Lambda does."""
    machine = read_asl(dict(write_asl(graph).document), key="written").graph
    called = {name: [_payload(answer) for answer in answers] for name, answers in mocks.items()}
    undos = {
        step.title: [UNDONE]
        for step in machine.steps.values()
        if step.title.startswith("Undo ") and step.kind == "action"
    }
    return simulate(machine, INPUT, read_mocks(called | undos, machine))


def _payload(answer: Mapping[str, Any]) -> dict[str, Any]:
    return (
        {"output": {"Payload": answer["output"], "StatusCode": 200}} if "output" in answer else dict(answer)
    )


def told(simulated: Simulated, *, undoing: bool) -> list[Any]:
    """The calls, each with what it is given; an undo by the name of what it undoes."""
    found = []
    for call in simulated.calls:
        payload = call.payload["Payload"] if "FunctionName" in call.payload else call.payload
        undo = call.title.startswith("Undo ") or call.phase.value != "do"
        name = call.title.removeprefix("Undo ") or call.step.capitalize()
        if undo is undoing:
            found.append((name, payload))
    return found


@pytest.mark.parametrize(("name", "graph", "mocks"), CASES, ids=[name for name, *_ in CASES])
def test_the_machine_does_the_same(name: str, graph: Graph, mocks: dict[str, list[dict[str, Any]]]) -> None:
    ours, theirs = native(graph, mocks), written(graph, mocks)
    assert (theirs.status == "succeeded") is (ours.status == "succeeded"), (
        theirs.error,
        theirs.cause,
        theirs.why,
    )
    assert theirs.error == ours.error
    assert theirs.output == ours.output
    assert told(theirs, undoing=False) == told(ours, undoing=False)
    assert told(theirs, undoing=True) == told(ours, undoing=True)


@pytest.mark.parametrize(
    ("language", "selected", "inside"),
    [
        ("JSONPath", {"ItemsPath": "$.lines", "ItemSelector": {"sku.$": "$$.Map.Item.Value.sku"}},
         {"Parameters": {"listed.$": "$$.Map.Item.Value", "given.$": "$", "at.$": "$$.Map.Item.Index"}}),
        ("JSONata", {"Items": "{% $states.input.lines %}",
                     "ItemSelector": {"sku": "{% $states.context.Map.Item.Value.sku %}"}},
         {"Output": {"listed": "{% $states.context.Map.Item.Value %}", "given": "{% $states.input %}",
                     "at": "{% $states.context.Map.Item.Index %}"}}),
    ],
)  # fmt: skip
def test_an_item_in_the_context_is_as_it_stands_in_the_list(
    language: str, selected: dict[str, Any], inside: dict[str, Any]
) -> None:
    each = {"Type": "Map", "End": True, **selected, "ItemProcessor": machine(Show={**PASS, **inside})}
    came = simulate(read(machine(language=language, Each=each)).graph, INPUT)
    lines = INPUT["lines"]
    assert came.output == [
        {"listed": line, "given": {"sku": line["sku"]}, "at": at} for at, line in enumerate(lines)
    ]
