"""The tables of the format: which fields each kind of step, each policy and a contract has.

Reading, writing and the published JSON Schema all come from here, so they cannot disagree.
"""

from collections.abc import Mapping
from typing import Any

from designer.graph.contracts import Contract, Effect, ErrorSpec
from designer.graph.durations import BadDuration, parse_duration
from designer.graph.keys import LONGEST
from designer.graph.limits import MOST_ITEMS
from designer.graph.model import (
    Action,
    AnyStep,
    Choice,
    Emit,
    Fail,
    Loop,
    Map,
    Parallel,
    Review,
    RunWorkflow,
    SetVariables,
    Succeed,
    Wait,
)
from designer.graph.parts import Arrival, Awaited, Branch, Option, Outcome, Reviewers, Shown
from designer.graph.policies import OnExhausted, Retry

from .carrying import dataflow
from .flaws import Place, described
from .policies import CATCH, COMPENSATE, INPUTS, JOIN, REFERENCE, RETRY
from .shapes import (
    NOTHING,
    Field,
    Record,
    Shape,
    boolean,
    duration,
    integer,
    key,
    listed,
    mapping,
    named,
    record,
    schema,
    several,
    template,
    text,
    word,
)

LONG = 10_000  # characters of notes, messages and expressions
LEADS_ON = text(empty=None, hint=" that names a step")


def _wait_time() -> Shape:
    """A duration kept as it is written, for it may also be an expression."""
    written = text(LONG, hint=" such as 30m")

    def read(data: Any, place: Place) -> Any:
        found = written.read(data, place)
        if found is NOTHING or not found or "${" in found:
            return found
        try:
            parse_duration(found)
        except BadDuration as bad:
            place.flaw(str(bad))
        return found

    return Shape(read, written.schema)


def _reason() -> Shape:
    """``reason: required`` in the document, a truth value in the graph."""
    words = ("required", "optional")

    def read(data: Any, place: Place) -> Any:
        if data in words:
            return data == "required"
        place.flaw(f"A reason is {listed(words)}, not {described(data)}.")
        return NOTHING

    return Shape(read, {"enum": list(words)}, lambda required: words[0] if required else words[1])


OPTION = record(
    Option,
    "An option",
    Field("when", text(LONG), default=""),
    Field("next", REFERENCE),
    Field("label", text()),
)
BRANCH = record(
    Branch,
    "A branch",
    Field("title", text()),
    Field("when", text(LONG)),
    Field("needs", several(text())),
    Field("start", REFERENCE),
)
OUTCOME = record(
    Outcome,
    "An outcome",
    Field("title", text()),
    Field("next", REFERENCE),
    Field("reason", _reason(), "reason_required"),
    Field("approvals", integer(1, 100)),
    Field("groups", several(text())),
)
SHOWN = record(
    Shown,
    "A line to show",
    Field("label", text(), default=""),
    Field("value", template(), default=None),
)
REVIEWERS = record(
    Reviewers,
    "“reviewers”",
    Field("groups", several(text())),
    Field("approvals", integer(1, 100)),
    Field("four_eyes", boolean()),
)

AWAITED = record(Awaited, "A signal", Field("name", text()), Field("key", template()))
ARRIVAL = record(
    Arrival,
    "What may come first",
    Field("title", text()),
    Field("for", _wait_time(), "duration"),
    Field("until", text(LONG)),
    Field("signal", AWAITED.shape()),
    Field("person", REVIEWERS.shape()),
    Field("next", REFERENCE),
)

OWNER = Field("owner", text(LONGEST))
TOLD = (Field("title", text()), OWNER, Field("notes", text(LONG)))
NEXT = Field("next", LEADS_ON)
START = Field("start", REFERENCE)
ENDS_RUN = Field("ends_run", boolean())
AGAIN = Field("retry", record(Retry, "“retry”", *RETRY).shape())
FLOW = Field("flow", dataflow())
RETURNS = Field("returns", template())
SAFE = (
    Field("assign", mapping(template(), names=key())),
    Field("only_while", text(LONG)),
    Field("lock", template()),
    Field("deadline", duration()),
    Field("catch", several(CATCH.shape())),
    Field("on_exhausted", word(OnExhausted)),
    Field("cancels", several(text())),
)


RETURNING = (Action.kind, RunWorkflow.kind, Review.kind, Wait.kind, Emit.kind)


def _step(of: type[AnyStep], *held: Field) -> Record:
    name = of.kind
    return record(
        of,
        f"{'An' if name == 'action' else 'A'} {name} step",
        *held,
        FLOW,
        *([RETURNS] if name in RETURNING else []),
    )


STEPS: Mapping[str, Record] = {
    one.of.kind: one  # type: ignore[attr-defined]
    for one in (
        _step(
            Action,
            *TOLD,
            Field("does", text()),
            Field("resource", text(LONG)),
            INPUTS,
            Field("timeout", duration()),
            AGAIN,
            *SAFE,
            Field("compensate", COMPENSATE.shape()),
            NEXT,
        ),
        _step(
            Choice,
            *TOLD,
            Field("choose", several(OPTION.shape()), "options"),
            Field("otherwise", LEADS_ON),
            *SAFE,
        ),
        _step(
            Parallel,
            *TOLD,
            Field("branches", named(BRANCH, "“branches”")),
            Field("join", JOIN.shape()),
            AGAIN,
            *SAFE,
            NEXT,
        ),
        _step(
            Map,
            *TOLD,
            Field("items", template()),
            Field("max_concurrency", integer(1, 1_000)),
            Field("batch", integer(1, MOST_ITEMS)),
            Field("open_ended", boolean()),
            Field("join", JOIN.shape()),
            START,
            AGAIN,
            *SAFE,
            NEXT,
        ),
        _step(
            Loop,
            *TOLD,
            Field("while", text(LONG), "goes_on"),
            Field("until", text(LONG)),
            Field("times", template()),
            Field("limit", integer(1, MOST_ITEMS)),
            START,
            AGAIN,
            *SAFE,
            NEXT,
        ),
        _step(
            Review,
            *TOLD,
            Field("reviewers", REVIEWERS.shape()),
            Field("due", duration()),
            Field("on_due", text()),
            Field("show", several(SHOWN.shape())),
            Field("edit", mapping(template())),
            Field("outcomes", named(OUTCOME, "“outcomes”")),
            AGAIN,
            *SAFE,
        ),
        _step(
            Wait,
            *TOLD,
            Field("for", _wait_time(), "duration"),
            Field("until", text(LONG)),
            Field("signal", AWAITED.shape()),
            Field("first", named(ARRIVAL, "“first”")),
            AGAIN,
            *SAFE,
            NEXT,
        ),
        _step(
            Emit,
            *TOLD,
            Field("signal", text()),
            Field("key", template(), "correlation"),
            Field("data", template()),
            Field("keep", duration()),
            *SAFE,
            NEXT,
        ),
        _step(
            RunWorkflow, *TOLD, Field("runs", text()), INPUTS, Field("awaited", boolean()), AGAIN, *SAFE, NEXT
        ),
        _step(SetVariables, *TOLD, *SAFE, NEXT),
        _step(Succeed, *TOLD, Field("output", template()), ENDS_RUN),
        _step(
            Fail,
            *TOLD,
            Field("error", text()),
            Field("message", text(LONG)),
            Field("compensate", boolean()),
            ENDS_RUN,
        ),
    )
}

CONTRACT = record(
    Contract,
    "A contract",
    Field("key", text(), required=True),
    Field("version", text(), required=True),
    Field("title", text()),
    Field("summary", text(LONG)),
    Field("input", schema()),
    Field("output", schema()),
    Field(
        "errors",
        several(
            record(
                ErrorSpec,
                "An error",
                Field("name", text(), required=True),
                Field("retryable", boolean()),
                Field("summary", text(LONG)),
            ).shape()
        ),
    ),
    Field("idempotent", boolean()),
    Field("effect", word(Effect)),
    Field("undone_by", text(empty=None)),
    Field("owner", text()),
    Field("at_most_once", boolean()),
    Field("retired", boolean()),
)
