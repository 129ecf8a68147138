"""Bad definitions: whatever a document holds, the answer is a graph with its problems, or the flaws of its shape.

Documents that are good are damaged at random places: fields are lost, doubled, renamed, filled with what does not
belong there; steps lead nowhere and in circles. ``CHOREO_TEST_DOCUMENTS`` says how many; `make fuzz` takes 20,000.
"""

import copy
import json
import os
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from designer.graph import (
    Direction,
    DocumentError,
    Graph,
    Severity,
    check,
    decode,
    encode,
    lay_out,
    read_document,
    write_yaml,
)
from designer.graph.limits import MOST_STEPS

from .strategies import OPENERS, graphs

DOCUMENTS = int(os.environ.get("CHOREO_TEST_DOCUMENTS", "1000"))
MOST_DAMAGE = 6
STRANGE: list[Any] = [
    *(
        None,
        True,
        0,
        -1,
        2**63,
        1.5,
        "",
        " ",
        "\x00",
        "\u202e",
        "é" * 300,
        "a" * 20_000,
        "${",
        "${ }",
        "${ 1 + }",
    ),
    *(
        "${ steps.nowhere.output }",
        "${ vars.x.y.z }",
        "${ ''.matches('(a+)+$') }",
        "9" * 400,
        "1h30m",
        "s1",
        "@",
    ),
    *([], {}, [[[[]]]], {"": ""}, {"kind": "action"}, {"\x00": 1}, ["s0", "s0"], {"next": "s0"}),
]


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every place in the document that something can be put into: a container and a key."""
    found, waiting = [], [value]
    for one in waiting:
        inner = one.items() if isinstance(one, dict) else enumerate(one) if isinstance(one, list) else ()
        for key, held in inner:
            found.append((one, key))
            waiting.append(held)
    return found


def damaged(document: Any, seed: int) -> Any:
    random, document = Random(seed), copy.deepcopy(document)
    for _ in range(random.randint(1, MOST_DAMAGE)):
        container, key = random.choice(places(document) or [({}, "")])
        match random.randrange(5):
            case 0:
                container[key] = copy.deepcopy(random.choice(STRANGE))
            case 1 if isinstance(container, dict):
                container.pop(key, None)
            case 2 if isinstance(container, dict):
                container[random.choice(["", "kind", "next", "ſteps", str(key) + "x"])] = container.get(key)
            case 3:
                other, place = random.choice(places(document))
                if key in container or isinstance(container, list):
                    container[key] = (
                        copy.deepcopy(other[place]) if random.random() < 0.9 else random.choice(STRANGE)
                    )
            case _:
                names = [key for _, key in places(document) if isinstance(key, str)]
                container[key] = random.choice(names or [""])
    return document


def judge(document: Any) -> Graph | None:
    """The graph that came of it; None where it was refused, with a sentence and a place for each flaw."""
    try:
        graph = decode(document)
    except DocumentError as error:
        assert error.problems
        assert all(flaw.message.strip() for flaw in error.problems)
        return None
    for problem in check(graph):
        assert problem.message.endswith((".", "?", "!", "…", "”")), problem
        assert problem.code
    return graph


@settings(max_examples=DOCUMENTS, suppress_health_check=[HealthCheck.too_slow])
@given(graph=graphs(most_steps=4, openers=OPENERS), seed=st.integers(0, 2**32))
def test_a_damaged_document_is_told_of(graph: Graph, seed: int) -> None:
    judged = judge(damaged(encode(graph), seed))
    if judged is not None:
        lay_out(judged, Direction.DOWN)
        lay_out(judged, Direction.ACROSS)


def chain(count: int, **more: Any) -> dict[str, Any]:
    steps = {f"s{n}": {"kind": "set", "assign": {"n": n}, "next": f"s{n + 1}"} for n in range(count - 1)}
    return {
        "choreo": 1,
        "key": "demo",
        "start": "s0",
        "steps": {**steps, f"s{count - 1}": {"kind": "succeed"}},
        **more,
    }


def nested(depth: int) -> dict[str, Any]:
    steps: dict[str, Any] = {"leaf": {"kind": "set", "assign": {"n": 1}}}
    for level in range(depth):
        steps = {f"l{level}": {"kind": "loop", "times": 2, "start": next(iter(steps)), "steps": steps}}
    return {"choreo": 1, "key": "demo", "start": next(iter(steps)), "steps": steps}


def test_ten_thousand_steps_are_refused_with_a_sentence() -> None:
    with pytest.raises(DocumentError, match=f"at most {MOST_STEPS}|at most 512 KiB"):
        decode(chain(10_000))


def test_scopes_nested_without_end_are_refused_with_a_sentence() -> None:
    with pytest.raises(DocumentError, match="nested|deep"):
        decode(nested(60))


def test_a_list_that_holds_lists_without_end_is_refused_with_a_sentence() -> None:
    text = (
        '{"choreo": 1, "key": "demo", "steps": {"a": {"kind": "set", "assign": {"x": '
        + "[" * 5_000
        + "]" * 5_000
    )
    with pytest.raises(DocumentError):
        decode(read_document(text + "}}}}"))


def test_a_yaml_bomb_is_refused_with_a_sentence() -> None:
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    with pytest.raises(DocumentError):
        decode(read_document("\n".join(rows)))


def test_a_circle_that_nothing_leaves_is_a_problem() -> None:
    steps = {name: {"kind": "set", "assign": {"n": 1}, "next": other} for name, other in ("ab", "bc", "ca")}
    problems = check(decode({"choreo": 1, "key": "demo", "start": "a", "steps": steps}))
    assert any(problem.severity is Severity.ERROR for problem in problems)


@pytest.mark.parametrize("text", ["naïve ünïcode 漢字 \U0001f600", "\u202eright to left", "tab\tand\nline"])
def test_text_in_any_script_comes_back_as_it_was(text: str) -> None:
    document = chain(3, title=text, notes=text)
    again = decode(read_document(write_yaml(encode(decode(document)))))
    assert json.loads(json.dumps(encode(again)))["title"] == text
