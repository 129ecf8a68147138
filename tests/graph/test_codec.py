"""The format: what is read is what was written, and what cannot be read is said in sentences."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given

import designer.graph.codec.document as document_of_the_codec
from designer.graph import (
    Action,
    DocumentError,
    Flaw,
    Graph,
    NoSuchStep,
    Parallel,
    Retry,
    SetVariables,
    decode,
    decode_contract,
    decode_header,
    decode_step,
    encode,
    encode_contract,
    encode_header,
    encode_step,
)

from .flawed import contracts
from .strategies import OPENERS, fewer, flawed_graphs, graphs


def document(**steps: Any) -> dict[str, Any]:
    return {"choreo": 1, "key": "demo", "steps": steps}


def flaws(data: Any) -> tuple[Flaw, ...]:
    with pytest.raises(DocumentError) as caught:
        decode(data)
    return caught.value.problems


def flaw(data: Any) -> str:
    (only,) = flaws(data)
    return str(only)


@fewer
@given(graphs() | graphs(openers=OPENERS, depth=2))
def test_a_well_formed_graph_comes_back_as_it_was(graph: Graph) -> None:
    assert decode(encode(graph)) == graph


@given(flawed_graphs())
def test_a_flawed_graph_comes_back_as_it_was(graph: Graph) -> None:
    assert decode(encode(graph)) == graph


@fewer
@given(flawed_graphs())
def test_steps_keep_their_order_within_their_scope(graph: Graph) -> None:
    again = decode(encode(graph))
    for scope in {step.scope for step in graph.steps.values()}:
        assert [step.key for step in again.within(scope)] == [step.key for step in graph.within(scope)]


@fewer
@given(flawed_graphs())
def test_each_step_comes_back_by_itself(graph: Graph) -> None:
    for step in graph.steps.values():
        assert decode_step(step.key, encode_step(step), step.scope) == step


@fewer
@given(flawed_graphs())
def test_the_header_comes_back_by_itself(graph: Graph) -> None:
    assert decode_header(encode_header(graph)) == replace(graph, steps={}, contracts={})


@given(contracts)
def test_a_contract_comes_back_as_it_was(contract: Any) -> None:
    assert decode_contract(encode_contract(contract)) == contract


def test_defaults_are_left_out() -> None:
    graph = Graph(key="demo", steps={"charge": Action(key="charge", does="payments.charge@^2")})
    assert encode(graph) == document(charge={"kind": "action", "does": "payments.charge@^2"})


def test_a_compensation_has_tries_of_its_own_unless_it_says_otherwise() -> None:
    step = decode_step("pay", {"kind": "action", "compensate": {"retry": {"wait": "2s"}}})
    assert isinstance(step, Action) and step.compensate
    assert step.compensate.retry == Retry(attempts=4, wait=timedelta(seconds=2))
    assert encode_step(step) == {"kind": "action", "compensate": {"retry": {"wait": "2s"}}}


def test_branches_hold_their_steps() -> None:
    graph = decode(
        document(
            both={
                "kind": "parallel",
                "branches": {"left": {"start": "a", "steps": {"a": {"kind": "set"}}}, "right": {}},
            },
            after={"kind": "set"},
        )
    )
    assert [(step.key, step.scope) for step in graph.steps.values()] == [
        ("both", ""),
        ("a", "both/left"),
        ("after", ""),
    ]


def test_a_field_without_a_value_is_a_field_left_out() -> None:
    assert decode(document(a={"kind": "set", "title": None, "next": None})).step("a") == SetVariables(key="a")


def test_a_draft_may_be_empty_and_dangle() -> None:
    assert decode({"choreo": 1, "key": "demo"}) == Graph(key="demo")
    assert decode(document(a={"kind": "action", "next": "nowhere"})).step("a").next == "nowhere"


def test_a_step_in_no_branch_cannot_be_written() -> None:
    for opener in (Parallel(key="both"), SetVariables(key="both")):
        lost = SetVariables(key="lost", scope="both/left")
        with pytest.raises(NoSuchStep):
            encode(Graph(key="demo", steps={"both": opener, "lost": lost}))


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (None, "A definition is an object that begins with “choreo: 1”, not nothing."),
        ([], "A definition is an object that begins with “choreo: 1”, not a list."),
        (
            {"key": "demo"},
            "choreo: The document must say which format it is in: “choreo: 1”, which is missing.",
        ),
        ({"choreo": "1"}, "choreo: The document must say which format it is in: “choreo: 1”, not “1”."),
        ({"choreo": True}, "choreo: The document must say which format it is in: “choreo: 1”, not true."),
        ({"choreo": 2}, "choreo: The document is in format 2, of a later Choreo; this one reads 1."),
        ({"choreo": 1}, "The document needs “key”."),
        ({"choreo": 1, "key": 3}, "key: A key must be text, not 3."),
        (
            {"choreo": 1, "key": "demo", "stps": {}},
            "stps: The document has no field “stps”. Did you mean “steps”?",
        ),
        ({"choreo": 1, "key": "demo", "steps": []}, "steps: The steps must be an object by key, not a list."),
    ],
)
def test_it_says_what_is_wrong_with_a_document(data: Any, sentence: str) -> None:
    assert flaw(data) == sentence


@pytest.mark.parametrize(
    ("step", "sentence"),
    [
        (3, "steps.a: A step must be an object with a “kind”, not 3."),
        ({}, "steps.a.kind: “kind” must be one of action, choice, parallel, map, loop, review,"),
        ({}, "or fail; it is missing."),
        ({"kind": "acton"}, "not “acton”. Did you mean “action”?"),
        ({"kind": ["set"]}, "fail, not a list."),
        ({"kind": "action", "doez": "x"}, "a.doez: An action step has no field “doez”. Did you mean “does”?"),
        ({"kind": "choice", "next": "b"}, "steps.a.next: A choice step has no field “next”. It takes title,"),
        ({"kind": "set", "title": 3}, "steps.a.title: This must be text, not 3."),
        ({"kind": "set", "title": "x" * 201}, "This text has 201 characters; at most 200 are allowed."),
        ({"kind": "set", "next": ["b"]}, "steps.a.next: This must be text that names a step, not a list."),
        ({"kind": "set", "assign": {"A": 1}}, "steps.a.assign.A: “A” cannot be a key."),
        ({"kind": "set", "assign": []}, "a.assign: This must be an object of names and values, not a list."),
        ({"kind": "set", "deadline": 30}, "This must be a duration such as 500ms, 30s or 1h30m, not 30."),
        ({"kind": "set", "deadline": "soon"}, "steps.a.deadline: “soon” is not a duration."),
        ({"kind": "set", "catch": {}}, "steps.a.catch: This must be a list, not an object."),
        ({"kind": "set", "catch": [1]}, "steps.a.catch[0]: A catch must be an object, not 1."),
        ({"kind": "set", "on_exhausted": "comp"}, "fail, dead_letter, compensate or continue, not “comp”"),
        ({"kind": "set", "on_exhausted": {}}, "steps.a.on_exhausted: This must be one of"),
        ({"kind": "action", "retry": {"attempts": True}}, "a whole number from 1 to 1000, not true."),
        ({"kind": "action", "retry": {"attempts": 0}}, "a whole number from 1 to 1000, not 0."),
        ({"kind": "action", "retry": {"factor": 0.5}}, "a number from 1 to 1000, not 0.5."),
        ({"kind": "action", "retry": {"jitter": "yes"}}, "This must be true or false, not “yes”."),
        ({"kind": "action", "retry": {"on": "Busy"}}, "steps.a.retry.on: This must be a list, not “Busy”."),
        ({"kind": "action", "with": {"n": 2**63}}, "does not fit into 64 bits"),
        ({"kind": "action", "with": {"n": float("nan")}}, "a.with.n: The number is infinite or not a number"),
        ({"kind": "action", "with": {"n": "a\0"}}, "steps.a.with.n: The text holds a NUL character"),
        ({"kind": "action", "with": {"n": "\ud800"}}, "half of a surrogate pair"),
        ({"kind": "action", "with": {"n\0": 1}}, "steps.a.with: The text holds a NUL character"),
        ({"kind": "action", "with": {4: 1}}, "steps.a.with: The name 4 must be text."),
        ({"kind": "action", "with": {"n": timedelta(1)}}, "timedelta is nothing JSON can hold."),
        ({"kind": "wait", "for": "soon"}, "steps.a.for: “soon” is not a duration."),
        ({"kind": "wait", "for": 3}, "This must be text such as 30m, not 3."),
        ({"kind": "parallel", "join": {"wait_for": 0}}, "A join waits for “all”, “any”, a number"),
        ({"kind": "parallel", "branches": []}, "“branches” must be an object by name, not a list."),
        ({"kind": "parallel", "branches": {"left": []}}, "A branch must be an object, not a list."),
        ({"kind": "parallel", "branches": {"L": {}}}, "steps.a.branches.L: “L” cannot be a key."),
        ({"kind": "review", "outcomes": {"ok": {"reason": True}}}, "is required or optional, not true."),
    ],
)  # fmt: skip
def test_it_says_what_is_wrong_with_a_step(step: Any, sentence: str) -> None:
    assert sentence in flaw(document(a=step))


@pytest.mark.parametrize("name", ["Charge", "9a", "a-b", "", "a" * 65, "in", "a\n"])
def test_it_refuses_keys_that_expressions_cannot_name(name: str) -> None:
    assert "key" in flaw(document(**{name: {"kind": "set"}}))


def test_it_finds_all_flaws_at_once() -> None:
    found = flaws(document(a={"kind": "set", "title": 1, "deadline": "x"}, b={"kind": "go"}))
    assert [one.path for one in found] == ["steps.a.title", "steps.a.deadline", "steps.b.kind"]


def test_keys_are_unique_across_scopes() -> None:
    inner = {"kind": "parallel", "branches": {"left": {"steps": {"a": {"kind": "set"}}}}}
    assert "There is another step “a” in “left” of “p”" in flaw(document(p=inner, a={"kind": "set"}))
    assert "There is another step “a” at the top" in flaw(document(a={"kind": "set"}, p=inner))


def test_parallels_nest_five_deep_and_no_deeper() -> None:
    def nested(depth: int) -> dict[str, Any]:
        inner = {f"p{depth}": nested(depth - 1)} if depth else {}
        return {"kind": "parallel", "branches": {"only": {"steps": inner}}}

    assert len(decode(document(p5=nested(4))).steps) == 5
    assert "nested deeper than 5 levels" in flaw(document(top=nested(5)))


def test_a_definition_has_at_most_500_steps() -> None:
    steps = {f"s{number}": {"kind": "set"} for number in range(501)}
    assert "There are 501 steps; a definition has at most 500." in flaw(document(**steps))


def test_a_definition_has_at_most_512_kib() -> None:
    notes = {f"n{number}": "x" * 9_000 for number in range(60)}
    assert "KiB; at most 512 KiB are allowed." in flaw(document(a={"kind": "action", "with": notes}))


def test_depth_beyond_recursion_is_a_flaw_and_no_crash() -> None:
    deep: Any = 1
    for _ in range(100_000):
        deep = [deep]
    assert "nested deeper than 50 levels" in flaw(document(a={"kind": "action", "with": {"n": deep}}))


def test_older_formats_are_brought_up_to_date(monkeypatch: pytest.MonkeyPatch) -> None:
    def renamed(older: dict[str, Any]) -> dict[str, Any]:
        return {("title" if name == "name" else name): value for name, value in older.items()}

    monkeypatch.setattr(document_of_the_codec, "FORMAT", 2)
    monkeypatch.setattr(document_of_the_codec, "UPGRADES", {1: renamed})
    assert decode({"choreo": 1, "key": "demo", "name": "Demo"}).title == "Demo"
    assert encode(Graph(key="demo"))["choreo"] == 2


def test_a_schema_must_look_like_one() -> None:
    assert flaw({"choreo": 1, "key": "demo", "input": []}) == "input: This must be a JSON Schema, not a list."
    assert flaw({1, 2}) == "A definition is an object that begins with “choreo: 1”, not a set."


def test_a_step_by_itself_holds_no_inner_steps() -> None:
    with pytest.raises(DocumentError, match="A branch has no field “steps”"):
        decode_step("p", {"kind": "parallel", "branches": {"left": {"steps": {}}}})


def test_a_contract_needs_its_key() -> None:
    with pytest.raises(DocumentError, match="A contract needs “key”. A contract needs “version”."):
        decode_contract({})
