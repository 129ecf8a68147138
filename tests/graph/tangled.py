"""Hypothesis strategies for graphs in which everything may be wrong at once: names, schemas, expressions, scopes."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from designer.graph import (
    KINDS,
    Action,
    AnyStep,
    Branch,
    Catch,
    Choice,
    Compensate,
    Contract,
    Effect,
    ErrorSpec,
    Fail,
    Graph,
    Join,
    Loop,
    Map,
    OnExhausted,
    OnFailure,
    Option,
    Outcome,
    Parallel,
    Rest,
    Retry,
    Review,
    Shown,
    Succeed,
    Wait,
)

names = st.sampled_from(["a", "b", "c", "p", "left", "If", "x y", "", "é", "a.b", "gone"])
keys = st.sampled_from(["a", "b", "c", "p", "q"])
scopes = st.sampled_from(
    ["", "", "p/left", "p/right", "p/item", "q/round", "q/left", "a/left", "gone/left", "p", "/", "x/y/z"]
)
ways = st.none() | keys | names
expressions = st.sampled_from(
    [
        "input.a",
        "input.b[0].c",
        "input['x y'].z",
        "vars.a",
        "vars.b.c",
        "vars",
        "steps",
        "steps.a",
        "steps.p.output.left.a",
    ]
    + [
        "steps.b.output.a",
        "steps.q.output",
        "steps.c.outpt",
        "steps.a.output[0]",
        "steps['x y'].output",
        "error.name",
    ]
    + [
        "item.a",
        "steps.p.errors.left",
        "index",
        "output.a",
        "now",
        "run.id",
        "run.nope",
        "has(steps.a) ? steps.a.output : null",
        "1 +",
        "",
        "nope",
    ]
    + [
        "input.a.map(x, x.b)",
        "has(vars.a)",
        "size(steps.b.output.list) > 1",
        "1 + 1",
        "'text'",
        "input.a > 1",
        "{'a': 1}",
    ]
)
texts = (
    expressions.map(lambda text: f"${{ {text} }}")
    | expressions.map(lambda text: f"x ${{{text}}} $${{ y")
    | expressions
    | st.sampled_from(["${", "$${", "5", "true", "", "EU", "${ } }", "noon", "5s", "2026-01-01"])
)
templates: st.SearchStrategy[Any] = st.recursive(
    texts | st.none() | st.integers() | st.booleans() | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=5,
)
_words = st.sampled_from(
    ["type", "properties", "items", "required", "anyOf", "allOf", "enum", "const", "$ref", "$defs"]
)
_anything: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from(["object", "string", "integer", "array", "#", "#/$defs/a", "a", 5, None, True, False]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_words | names, inner, max_size=3),
    max_leaves=6,
)
_fields = st.dictionaries(
    names, st.fixed_dictionaries({"type": st.sampled_from(["string", "number", "object"])})
)
schemas = st.dictionaries(_words, _anything, max_size=4) | st.fixed_dictionaries(
    {"type": st.just("object"), "properties": _fields, "required": st.lists(names, max_size=2)}
)
references = st.sampled_from(["", "s.do", "s.do@^1", "s.undo@^1", "S.DO", "none@1", "@", "s.do@^^"])
durations = st.none() | st.sampled_from(
    [timedelta(), timedelta(seconds=1), timedelta(days=400), timedelta(seconds=-1)]
)
mappings = st.dictionaries(names, templates, max_size=3)
errors = st.lists(st.sampled_from(["*", "Busy", "Bussy", "", "Timeout"]), max_size=2).map(tuple)
contracts = st.builds(
    Contract,
    key=st.sampled_from(["s.do", "s.undo", ""]),
    version=st.sampled_from(["1.0.0", "1", "", "2.x", "10.0.0-rc"]),
    input=schemas,
    output=schemas,
    errors=st.just((ErrorSpec("Busy"),)),
    idempotent=st.booleans(),
    effect=st.sampled_from(Effect),
    undone_by=st.none() | st.just("s.undo"),
    retired=st.booleans(),
)
_retries = st.builds(Retry, attempts=st.integers(-1, 3), on=errors, never_on=errors)
_amounts: st.SearchStrategy[str | int] = st.sampled_from(
    ["all", "any", "some", 0, 1, 9, -1, "60%", "x%", "%"]
)
_joins = st.builds(Join, wait_for=_amounts, tolerate=_amounts, rest=st.sampled_from(Rest))
_more: dict[type[AnyStep], dict[str, st.SearchStrategy[Any]]] = {
    Action: {
        "does": references,
        "inputs": mappings,
        "timeout": durations,
        "retry": _retries,
        "compensate": st.none() | st.builds(Compensate, does=references, inputs=mappings),
    },
    Choice: {
        "options": st.lists(st.builds(Option, when=texts, next=names), max_size=3).map(tuple),
        "otherwise": ways,
    },
    Parallel: {
        "branches": st.lists(
            st.builds(
                Branch,
                name=names,
                start=names,
                when=texts,
                needs=st.lists(names, max_size=2).map(tuple),
            ),
            max_size=3,
        ).map(tuple),
        "join": _joins,
    },
    Map: {
        "items": templates,
        "start": names,
        "batch": st.integers(-1, 3),
        "open_ended": st.booleans(),
        "join": _joins,
    },
    Loop: {"start": names, "goes_on": texts, "until": texts, "times": templates},
    Review: {
        "due": durations,
        "on_due": names,
        "show": st.lists(st.builds(Shown, label=names, value=templates), max_size=2).map(tuple),
        "edit": mappings,
        "outcomes": st.lists(st.builds(Outcome, name=names, next=names), max_size=3).map(tuple),
    },
    Wait: {"duration": texts, "until": texts},
    Succeed: {"output": templates},
    Fail: {"error": names, "message": texts},
}


def _steps(key: str) -> st.SearchStrategy[AnyStep]:
    shared = {
        "key": st.just(key),
        "scope": scopes,
        "title": st.sampled_from(["", "A and B", "then", " "]),
        "owner": names,
        "next": ways,
        "assign": mappings,
        "deadline": durations,
        "catch": st.lists(st.builds(Catch, on=errors, next=names), max_size=2).map(tuple),
        "on_exhausted": st.sampled_from(OnExhausted),
        "cancels": st.lists(names, max_size=2).map(tuple),
    }
    return st.one_of([st.builds(kind, **shared, **_more.get(kind, {})) for kind in KINDS.values()])


@st.composite
def tangled_graphs(draw: st.DrawFn) -> Graph:
    found = draw(st.lists(keys | names, unique=True, max_size=6))
    return Graph(
        key=draw(names),
        owner=draw(names),
        input=draw(schemas),
        business_key=draw(texts),
        start=draw(names | keys),
        on_failure=draw(st.sampled_from(OnFailure)),
        steps={key: draw(_steps(key)) for key in found},
        contracts=draw(st.dictionaries(references, contracts, max_size=3)),
    )
