"""Hypothesis strategies for values, and for graphs that have the right shape and nothing else.

`flawed_graphs()` dangle, repeat and leave empty whatever the format lets them: they are what a half-made
draft or an imported document may be.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from designer.dataflow import DataFlow, Language
from designer.graph import (
    Action,
    AfterFailedUndo,
    AnyStep,
    Arrival,
    Awaited,
    Branch,
    Catch,
    Choice,
    Compensate,
    Contract,
    Effect,
    Emit,
    ErrorSpec,
    Fail,
    Graph,
    Join,
    Loop,
    Map,
    OnBranchFailure,
    OnExhausted,
    OnFailure,
    Opener,
    Option,
    Outcome,
    Parallel,
    Rest,
    Retry,
    Review,
    Reviewers,
    SetVariables,
    Shown,
    Succeed,
    Undoing,
    UndoOrder,
    Wait,
)

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
words = st.sampled_from(
    ["Validate order", "Charge card", "risk", "no", "12:30:45", "1e3", "on", "~", "2026-01-01"]
)
short_texts = texts | words
durations = st.integers(0, 366 * 86_400_000).map(lambda ms: timedelta(milliseconds=ms))
short_durations = st.sampled_from([timedelta(milliseconds=ms) for ms in (1, 500, 1_000, 30_000, 3_600_000)])
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63) + 1, 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | short_texts
)
templates = st.recursive(
    scalars | st.sampled_from(["${ input.n }", "order ${ input.name }"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(short_texts, inner, max_size=3),
    max_leaves=6,
)
keys = st.from_regex(r"[a-z][a-z0-9_]{0,7}x", fullmatch=True)  # the x keeps them from being words of CEL


def tuples[T](inner: st.SearchStrategy[T], most: int = 2) -> st.SearchStrategy[tuple[T, ...]]:
    return st.lists(inner, max_size=most).map(tuple)


inputs = st.dictionaries(short_texts, templates, max_size=2)
references = st.sampled_from(["a1x", "b2x", "nowhere", ""])
schemas: st.SearchStrategy[dict[str, Any]] = st.just({}) | st.just(
    {"type": "object", "properties": {"n": {"type": "integer"}}}
)
_rule: dict[str, Any] = {
    "attempts": st.integers(1, 1_000),
    "wait": durations,
    "factor": st.floats(1, 1_000),
    "longest": durations,
    "jitter": st.booleans(),
    "on": tuples(short_texts),
    "never_on": tuples(short_texts),
}
rules = st.builds(Retry, **_rule)
any_retries = st.builds(Retry, **_rule, others=tuples(rules))
any_flows = st.none() | st.builds(
    DataFlow,
    language=st.sampled_from(Language),
    fields=st.dictionaries(
        st.sampled_from(["InputPath", "Parameters", "Assign", "Catch"]), templates, max_size=2
    ),
)
told = {"title": short_texts, "owner": short_texts, "notes": short_texts}
leads_on = {"next": st.none() | references.filter(bool)}
safe = {
    "assign": st.dictionaries(keys, templates, max_size=2),
    "deadline": st.none() | durations,
    "catch": tuples(st.builds(Catch, on=tuples(short_texts), next=references)),
    "on_exhausted": st.sampled_from(OnExhausted),
    "cancels": tuples(references),
    "flow": any_flows,
}
conditions = st.sampled_from(["", "${ input.n > 1 }", "vars.n < 3"])
shares = st.integers(0, 100).map(lambda share: f"{share}%")
joins = st.builds(
    Join,
    wait_for=st.sampled_from(["all", "any"]) | st.integers(1, 9) | shares,
    tolerate=st.integers(0, 9) | shares,
    on_failure=st.sampled_from(OnBranchFailure),
    rest=st.sampled_from(Rest),
)
any_undoings = st.builds(
    Undoing,
    failed_step=st.booleans(),
    order=st.sampled_from(UndoOrder),
    after_failure=st.sampled_from(AfterFailedUndo),
)
undos = st.builds(Compensate, does=short_texts, inputs=inputs, retry=rules, timeout=st.none() | durations)


def _distinct(named: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(named, max_size=3, unique_by=lambda one: one.name).map(tuple)


keys_of_signals = templates.filter(lambda template: template is not None)
any_awaited = st.builds(Awaited, name=short_texts, key=keys_of_signals)
any_steps: st.SearchStrategy[AnyStep] = st.one_of(
    st.builds(
        Action,
        key=keys,
        **told,
        **safe,
        **leads_on,
        does=short_texts,
        resource=short_texts,
        inputs=inputs,
        timeout=st.none() | durations,
        retry=any_retries,
        compensate=st.none() | undos,
    ),
    st.builds(
        Choice,
        key=keys,
        **told,
        **safe,
        options=tuples(st.builds(Option, when=short_texts, next=references, label=short_texts)),
        otherwise=st.none() | references.filter(bool),
    ),
    st.builds(
        Parallel,
        key=keys,
        **told,
        **safe,
        retry=any_retries,
        **leads_on,
        branches=_distinct(
            st.builds(
                Branch,
                name=keys,
                start=references,
                title=short_texts,
                when=conditions,
                needs=tuples(references.filter(bool)),
            )
        ),
        join=joins,
    ),
    st.builds(
        Map,
        key=keys,
        **told,
        **safe,
        **leads_on,
        items=templates,
        start=references,
        max_concurrency=st.integers(1, 1_000),
        batch=st.integers(1, 9),
        open_ended=st.booleans(),
        join=joins,
    ),
    st.builds(
        Loop,
        key=keys,
        **told,
        **safe,
        **leads_on,
        start=references,
        goes_on=conditions,
        until=conditions,
        times=templates,
        limit=st.integers(1, 900),
    ),
    st.builds(
        Review,
        key=keys,
        **told,
        **safe,
        reviewers=st.builds(
            Reviewers, groups=tuples(short_texts), approvals=st.integers(1, 9), four_eyes=st.booleans()
        ),
        due=st.none() | durations,
        on_due=short_texts,
        show=tuples(st.builds(Shown, label=short_texts, value=templates)),
        edit=inputs,
        outcomes=_distinct(
            st.builds(Outcome, name=keys, next=references, title=short_texts, reason_required=st.booleans())
        ),
    ),
    st.builds(
        Wait,
        key=keys,
        **told,
        **safe,
        **leads_on,
        duration=st.sampled_from(["", "30m", "${ input.n }"]),
        until=short_texts,
        signal=st.none() | any_awaited,
        first=_distinct(
            st.builds(
                Arrival,
                name=keys,
                next=references,
                title=short_texts,
                duration=st.sampled_from(["", "30m"]),
                until=short_texts,
                signal=st.none() | any_awaited,
                person=st.none() | st.builds(Reviewers, groups=tuples(short_texts)),
            )
        ),
    ),
    st.builds(
        Emit,
        key=keys,
        **told,
        **safe,
        **leads_on,
        signal=short_texts,
        correlation=keys_of_signals,
        data=templates,
        keep=durations,
    ),
    st.builds(SetVariables, key=keys, **told, **safe, **leads_on),
    st.builds(Succeed, key=keys, **told, output=templates),
    st.builds(Fail, key=keys, **told, error=short_texts, message=short_texts, compensate=st.booleans()),
)
contracts = st.builds(
    Contract,
    key=short_texts,
    version=st.sampled_from(["1.0.0", "2.1.3"]),
    title=short_texts,
    summary=short_texts,
    input=schemas,
    output=schemas,
    errors=tuples(st.builds(ErrorSpec, name=short_texts, retryable=st.booleans(), summary=short_texts)),
    idempotent=st.booleans(),
    effect=st.sampled_from(Effect),
    undone_by=st.none() | st.just("demo.undo"),
    owner=short_texts,
    at_most_once=st.booleans(),
    retired=st.booleans(),
)


@st.composite
def flawed_graphs(draw: st.DrawFn) -> Graph:
    """Graphs in which each step lies in a scope that exists, and nothing else is promised."""
    scopes = {"": 0}
    steps: dict[str, AnyStep] = {}
    for step in draw(st.lists(any_steps, max_size=6, unique_by=lambda step: step.key)):
        scope = draw(st.sampled_from(sorted(scopes)))
        steps[step.key] = replace(step, scope=scope)
        if isinstance(step, Opener) and scopes[scope] < 5:
            scopes |= {step.scope_of(body.name): scopes[scope] + 1 for body in step.bodies}
    return Graph(
        key=draw(keys),
        title=draw(short_texts),
        owner=draw(short_texts),
        notes=draw(short_texts),
        input=draw(schemas),
        business_key=draw(short_texts),
        start=draw(references),
        on_failure=draw(st.sampled_from(OnFailure)),
        undoing=draw(any_undoings),
        visit_limit=draw(st.integers(1, 9_000)),
        steps=steps,
        contracts=draw(st.dictionaries(short_texts, contracts, max_size=2)),
    )
