"""Evidence as a page shows it: numbers against limits, what speaks for and against, amounts, the rest."""

from typing import Any

import pytest

from designer.graph import Graph, Option, Review, decode
from runs.queries.evidence import (
    Evidence,
    amount_of,
    comparisons,
    evidence_of,
    first_number_of,
    subject_of,
)

DOCUMENT = {
    "choreo": 1,
    "key": "flow",
    "start": "pick",
    "input": {"type": "object", "properties": {"score": {"type": "integer", "maximum": 100}, "n": {}}},
    "steps": {
        "pick": {
            "kind": "choice",
            "choose": [{"when": "${ input.score >= 70 && input.n < 3 }", "next": "look"}],
            "otherwise": "done",
        },
        "look": {
            "kind": "review",
            "show": [
                {"label": "Score", "value": "${ input.score }"},
                {"label": "Count", "value": "${ input.n }"},
                {"label": "Other", "value": "${ input.other }"},
            ],
            "outcomes": {"approve": {"next": "done"}},
        },
        "done": {"kind": "succeed"},
    },
}


def shown(*values: Any) -> list[Evidence]:
    graph: Graph = decode(DOCUMENT)
    step = graph.step("look")
    assert isinstance(step, Review)
    labels = [line.label for line in step.show]
    lines = [{"label": label, "value": value} for label, value in zip(labels, values, strict=False)]
    return evidence_of(graph, step, lines)


def one(value: Any, label: str = "It") -> Evidence:
    return evidence_of(decode(DOCUMENT), None, [{"label": label, "value": value}])[0]


def test_a_number_that_a_choice_compares_stands_against_its_limit() -> None:
    score, count = shown(82, 5)
    assert score.gauge is not None and count.gauge is not None
    assert (score.gauge.value, score.gauge.limit, score.gauge.most) == ("82", "70", "100")
    assert (score.gauge.filled, score.gauge.mark) == (82, 70)
    assert (count.gauge.value, count.gauge.limit, count.gauge.most) == ("5", "3", "")
    assert count.gauge.filled > count.gauge.mark


def test_a_number_that_nothing_compares_is_a_plain_line() -> None:
    assert shown(1, 2, 3)[2] == Evidence("Other", "3", "plain")
    assert shown("eighty", 2, 3)[0].shape == "plain"


@pytest.mark.parametrize(
    ("when", "found"),
    [
        ("${ input.score >= 70 }", [("score", ">=", 70)]),
        ("input.a > 1 || input.b <= -2.5", [("a", ">", 1), ("b", "<=", -2.5)]),
        ("${ input.score >= input.limit }", []),
        ("${ size(input.lines) > 3 }", []),
        ("", []),
    ],
)
def test_only_plain_comparisons_are_limits(when: str, found: list[tuple[str, str, float]]) -> None:
    assert [(c.path[-1], c.sign, c.limit) for c in comparisons(Option(when))] == found


def test_named_numbers_are_bars_both_ways() -> None:
    parts = [{"name": "Abroad", "points": 30}, {"name": "Known", "points": -10, "note": "since 2019"}]
    found = one(parts)
    assert [(bar.name, bar.note, bar.signed) for bar in found.bars] == [
        ("Abroad", "", "+30"),
        ("Known", "since 2019", "−10"),
    ]
    assert found.zero == 25
    assert [(bar.left, bar.width) for bar in found.bars] == [(25, 75), (0, 25)]
    assert [bar.heavy for bar in found.bars] == [True, False]


def test_an_object_of_numbers_is_bars_too() -> None:
    assert [bar.name for bar in one({"first_order": 5, "abroad": 0}).bars] == ["First order", "Abroad"]


@pytest.mark.parametrize(
    "value",
    [
        [],
        {},
        [{"sku": "A", "quantity": 2}],
        [{"a": 1, "b": 2}],
        {"a": 1, "b": "x"},
        [{"name": "x", "n": 1}] * 13,
    ],
)
def test_what_is_not_made_of_named_numbers_has_no_bars(value: Any) -> None:
    assert not one(value).bars


@pytest.mark.parametrize(
    ("label", "value", "said"),
    [
        ("Order value in EUR", 1849, "€1,849.00"),
        ("Total (USD)", 3.5, "$3.50"),
        ("Price", {"amount": 12, "currency": "SEK"}, "SEK 12.00"),
        ("Price", "€640.00", "€640.00"),
        ("Order value", 1849, ""),
        ("Order value in EUR", True, ""),
    ],
)
def test_an_amount_is_written_as_people_write_it(label: str, value: Any, said: str) -> None:
    assert amount_of([{"label": label, "value": value}]) == said
    if said:
        assert one(value, label).value == said
        assert one(value, label).label in ("Order value", "Total", "Price")


def test_the_list_shows_whom_it_is_about_and_the_number_that_counts() -> None:
    lines = [
        {"label": "Value in EUR", "value": 20},
        {"label": "Risk score", "value": 82},
        {"label": "Customer", "value": "Ada Lindqvist <ada@example.org>"},
    ]
    assert subject_of(lines) == "Ada Lindqvist"
    assert first_number_of(lines) == "Risk score 82"
    assert (subject_of([]), first_number_of([]), amount_of([])) == ("", "", "")


@pytest.mark.parametrize(
    ("value", "told"), [(True, "yes"), (False, "no"), (None, "–"), (1234567, "1,234,567"), (2.50, "2.5")]
)
def test_plain_values_are_words(value: Any, told: str) -> None:
    assert one(value).value == told


def test_a_line_is_shown_though_the_step_is_gone() -> None:
    assert [line.shape for line in (one({"a": {}}), one([{"a": "b"}]))] == ["json", "rows"]
