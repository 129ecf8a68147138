"""Secrets in definitions: named, never read, and put in only where the definition wrote them."""

import pytest

from designer.graph import Graph, check, decode, fill, placeholder, secrets_in, secrets_named, with_secrets

TOKEN = {"secret": {"token": placeholder("token"), "key": placeholder("key")}}
VALUES = {"token": "t0ken-value", "key": "k3y-value"}


def flow(*, call: object = None, undo: object = None, assign: object = None) -> Graph:
    ask = {"kind": "action", "does": "acme.ask", "with": {"header": call}, "timeout": "1s"}
    if undo:
        ask["compensate"] = {"does": "acme.ask", "with": {"header": undo}}
    if assign:
        ask["assign"] = {"kept": assign}
    return decode({"choreo": 1, "key": "flow", "start": "ask", "steps": {"ask": ask}})


def codes(graph: Graph, *secrets: str) -> list[tuple[str, str]]:
    about = ("secret_not_whole", "unknown_secret", "name_not_known_here", "bad_expression")
    return [(p.code, p.field) for p in check(graph, None, secrets) if p.code in about]


def test_a_call_and_an_undo_may_name_secrets() -> None:
    graph = flow(call="Bearer ${ secret.token }", undo="${ secret.key }")
    assert secrets_named(graph) == {"token", "key"}
    assert codes(graph, "token", "key") == []


def test_nothing_else_may() -> None:
    assert codes(flow(assign="${ secret.token }"), "token") == [("name_not_known_here", "assign.kept")]


def test_a_secret_that_is_not_kept_is_an_error_that_names_the_nearest() -> None:
    graph = flow(call="${ secret.tokn }")
    (problem,) = [p for p in check(graph, None, ["token"]) if p.code == "unknown_secret"]
    assert (problem.severity, problem.field) == ("error", "inputs.header")
    assert problem.message == (
        "There is no secret “tokn” that this workflow may name. An administrator can add it. Did you mean “token”?"
    )
    assert not [p for p in check(graph) if p.code == "unknown_secret"]


@pytest.mark.parametrize(
    "worked_on",
    [
        "secret.token + '!'",
        "size(secret.token)",
        "secret",
        "secret.token.more",
        "secret.token == 'x' ? 1 : 2",
    ],
)
def test_a_secret_cannot_be_worked_on(worked_on: str) -> None:
    assert ("secret_not_whole", "inputs.header") in codes(flow(call=f"${{ {worked_on} }}"), "token")


def test_values_stand_where_the_definition_wrote_them() -> None:
    template = {"headers": {"a": "Bearer ${ secret.token }"}, "list": ["x", "${ secret.key }"], "n": 1}
    filled = fill(template, TOKEN)
    assert filled["headers"] == {"a": "Bearer ⟦secret.token⟧"}
    assert with_secrets(filled, secrets_in(template), VALUES) == {
        "headers": {"a": "Bearer t0ken-value"},
        "list": ["x", "k3y-value"],
        "n": 1,
    }


def test_a_placeholder_that_comes_with_the_data_is_text() -> None:
    template = {"a": "${ secret.token }", "b": "${ input.note }", "c": "${ input.note } ${ secret.token }"}
    filled = fill(template, {**TOKEN, "input": {"note": "⟦secret.key⟧ ⟦secret.token⟧"}})
    put = with_secrets(filled, secrets_in(template), VALUES)
    assert put["b"] == "⟦secret.key⟧ ⟦secret.token⟧"
    assert "k3y-value" not in str(put)


def test_a_secret_without_a_value_is_missed() -> None:
    template = {"a": "${ secret.gone }"}
    with pytest.raises(KeyError):
        with_secrets({"a": placeholder("gone")}, secrets_in(template), VALUES)
