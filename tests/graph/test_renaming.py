"""Renaming a step: every expression that reads it follows, and nothing else does."""

from typing import Any

import pytest

from designer.graph import (
    Action,
    AnyStep,
    Choice,
    Graph,
    Operation,
    Option,
    Parallel,
    RenameStep,
    apply,
)


def done(graph: Graph, operation: Operation) -> Graph:
    return apply(graph, operation).graph


def renamed(written: Any, operation: Operation | None = None) -> Any:
    steps: dict[str, AnyStep] = {
        "pay": Parallel(key="pay"),
        "payment": Action(key="payment"),
        "use": Action(key="use", title="${ steps.pay }", inputs={"it": written}),
    }
    after = done(Graph(key="g", steps=steps), operation or RenameStep("pay", "charge")).step("use")
    assert isinstance(after, Action) and after.title == "${ steps.pay }"
    return after.inputs["it"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("${steps.pay.output.id}", "${steps.charge.output.id}"),
        ("${ steps . pay . output }", "${ steps . charge . output }"),
        ('${ steps["pay"].output }', '${ steps["charge"].output }'),
        ("${ steps['pay'].output }", "${ steps['charge'].output }"),
        ("${ has(steps.pay.output.id) }", "${ has(steps.charge.output.id) }"),
        ("a ${ steps.pay.n } b ${ steps.pay.m }", "a ${ steps.charge.n } b ${ steps.charge.m }"),
        ("${ {'a': steps.pay.n} } steps.pay", "${ {'a': steps.charge.n} } steps.pay"),
        ("${ steps.payment.n }", "${ steps.payment.n }"),
        ("${ vars.steps.pay }", "${ vars.steps.pay }"),
        ("${ 'steps.pay' + \"steps.pay\" + '''it's steps.pay''' }",) * 2,
        ("${ '}' + steps.pay.n }", "${ '}' + steps.charge.n }"),
        ("$${ steps.pay.n } ${ steps.pay.n }", "$${ steps.pay.n } ${ steps.charge.n }"),
        ("it's ${ steps.pay.n } isn't", "it's ${ steps.charge.n } isn't"),
        ("steps.pay.n", "steps.pay.n"),
        ("${ steps.pay.n", "${ steps.charge.n"),
        ([{"deep": "${ steps.pay.n }"}, 3], [{"deep": "${ steps.charge.n }"}, 3]),
    ],
)
def test_renaming_rewrites_expressions_and_only_them(before: Any, after: Any) -> None:
    assert renamed(before) == after


def test_conditions_may_be_written_bare() -> None:
    steps: dict[str, AnyStep] = {
        "a": Action(key="a"),
        "c": Choice(key="c", options=(Option("steps.a.n > 'steps.a'.size()"),)),
    }
    after = done(Graph(key="g", steps=steps), RenameStep("a", "b")).step("c")
    assert isinstance(after, Choice)
    assert after.options[0].when == "steps.b.n > 'steps.a'.size()"
