"""What would come of a run: mocks in place of the world, and a clock that jumps."""

from datetime import timedelta
from typing import Any

import pytest

from designer.graph import Graph, decode
from runs.engine import Phase, RunStatus
from runs.simulation import BadInput, BadMocks, Limits, Simulated, Stop, read_mocks, simulate


def flow(start: str, steps: dict[str, Any], **header: Any) -> Graph:
    return decode({"choreo": 1, "key": "flow", "start": start, "steps": steps, **header})


def made(graph: Graph, mocks: Any = None, input: Any = None, **how: Any) -> Simulated:
    return simulate(graph, {} if input is None else input, read_mocks(mocks or {}, graph), **how)


def one(**fields: Any) -> Graph:
    return flow("charge", {"charge": {"kind": "action", "title": "Charge card", **fields}})


DONE = {"kind": "succeed"}


def test_a_mock_answers_by_key_or_title():
    for name in ("charge", "Charge card"):
        came = made(one(), {name: [{"output": 7}]})
        assert (came.status, came.output, came.stopped) == (RunStatus.SUCCEEDED, 7, Stop.ENDED)
        assert came.visited == ("Charge card",)


def test_a_retry_asks_again_and_its_wait_is_over_at_once():
    came = made(
        one(retry={"attempts": 3, "wait": "1h", "longest": "1d", "jitter": False}),
        {"charge": [{"error": "Busy", "cause": "Later."}, {"error": "Busy"}, {"output": "ok"}]},
    )
    assert came.output == "ok"
    assert [call.attempt for call in came.calls] == [1, 2, 3]
    assert came.visited == ("Charge card",)
    assert came.ended_at - came.started_at > timedelta(hours=1)


def test_an_error_has_its_name_and_its_cause():
    came = made(one(), {"charge": [{"error": "Declined", "cause": "No money."}]})
    assert (came.status, came.error, came.cause) == (RunStatus.FAILED, "Declined", "No money.")


@pytest.mark.parametrize("answer", [{"timeout": True}, {"output": 1, "after": "1m"}])
def test_a_timeout_passes(answer: dict[str, Any]):
    came = made(one(timeout="30s"), {"charge": [answer]})
    assert came.error == "Timeout"
    assert came.ended_at - came.started_at == timedelta(seconds=30)


def test_mocks_run_out_or_repeat():
    graph = one(retry={"attempts": 3, "wait": "1s"})
    came = made(graph, {"charge": [{"error": "Busy"}]})
    assert came.stopped is Stop.WAITING and "none of the 1 answer in its mock is left" in came.why
    came = made(graph, {"charge": {"answers": [{"error": "Busy"}], "repeat_last": True}})
    assert (came.error, len(came.calls)) == ("Busy", 3)


def test_an_answer_may_be_for_one_payload_alone():
    body = {"kind": "action", "with": {"n": "${ item }"}}
    graph = flow(
        "each", {"each": {"kind": "map", "items": "${ input.list }", "start": "a", "steps": {"a": body}}}
    )
    answers = [{"when": {"n": n}, "output": n * 10} for n in (3, 1, 2)]
    assert made(graph, {"a": answers}, {"list": [1, 2, 3]}).output == [10, 20, 30]


def test_what_nothing_answers_is_said():
    came = made(one())
    assert came.stopped is Stop.WAITING
    assert came.why == 'Nothing answers “Charge card”: give it a mock, such as {"output": {}}.'


def test_people_are_mocks_too():
    outcomes = {"yes": {"next": "done"}, "no": {"next": "not"}}
    steps = {"ask": {"kind": "review", "title": "Ask", "outcomes": outcomes}, "done": DONE}
    graph = flow("ask", {**steps, "not": {"kind": "fail", "error": "No"}})
    assert made(graph, {"ask": [{"outcome": "yes"}]}).status == RunStatus.SUCCEEDED
    assert made(graph, {"Ask": [{"outcome": "no", "by": "rosa"}]}).error == "No"
    assert made(graph).why == "“Ask” waits, and no mock says what comes."
    assert made(graph, {"ask": [{"outcome": "maybe"}]}).why == "“Ask” has no outcome “maybe”. It has yes, no."


def test_signals_come_from_mocks_and_from_the_run_itself():
    wait = {"kind": "wait", "signal": {"name": "paid", "key": "1"}}
    came = made(flow("w", {"w": wait}), {"w": [{"data": {"sum": 3}, "after": 5}]})
    assert came.output["data"] == {"sum": 3} and came.ended_at - came.started_at == timedelta(seconds=5)
    failed = made(flow("w", {"w": wait}), {"w": [{"error": "Lost", "cause": "At sea."}]})
    assert (failed.error, failed.cause) == ("Lost", "At sea.")
    again = {**wait, "retry": {"attempts": 2}}
    assert made(flow("w", {"w": again}), {"w": [{"error": "Lost"}, {"data": 1}]}).output["data"] == 1
    emit = {"kind": "emit", "signal": "paid", "key": "1", "data": {"sum": 4}, "next": "w"}
    assert made(flow("e", {"e": emit, "w": wait})).output["data"] == {"sum": 4}


def test_runs_that_are_started_are_mocks_too():
    graph = flow("sub", {"sub": {"kind": "workflow", "runs": "other", "with": {"a": 1}}})
    came = made(graph, {"sub": [{"output": "fine"}]})
    assert came.output == "fine" and came.calls[0].payload == {"a": 1}
    assert made(graph, {"sub": [{"error": "Broken"}]}).error == "Broken"


def test_what_was_done_is_undone():
    undo = {"does": "bank.refund", "retry": {"attempts": 2}}
    steps = {
        "pay": {"kind": "action", "next": "bad", "compensate": undo},
        "bad": {"kind": "fail", "error": "E"},
    }
    mocks = {"pay": {"answers": [{"output": 1}], "undo": [{"error": "Busy"}, {"output": 1}]}}
    came = made(flow("pay", steps), mocks)
    assert [call.phase for call in came.calls] == [Phase.DO, Phase.UNDO, Phase.UNDO]
    assert (came.status, came.reason) == (RunStatus.FAILED, "rolled_back")


ROUND = {"a": {"kind": "set", "next": "a"}}


@pytest.mark.parametrize(
    "graph",
    [
        flow("a", ROUND, visit_limit=1_000_000),
        flow("a", {"a": {"kind": "wait", "for": "300d", "next": "a"}}),
        flow("a", {"a": {"kind": "action", "next": "a"}}, visit_limit=1_000_000),
    ],
    ids=["in one decision", "in time", "in steps"],
)
def test_what_goes_round_for_ever_ends_with_a_sentence(graph: Graph):
    mocks = (
        {"a": {"answers": [{"output": 1}], "repeat_last": True}} if graph.step("a").kind == "action" else {}
    )
    came = made(graph, mocks, limits=Limits(steps=500))
    assert came.stopped is Stop.LIMIT and came.why.endswith(".")


def test_a_simulation_ends_when_its_time_is_up():
    came = made(flow("a", ROUND, visit_limit=1_000_000), is_time_up=lambda: True)
    assert came.why == "It takes longer than a simulation may."


def test_values_may_not_grow_for_ever():
    graph = flow("a", {"a": {"kind": "action", "next": "b"}, "b": {"kind": "action"}})
    came = made(graph, {"a": [{"output": "x" * 2 * 2**20}]}, limits=Limits(total=2**20))
    assert (came.stopped, came.why) == (Stop.LIMIT, "Its values take more than 1 MiB.")


def test_an_output_that_breaks_its_contract_fails_as_it_would():
    contract = {"key": "bank.charge", "version": "1.0.0", "output": {"type": "object", "required": ["id"]}}
    contracts = {"bank.charge@^1": contract}
    graph = flow("a", {"a": {"kind": "action", "does": "bank.charge@^1"}}, contracts=contracts)
    assert made(graph, {"a": [{"output": {}}]}).error == "OutputInvalid"


def test_without_a_mock_the_example_of_the_contract_answers():
    output = {
        "type": "object",
        "required": ["id"],
        "properties": {"id": {"type": "string", "examples": ["ch-1"]}},
    }
    contracts = {"bank.charge@^1": {"key": "bank.charge", "version": "1.0.0", "output": output}}
    graph = flow("a", {"a": {"kind": "action", "does": "bank.charge@^1"}}, contracts=contracts)
    assert made(graph).output == {"id": "ch-1"}


def test_input_that_does_not_fit_is_refused():
    schema = {"type": "object", "required": ["n"]}
    with pytest.raises(BadInput, match="n"):
        made(flow("d", {"d": DONE}, input=schema))


@pytest.mark.parametrize(
    ("mocks", "place", "said"),
    [
        ([], "", "Mocks are an object"),
        ({"chrge": []}, "chrge", "There is no step “chrge”. Did you mean “charge”?"),
        ({"charge": 7}, "charge", "is a list of answers"),
        ({"charge": [7]}, "charge[0]", "An answer is an object"),
        ({"charge": [{"ouput": 7}]}, "charge[0].ouput", "Did you mean “output”?"),
        ({"charge": [{"error": 7}]}, "charge[0].error", "is a text"),
        ({"charge": [{"timeout": "yes"}]}, "charge[0].timeout", "true or false"),
        ({"charge": [{"output": 1, "error": "E"}]}, "charge[0]", "not two of them"),
        ({"charge": [{"after": "soon"}]}, "charge[0].after", "number of seconds"),
        ({"charge": {"repeat_last": 1}}, "charge.repeat_last", "true or false"),
        ({"charge": {"answers": 1}}, "charge.answers", "is a list"),
        ({"charge": {"again": 1}}, "charge.again", "There is no “again” here."),
    ],
)
def test_mocks_that_are_not_right_are_refused_with_their_place(mocks: Any, place: str, said: str):
    with pytest.raises(BadMocks) as refused:
        read_mocks(mocks, one())
    assert refused.value.problems[0][0] == place
    assert said in refused.value.problems[0][1]


def test_it_is_told_as_json():
    told = made(one(), {"charge": [{"output": 1}]}).told()
    assert (told["status"], told["stopped"], told["why"]) == ("succeeded", "ended", "The run has ended.")
    assert [entry["seq"] for entry in told["journal"]] == list(range(1, len(told["journal"]) + 1))
    assert told["calls"][0] | {"at": ""} == {
        "no": 1, "step": "charge", "title": "Charge card", "attempt": 1, "phase": "do", "payload": {}, "at": "",
    }  # fmt: skip
