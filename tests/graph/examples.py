"""For every check a graph that has the problem and one that has not, told as steps of a small shop."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from designer.graph import (
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
    Option,
    Outcome,
    Parallel,
    Rest,
    Retry,
    Review,
    RunWorkflow,
    SetVariables,
    Shown,
    Succeed,
    Wait,
)

ALL = Join()
TOO_DEEP: Any = "deep"
for _ in range(100):
    TOO_DEEP = [TOO_DEEP]
SECRETS = ("shop_token",)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def obj(required: str = "", /, **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": required.split(),
        "properties": {
            name: {"type": kind} if isinstance(kind, str) else kind for name, kind in properties.items()
        },
        "additionalProperties": False,
    }


LINES = {"type": "array", "items": {"type": "object", "properties": {"sku": {"type": "string"}, "n": {}}}}
INPUT = obj(
    "order_id amount",
    order_id="string",
    amount="number",
    zone="string",
    urgent="boolean",
    count="integer",
    lines=LINES,
)
OFFERED = {
    contract.reference: contract
    for contract in (
        Contract(key="shop.look", version="1.0.0", idempotent=True, input=obj("order_id", order_id="string"),
                 output=obj("total found", total="number", found="boolean", name="string")),
        Contract(key="shop.charge", version="2.1.0", idempotent=True, effect=Effect.UNDOABLE, undone_by="shop.refund",
                 input=obj("amount", amount="number", zone={"enum": ["EU", "UK"]}, note="string", lines=LINES),
                 output=obj("id", id="string"), errors=(ErrorSpec("CardDeclined", retryable=False),
                 ErrorSpec("Busy"))),
        Contract(key="shop.refund", version="1.3.0", input=obj("id", id="string"), effect=Effect.PERMANENT),
        Contract(key="shop.mail", version="1.0.0", effect=Effect.PERMANENT),
        Contract(key="shop.old", version="1.0.0", retired=True),
        Contract(key="shop.old", version="2.0.0"),
        Contract(key="order", version="2.1.0", input=obj("amount", amount="number"), output=obj("id", id="string")),
        Contract(key="shop", version="1.0.0"),
    )
}  # fmt: skip


def action(key: str, does: str = "shop.look@^1", **fields: Any) -> Action:
    """A sound step that looks an order up."""
    usual: dict[str, Any] = {"timeout": SECOND}
    if does == "shop.look@^1":
        usual["inputs"] = {"order_id": "${ input.order_id }"}
    return Action(key=key, does=does, **{**usual, **fields})


def charge(key: str = "charge", **fields: Any) -> Action:
    """A sound step that can be undone."""
    undo = Compensate(does="shop.refund@^1", inputs={"id": "${ output.id }"})
    usual = {"inputs": {"amount": "${ input.amount }"}, "compensate": undo}
    return action(key, "shop.charge@^2", **{**usual, **fields})


def graph(*steps: AnyStep, **fields: Any) -> Graph:
    usual = {"key": "shop", "owner": "tests", "input": INPUT, "start": steps[0].key if steps else ""}
    return resolved(Graph(**{**usual, "steps": {step.key: step for step in steps}, **fields}))


def resolved(flawed: Graph) -> Graph:
    """The graph with the contracts that its references name, as whoever assembles it fills them in."""
    wanted = [step.does for step in flawed.steps.values() if isinstance(step, Action)]
    wanted += [s.compensate.does for s in flawed.steps.values() if isinstance(s, Action) and s.compensate]
    wanted += [step.runs for step in flawed.steps.values() if isinstance(step, RunWorkflow)]
    found = {reference: _offered(reference) for reference in wanted}
    return replace(flawed, contracts={name: contract for name, contract in found.items() if contract})


def _offered(reference: str) -> Contract | None:
    key, _, version = reference.partition("@^")
    named = (contract for contract in OFFERED.values() if contract.key == key)
    return next((c for c in named if c.version.startswith(version or ("" if c.is_workflow else "~"))), None)


def split(
    *inner: AnyStep, join: Join = ALL, next: str | None = None, key: str = "split"
) -> tuple[AnyStep, ...]:
    """A parallel whose left branch holds ``inner``; the right one looks the order up."""
    left = tuple(replace(step, scope=f"{key}/left") for step in inner)
    right = action(f"{key}_right", scope=f"{key}/right")
    branches = (Branch("left", left[0].key if left else ""), Branch("right", right.key))
    return (Parallel(key=key, branches=branches, join=join, next=next), *left, right)


def sides(**branches: Mapping[str, Any]) -> tuple[AnyStep, ...]:
    """A parallel of two branches, of which more is said by name."""
    opener, *inner = split(action("a"))
    assert isinstance(opener, Parallel)
    named = tuple(replace(branch, **branches.get(branch.name, {})) for branch in opener.branches)
    return (replace(opener, branches=named), *inner)


def each(*inner: AnyStep, items: Any = "${ input.lines }", **fields: Any) -> tuple[AnyStep, ...]:
    """A map whose body holds ``inner``."""
    body = tuple(replace(step, scope="each/item") for step in inner)
    return (Map(key="each", items=items, start=body[0].key if body else "", **fields), *body)


def again(*inner: AnyStep, times: Any = 3, **fields: Any) -> tuple[AnyStep, ...]:
    """A loop whose body holds ``inner``."""
    body = tuple(replace(step, scope="again/round") for step in inner)
    return (Loop(key="again", times=times, start=body[0].key if body else "", **fields), *body)


def choose(
    key: str, *nexts: str, when: str = "${ input.amount > 1 }", otherwise: str | None = "done"
) -> Choice:
    return Choice(key=key, options=tuple(Option(when, way) for way in nexts), otherwise=otherwise)


def review(key: str = "ask", **fields: Any) -> Review:
    return Review(key=key, **{"outcomes": (Outcome("approve", "done"), Outcome("reject", "done")), **fields})


DONE = Succeed(key="done")
HIDDEN = obj("order_id card", order_id={"type": "string"}, card={"type": "string", "sensitive": True})
SOUND = graph(action("look", next="done"), DONE)
CAUGHT = action("look", catch=(Catch(next="failed"),), next="done")


@dataclass(frozen=True)
class Example:
    flawed: Graph
    sound: Graph
    step: str | None
    field: str
    said: str  # a part of the sentence
    mends: bool = True  # whether the problem brings a fix


EXAMPLES: Mapping[str, tuple[Example, ...]] = {
    "no_start": (
        Example(graph(), SOUND, None, "start", "has no steps yet", mends=False),
        Example(graph(action("look"), start=""), SOUND, None, "start", "A run has no step to begin with"),
        Example(
            graph(Parallel(key="split", branches=(Branch("left"), Branch("right", "r"))),
                  action("l", scope="split/left"), action("r", scope="split/right")),
            graph(*split(action("a"))), "split", "branches.left", "The branch “left” has no step to begin with",
        ),
        Example(graph(*each()), graph(*each(action("a"))), "each", "start", "The body of “Each” has no step",
                mends=False),
        Example(graph(Loop(key="again", times=3), *again(action("a"))[1:]), graph(*again(action("a"))),
                "again", "start", "The body of “Again” has no step to begin with"),
    ),
    "unknown_start": (
        Example(graph(action("look"), start="lok"), SOUND, None, "start", "Did you mean “look”?"),
        Example(graph(*split(action("a")), start="a"), SOUND, None, "start", "lies elsewhere"),
    ),
    "dangling_next": (
        Example(graph(action("look", next="dnoe"), DONE), SOUND, "look", "next", "Did you mean “done”?"),
        Example(graph(action("look", next="nothing_like_it")), SOUND, "look", "next", "is not a step"),
        Example(graph(*split(action("a")), replace(action("z"), next="a"), start="z"), SOUND, "z", "next",
                "which lies in the branch “left” of “Split”"),
        Example(graph(choose("c", "oops"), DONE), graph(choose("c", "done"), DONE), "c", "options.0.next", "“oops”"),
        Example(graph(review(outcomes=(Outcome("approve", "doen"),)), DONE), graph(review(), DONE), "ask",
                "outcomes.approve.next", "Did you mean “done”?"),
        Example(graph(action("look", catch=(Catch(next="gone"),))), SOUND, "look", "catch.0.next", "“gone”"),
    ),
    "leads_nowhere": (
        Example(graph(choose("c", "done", ""), DONE), graph(choose("c", "done"), DONE), "c", "options.1.next",
                "Option 2"),
        Example(graph(review(outcomes=(Outcome("approve", "done"), Outcome("reject"))), DONE), graph(review(), DONE),
                "ask", "outcomes.reject.next", "The outcome “reject” of “Ask” leads nowhere"),
        Example(graph(action("look", catch=(Catch(),))), SOUND, "look", "catch.0.next", "Catch 1"),
    ),
    "unreachable_step": (
        Example(graph(action("look"), DONE), SOUND, "done", "", "No step leads to “Done”, so it never runs."),
        Example(graph(action("look", next="done"), DONE, action("a", next="b"), action("b", next="a")), SOUND,
                "a", "",
                "No step leads to “A”"),
        Example(graph(action("look"), action("lost", scope="gone/left")), SOUND, "lost", "",
                "which nothing opens"),
        Example(graph(*split(action("a"), action("b"))), graph(*split(action("a", next="b"), action("b"))), "b", "",
                "No step leads to “B”"),
    ),
    "no_way_to_end": (
        Example(graph(action("look", next="c"), Choice(key="c")), SOUND, "c", "next", "can never end", mends=False),
    ),
    "cycle_without_exit": (
        Example(graph(action("a", next="b"), action("b", next="a")), SOUND, "a", "next",
                "A → B → A goes round for ever"),
        Example(graph(action("a", next="a")), graph(action("a", catch=(Catch(next="done"),), next="a"), DONE), "a",
                "next", "A → A"),
        Example(graph(choose("a", "b", otherwise="b"), choose("b", "a", otherwise="a")), SOUND, "a", "next",
                "A → B → A", mends=False),
    ),
    "choice_without_options": (
        Example(graph(choose("c"), DONE), graph(choose("c", "done"), DONE), "c", "", "no options", mends=False),
    ),
    "option_without_condition": (
        Example(graph(choose("c", "done", when=" "), DONE), graph(choose("c", "done"), DONE), "c", "options.0.when",
                "Option 1 of “C” has no condition", mends=False),
    ),
    "choice_without_otherwise": (
        Example(graph(choose("c", "done", "done", otherwise=None), DONE), graph(choose("c", "done"), DONE), "c",
                "otherwise", "Where no condition of “C” holds"),
    ),
    "choice_too_deep": (
        Example(graph(choose("a", "b"), choose("b", "c"), choose("c", "done"), DONE),
                graph(choose("a", "b"), choose("b", "done"), DONE), "c", "options", "third choice in a row",
                mends=False),
    ),
    "no_branches": (
        Example(graph(Parallel(key="p")), graph(*split(action("a"))), "p", "branches", "has no branches",
                mends=False),
    ),
    "one_branch": (
        Example(graph(Parallel(key="p", branches=(Branch("x", "a"),)), action("a", scope="p/x")),
                graph(*split(action("a"))), "p", "branches", "has one branch", mends=False),
    ),
    "maybe_no_branch": (
        Example(graph(*sides(left={"when": "${ input.urgent }"}, right={"when": "${ input.amount > 1 }"})),
                graph(*sides(left={"when": "${ input.urgent }"})), "split", "branches", "Every branch", mends=False),
    ),
    "unknown_need": (
        Example(graph(*sides(right={"needs": ("lft",)})), graph(*sides(right={"needs": ("left",)})), "split",
                "branches.right.needs", "Did you mean “left”?"),
        Example(graph(*sides(right={"needs": ("right",)})), graph(*sides()), "split", "branches.right.needs",
                "which is itself"),
    ),
    "needs_in_a_circle": (
        Example(graph(*sides(left={"needs": ("right",)}, right={"needs": ("left",)})),
                graph(*sides(right={"needs": ("left",)})), "split", "branches.left.needs", "need each other"),
    ),
    "join_out_of_range": (
        Example(graph(*split(action("a"), join=Join(wait_for=3))), graph(*split(action("a"), join=Join(wait_for=2))),
                "split", "join.wait_for", "waits for 3 of its 2 branches"),
        Example(graph(*split(action("a"), join=Join(wait_for="0%"))),
                graph(*split(action("a"), join=Join(wait_for="60%"))), "split", "join.wait_for", "waits for 0%"),
        Example(graph(*split(action("a"), join=Join(tolerate=2))), graph(*split(action("a"), join=Join(tolerate=1))),
                "split", "join.tolerate", "lets 2 of its 2 branches fail"),
        Example(graph(*each(action("a"), join=Join(wait_for="0%"))), graph(*each(action("a"), join=Join(wait_for=9))),
                "each", "join.wait_for", "waits for 0% of its items"),
    ),
    "tolerates_in_vain": (
        Example(graph(*split(action("a"), join=Join(wait_for="any", tolerate=1))),
                graph(*split(action("a"), join=Join(tolerate=1))), "split", "join.tolerate", "lets 1 fail"),
    ),
    "absorbed_by_the_end": (
        Example(graph(*split(action("a"), join=Join(wait_for="any", rest=Rest.ABSORB), next="done"), DONE),
                graph(*split(action("a"), join=Join(wait_for="any", rest=Rest.ABSORB), next="look"), action("look")),
                "split", "join.rest", "the run ends right after it"),
    ),
    "share_of_an_open_list": (
        Example(graph(*each(action("a"), open_ended=True, join=Join(wait_for="60%"))),
                graph(*each(action("a"), open_ended=True, join=Join(wait_for=3))), "each", "join.wait_for",
                "stays open", mends=False),
    ),
    "map_without_items": (
        Example(graph(*each(action("a"), items=None)), graph(*each(action("a"))), "each", "items", "has no items",
                mends=False),
    ),
    "items_not_a_list": (
        Example(graph(*each(action("a"), items="${ input.zone }")), graph(*each(action("a"))), "each", "items",
                "its items are text", mends=False),
        Example(graph(*each(action("a"), items="${ steps.look.output }"), action("look", next="each"), start="look"),
                graph(*each(action("a"), items=["a", "b"])), "each", "items", "its items are an object", mends=False),
    ),
    "rounds_unclear": (
        Example(graph(*again(action("a"), times=None)), graph(*again(action("a"))), "again", "goes_on",
                "does not say how often", mends=False),
        Example(graph(*again(action("a"), until="${ steps.a.output.found }")), graph(*again(action("a"))), "again",
                "times", "in two ways: until and times"),
    ),
    "times_not_a_number": (
        Example(graph(*again(action("a"), times="${ input.zone }")),
                graph(*again(action("a"), times="${ input.count }")),
                "again", "times", "“times” is text", mends=False),
        Example(graph(*again(action("a"), times=-2)), graph(*again(action("a"))), "again", "times",
                "cannot make -2 rounds"),
    ),
    "more_times_than_allowed": (
        Example(graph(*again(action("a"), times=200)), graph(*again(action("a"), times=200, limit=200)), "again",
                "limit", "more than 100 are an error"),
    ),
    "never_ends_before_its_limit": (
        Example(graph(*again(action("a"), times=None, until="${ input.urgent }")),
                graph(*again(action("a"), times=None, until="${ steps.a.output.total > 3 }")), "again", "until",
                "depends on nothing that its rounds change", mends=False),
        Example(graph(SetVariables(key="s", assign={"n": 0}, next="again"),
                      *again(action("a"), times=None, goes_on="${ vars.n < 3 }"), start="s"),
                graph(SetVariables(key="s", assign={"n": 0}, next="again"),
                      *again(action("a", assign={"n": "${ vars.n + 1 }"}), times=None, goes_on="${ vars.n < 3 }"),
                      start="s"), "again", "goes_on", "never ends before its limit of 100 rounds", mends=False),
    ),
    "cancels_unknown": (
        Example(graph(*split(action("a", cancels=("split_rigt",)))),
                graph(*split(action("a", cancels=("split_right",)))),
                "a", "cancels", "Did you mean “split_right”?"),
        Example(graph(*split(action("a", cancels=("split", "split_right")))), SOUND, "a", "cancels",
                "which lies in the workflow and never runs beside it"),
    ),
    "review_without_outcomes": (
        Example(graph(review(outcomes=()), DONE), graph(review(), DONE), "ask", "outcomes", "nobody can decide"),
    ),
    "unknown_on_due": (
        Example(graph(review(due=MINUTE, on_due="aprove"), DONE), graph(review(due=MINUTE, on_due="approve"), DONE),
                "ask", "on_due", "Did you mean “approve”?"),
    ),
    "on_due_without_due": (
        Example(graph(review(on_due="escalate"), DONE), graph(review(due=MINUTE, on_due="escalate"), DONE),
                "ask", "due",
                "but not when that is"),
    ),
    "set_without_assign": (
        Example(graph(SetVariables(key="s")), graph(SetVariables(key="s", assign={"a": 1})), "s", "assign",
                "sets no variables", mends=False),
    ),
    "fail_without_error": (
        Example(graph(Fail(key="f", error=" ")), graph(Fail(key="f")), "f", "error", "without a name"),
    ),
    "timeout_missing": (
        Example(graph(action("look", timeout=None)), SOUND, "look", "timeout", "has no timeout"),
        Example(graph(action("look", timeout=None, deadline=SECOND)), SOUND, "look", "timeout", "has no timeout"),
    ),
    "timeout_beyond_deadline": (
        Example(graph(action("look", timeout=MINUTE, deadline=SECOND)), SOUND, "look", "timeout",
                "One attempt of “Look” may take 1m, but all together must be done in 1s."),
    ),
    "unreadable_time": (
        Example(graph(Wait(key="w", duration="soon")), graph(Wait(key="w", duration="${ input.zone }")), "w",
                "duration",
                "“soon” is not a duration", mends=False),
        Example(graph(Wait(key="w", until="noon")), graph(Wait(key="w", until="2026-01-31T12:00:00Z")), "w", "until",
                "no moment", mends=False),
    ),
    "unknown_step_type": (
        Example(graph(action("look", "")), SOUND, "look", "does", "does nothing yet", mends=False),
        Example(graph(action("look", "shop.lok@^1")), SOUND, "look", "does", "Did you mean “shop.look@^1”?"),
        Example(graph(action("look", "shop.look@^7")), SOUND, "look", "does", "Did you mean “shop.look@^1”?"),
        Example(graph(action("look", "zzz@^1")), SOUND, "look", "does", "There is no step type zzz@^1.", mends=False),
    ),
    "retired_step_type": (
        Example(graph(action("x", "shop.old@^1")), graph(action("x", "shop.old@^2")), "x", "does",
                "which is retired"),
    ),
    "unknown_compensation": (
        Example(graph(charge(compensate=Compensate(does="shop.refnd@^1"))), graph(charge()), "charge",
                "compensate.does",
                "Did you mean “shop.refund@^1”?"),
        Example(graph(charge(compensate=Compensate())), graph(charge()), "charge", "compensate.does", "not by what"),
    ),
    "not_undone": (
        Example(graph(charge(compensate=None)), graph(charge()), "charge", "compensate",
                "could be undone by shop.refund"),
    ),
    "retry_not_idempotent": (
        Example(graph(action("m", "shop.mail@^1", retry=Retry(attempts=3))), graph(action("m", "shop.mail@^1")), "m",
                "retry.attempts", "may happen twice"),
    ),
    "retry_on_undeclared_error": (
        Example(graph(charge(retry=Retry(on=("Bussy",)))), graph(charge(retry=Retry(on=("Busy", "Timeout")))),
                "charge",
                "retry.on", "Did you mean “Busy”?"),
        Example(graph(charge(retry=Retry(never_on=("Zzz", "Busy")))), graph(charge(retry=Retry(never_on=("Busy",)))),
                "charge", "retry.never_on", "It declares Busy, CardDeclined."),
    ),
    "catch_of_undeclared_error": (
        Example(graph(charge(catch=(Catch(on=("CardDeclned",), next="done"),)), DONE),
                graph(charge(catch=(Catch(on=("CardDeclined", "*"), next="done"),)), DONE), "charge", "catch.0.on",
                "Did you mean “CardDeclined”?"),
        Example(graph(charge(catch=(Catch(on=("Zzz",), next="done"),), next="done"), DONE), SOUND, "charge",
                "catch.0.on", "does not declare"),
    ),
    "bad_expression": (
        Example(graph(action("look", inputs={"order_id": "${ input. }"})), SOUND, "look", "inputs.order_id",
                "is not an expression", mends=False),
        Example(graph(choose("c", "done", when="1 +"), DONE), graph(choose("c", "done", when="1 > 2"), DONE), "c",
                "options.0.when", "ends too early", mends=False),
        Example(graph(review(show=(Shown("A", {"x": ["${"]}),)), DONE), SOUND, "ask", "show.0.value.x[0]",
                "no “}” closes", mends=False),
    ),
    "name_not_known_here": (
        Example(graph(action("look", inputs={"order_id": "${ item.id }"})), SOUND, "look", "inputs.order_id",
                "“item” is known inside a map only", mends=False),
        Example(graph(action("look", inputs={"order_id": "${ output.name }"})),
                graph(action("look", assign={"name": "${ output.name }"})), "look", "inputs.order_id",
                "where the step has succeeded", mends=False),
        Example(graph(CAUGHT, Fail(key="failed", message="${ error.message }"),
                      Succeed(key="done", output="${ error.message }")),
                graph(CAUGHT, Fail(key="failed", message="${ error.message }"), DONE), "done", "output",
                "only after an error was caught", mends=False),
        Example(graph(action("look"), business_key="${ vars.x }"), graph(action("look"),
                business_key="${ input.order_id }"),
                None, "business_key", "not known before the run has begun", mends=False),
        Example(graph(Succeed(key="done", output="${ size(vars) }")), SOUND, "done", "output", "write vars.name",
                mends=False),
    ),
    "unknown_step": (
        Example(graph(action("look", next="done"), Succeed(key="done", output="${ steps.lok.output.total }")),
                graph(action("look", next="done"), Succeed(key="done", output="${ steps.look.output.total }")),
                "done",
                "output", "Did you mean “look”?"),
        Example(graph(*split(action("a"), next="done"), Succeed(key="done", output="${ steps.a.output.total }")),
                graph(*split(action("a"), next="done"), Succeed(key="done",
                output="${ steps.split.output.left.total }")),
                "done", "output", "What the branch leaves is steps.split.output.left."),
        Example(graph(*split(action("a", inputs={"order_id": "${ steps.split_right.output.name }"}))), SOUND, "a",
                "inputs.order_id", "where “A” cannot see it", mends=False),
        Example(graph(*split(action("a"), next="c"), choose("c", "done", when="steps.a.output.total > 1"),
                DONE), SOUND,
                "c", "options.0.when", "“A” lies in the branch “left” of “Split”"),
        Example(graph(*split(action("a"), next="ask"), review(show=(Shown("T", ["${ steps.a.output.total }"]),
                )), DONE),
                SOUND, "ask", "show.0.value[0]", "steps.split.output.left"),
        Example(graph(*split(action("a"), next="c"), choose("c", "done", when="steps['a'].output.total > 1"), DONE),
                SOUND, "c", "options.0.when", "“A” lies in", mends=False),
    ),
    "value_not_always_there": (
        Example(graph(choose("c", "look"), action("look", next="done"), Succeed(key="done",
                output="${ steps.look.output }")),
                graph(action("look", next="done"), Succeed(key="done", output="${ steps.look.output }")),
                "done", "output",
                "There are ways to “Done” on which “Look” has not succeeded before"),
        Example(graph(CAUGHT, Succeed(key="done"), Fail(key="failed", message="no ${ steps.look.output.total }")),
                graph(CAUGHT, Succeed(key="done", output="${ steps.look.output.total }"), Fail(key="failed")),
                "failed",
                "message", "has not succeeded before", mends=False),
        Example(graph(action("look", on_exhausted=OnExhausted.CONTINUE, next="done"),
                      Succeed(key="done", output={"t": "${ steps.look.output.total }"})),
                graph(action("look", next="done"), Succeed(key="done", output={"t": "${ steps.look.output.total }"})),
                "done", "output.t", "has not succeeded before"),
        Example(graph(action("look", assign={"x": "${ steps.look.output.total }"})),
                graph(action("look", assign={"x": "${ output.total }"})), "look", "assign.x", "its own output",
                mends=False),
    ),
    "unknown_variable": (
        Example(graph(SetVariables(key="s", assign={"limit": 1}, next="done"), Succeed(key="done",
                output="${ vars.limt }")),
                graph(SetVariables(key="s", assign={"limit": 1}, next="done"), Succeed(key="done",
                output="${ vars.limit }")),
                "done", "output", "Did you mean “limit”?"),
        Example(graph(*split(action("a", assign={"x": 1}), next="done"), Succeed(key="done",
                output="${ vars.x }")), SOUND,
                "done", "output", "known only there", mends=False),
    ),
    "variable_not_always_set": (
        Example(graph(choose("c", "s"), SetVariables(key="s", assign={"x": 1}, next="done"),
                      Succeed(key="done", output="${ vars.x }")),
                graph(choose("c", "s", otherwise="t"), SetVariables(key="s", assign={"x": 1}, next="done"),
                      SetVariables(key="t", assign={"x": 2}, next="done"), Succeed(key="done", output="${ vars.x }")),
                "done", "output", "has not been set before: “S” sets it."),
    ),
    "unknown_path": (
        Example(graph(action("look", inputs={"order_id": "${ input.ordr_id }"})), SOUND, "look", "inputs.order_id",
                "“input” has no field “ordr_id”. Did you mean “order_id”?"),
        Example(graph(action("look", next="done"), Succeed(key="done",
                output="${ steps.look.output.tota > 1 }")), SOUND,
                "done", "output", "Did you mean “total”?"),
        Example(graph(action("look", next="done"), Succeed(key="done", output="${ steps.look.outpt.total }")), SOUND,
                "done", "output", "A step has an output and nothing else"),
        Example(graph(*split(action("a"), next="done"), Succeed(key="done",
                output="${ steps.split.output.lft.total }")),
                SOUND, "done", "output", "Did you mean “left”?"),
        Example(graph(review(next=None, outcomes=(Outcome("approve", "done"),)),
                      Succeed(key="done", output="${ steps.ask.output.verdict }")), SOUND, "done", "output",
                "It has outcome, reason, by, data.", mends=False),
        Example(graph(review(outcomes=(), catch=(Catch(next="done"),)), Succeed(key="done",
                output="${ steps.ask.output.x }")),
                SOUND, "done", "output", "It has outcome, reason, by, data.", mends=False),
        Example(graph(CAUGHT, Fail(key="failed", message="${ error.mesage }"), DONE), SOUND, "failed", "message",
                "Did you mean “message”?"),
        Example(graph(Succeed(key="done", output="${ run.kye }")), SOUND, "done", "output", "Did you mean “key”?"),
        Example(graph(action("look"), business_key="${ input.orderid }"), SOUND, None, "business_key",
                "Did you mean “order_id”?"),
        Example(graph(choose("c", "done", when="input.amont > 1"), DONE), SOUND, "c", "options.0.when",
                "Did you mean “amount”?"),
        Example(graph(action("look", inputs={"order_id": "${ input.order_id[0] }"})), SOUND, "look",
                "inputs.order_id",
                "“input.order_id” is no list.", mends=False),
        Example(graph(action("look", assign={"n": "${ output.nme }"})), SOUND, "look", "assign.n",
                "Did you mean “name”?"),
    ),
    "condition_not_boolean": (
        Example(graph(choose("c", "done", when="${ input.amount }"), DONE),
                graph(choose("c", "done", when="${ input.urgent }"), DONE), "c", "options.0.when",
                "this one is a number",
                mends=False),
        Example(graph(choose("c", "done", when="1 + 1"), DONE), SOUND, "c", "options.0.when", "a whole number",
                mends=False),
    ),
    "secret_not_whole": (
        Example(graph(action("look", inputs={"order_id": "${ secret.shop_token + '!' }"})),
                graph(action("look", inputs={"order_id": "${ secret.shop_token }!"})), "look", "inputs.order_id",
                "can only be handed on as it is", mends=False),
        Example(graph(action("look", inputs={"order_id": "${ secret }"})), SOUND, "look", "inputs.order_id",
                "write ${ secret.name }", mends=False),
    ),
    "unknown_secret": (
        Example(graph(action("look", inputs={"order_id": "Bearer ${ secret.shop_tokn }"})),
                graph(action("look", inputs={"order_id": "Bearer ${ secret.shop_token }"})), "look",
                "inputs.order_id", "Did you mean “shop_token”?", mends=False),
    ),
    "missing_input": (
        Example(graph(action("look", inputs={})), SOUND, "look", "inputs.order_id", "shop.look needs “order_id”"),
        Example(graph(charge(compensate=Compensate(does="shop.refund@^1"))), graph(charge()), "charge",
                "compensate.inputs.id", "needs “id”"),
        Example(graph(action("look", inputs={}), input={}), SOUND, "look", "inputs.order_id", "needs", mends=False),
    ),
    "unknown_input": (
        Example(graph(charge(inputs={"amunt": 1})), graph(charge()), "charge", "inputs.amunt",
                "Did you mean “amount”?"),
        Example(graph(action("look", inputs={"order_id": "a", "zzz": 1})), SOUND, "look", "inputs.zzz",
                "It takes order_id."),
        Example(graph(charge(compensate=Compensate(does="shop.refund@^1", inputs={"id": "x", "why": "y"}))),
                graph(charge()), "charge", "compensate.inputs.why", "has no input “why”"),
    ),
    "bad_constant": (
        Example(graph(charge(inputs={"amount": "12.5"})), graph(charge(inputs={"amount": 12.5})), "charge",
                "inputs.amount", "“amount” must be a number, not the text “12.5”."),
        Example(graph(charge(inputs={"amount": 1, "zone": "Eu"})), graph(charge(inputs={"amount": 1, "zone": "EU"})),
                "charge", "inputs.zone", "must be one of"),
        Example(graph(charge(inputs={"amount": 1, "note": 5})), graph(charge()), "charge", "inputs.note",
                "must be text"),
        Example(graph(charge(inputs={"amount": 1, "note": ["a"]})), graph(charge()), "charge", "inputs.note",
                "must be text, not a list", mends=False),
        Example(graph(action("look", inputs={"order_id": True})), SOUND, "look", "inputs.order_id", "must be text"),
        Example(graph(charge(inputs={"amount": 1, "lines": [{"sku": 5, "n": "${ input.count }"}]})),
                graph(charge(inputs={"amount": 1, "lines": [{"sku": "a", "n": "${ input.count }", "q": 1}]})),
                "charge",
                "inputs.lines[0].sku", "“lines[0].sku” must be text, not 5."),
        Example(graph(charge(compensate=Compensate(does="shop.refund@^1", inputs={"id": 5}))), graph(charge()),
                "charge", "compensate.inputs.id", "“id” must be text"),
        Example(graph(charge(inputs={"amount": 1, "lines": TOO_DEEP})), SOUND, "charge", "inputs.lines",
                "nested too deeply", mends=False),
    ),
    "type_mismatch": (
        Example(graph(charge(inputs={"amount": "${ input.order_id }"})), graph(charge()), "charge", "inputs.amount",
                "“input.order_id” does not fit amount: the value is text, but a number is needed."),
        Example(graph(action("look", inputs={"order_id": "${ input.count }"})), SOUND, "look", "inputs.order_id",
                "is a whole number, but text is needed"),
        Example(graph(charge(inputs={"amount": " ${ input.amount }"})), graph(charge()), "charge", "inputs.amount",
                "A text with expressions in it does not fit amount"),
        Example(graph(charge(inputs={"amount": "${ input.urgent }"})), graph(charge()), "charge", "inputs.amount",
                "true or false", mends=False),
        Example(graph(action("look", next="charge"), charge(inputs={"amount": "${ steps.look.output }"})),
                graph(action("look", next="charge"), charge(inputs={"amount": "${ steps.look.output.total }"})),
                "charge",
                "inputs.amount", "is an object", mends=False),
        Example(graph(SetVariables(key="s", assign={"x": "text"}, next="charge"),
                charge(inputs={"amount": "${ vars.x }"})),
                graph(SetVariables(key="s", assign={"x": 5}, next="charge"),
                charge(inputs={"amount": "${ vars.x }"})),
                "charge", "inputs.amount", "is text"),
    ),
    "too_coarse": (
        Example(graph(action("look", title="Look it up and charge the card")), graph(action("look",
                title="Land ahoy")),
                "look", "title", "sounds like two things", mends=False),
    ),
    "missing_owner": (
        Example(graph(action("look"), owner=" "), SOUND, None, "owner", "has no owner", mends=False),
        Example(graph(action("look", owner="sales"), owner=""), SOUND, None, "owner", "has no owner"),
    ),
    "bad_key": (
        Example(graph(action("look"), key="My Shop"), SOUND, None, "key", "cannot be a key", mends=False),
        Example(graph(action("Look-Up")), SOUND, "Look-Up", "key", "such as look_up"),
        Example(graph(action("if")), SOUND, "if", "key", "is a word of the expression language"),
    ),
    "bad_branch_name": (
        Example(graph(Parallel(key="p", branches=(Branch("A B", "a"), Branch("c", "b"))), action("a", scope="p/A B"),
                      action("b", scope="p/c")), graph(*split(action("a"))), "p", "branches.A B", "such as a_b"),
    ),
    "bad_variable_name": (
        Example(graph(SetVariables(key="s", assign={"My Limit": 1, "b": 2})),
                graph(SetVariables(key="s", assign={"my_limit": 1})), "s", "assign.My Limit", "such as my_limit"),
    ),
    "too_many_steps": (
        Example(graph(*(action(f"s{n}", next=f"s{n + 1}") for n in range(500)), action("s500")),
                graph(*(action(f"s{n}", next=f"s{n + 1}") for n in range(499)), action("s499")), None, "steps",
                "has 501 steps", mends=False),
    ),
    "unusable_input_schema": (
        Example(graph(DONE, input={"type": "nope"}), SOUND, None, "input", "cannot be used at “type”", mends=False),
        Example(graph(DONE, input={"$ref": "http://example.test"}), SOUND, None, "input", "“$ref”", mends=False),
        Example(graph(DONE, input={"type": "string"}), SOUND, None, "input", "A run's input is an object"),
    ),
    "business_key_tells": (
        Example(graph(DONE, business_key="${ input.card }", input=HIDDEN),
                graph(DONE, business_key="${ input.order_id }", input=HIDDEN), None, "business_key",
                "“input.card” is marked as sensitive", mends=False),
    ),
    "constant_business_key": (
        Example(graph(DONE, business_key="order"), graph(DONE, business_key="${ input.order_id }"), None,
                "business_key",
                "Every run would have the same business key “order”"),
    ),
}  # fmt: skip
