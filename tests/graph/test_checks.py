"""Checks: each finds its problem, lets the sound graph pass, and its fix mends what it found."""

import time
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings

from designer.graph import (
    CHECKS,
    ENGINE_ERRORS,
    AnyStep,
    Contract,
    EditRefused,
    Fail,
    Graph,
    Join,
    OnFailure,
    Parallel,
    Problem,
    Retry,
    SetVariables,
    Severity,
    Succeed,
    apply,
    check,
)
from tests.graph.examples import (
    DONE,
    EXAMPLES,
    OFFERED,
    SECRETS,
    SOUND,
    Example,
    action,
    charge,
    choose,
    graph,
    resolved,
    review,
    split,
)
from tests.graph.examples_of_children import OF_CHILDREN
from tests.graph.examples_of_flows import OF_FLOWS
from tests.graph.examples_of_waits import OF_WAITS, SIGNALS
from tests.graph.flawed import flawed_graphs
from tests.graph.strategies import OPENERS, graphs
from tests.graph.tangled import tangled_graphs

ALL_EXAMPLES = {**EXAMPLES, **OF_WAITS, **OF_CHILDREN, **OF_FLOWS}
CASES = [
    pytest.param(code, example, id=f"{code}-{number}")
    for code, examples in ALL_EXAMPLES.items()
    for number, example in enumerate(examples)
]


def problems(of: Graph, code: str | None = None) -> list[Problem]:
    return [problem for problem in check(of, OFFERED, SECRETS, SIGNALS) if code in (None, problem.code)]


def test_every_check_has_examples_and_every_example_a_check() -> None:
    assert set(ALL_EXAMPLES) == {each.code for each in CHECKS}
    assert len(CHECKS) == len({each.code for each in CHECKS})


@pytest.mark.parametrize(("code", "example"), CASES)
def test_it_finds_the_problem(code: str, example: Example) -> None:
    found = [p for p in problems(example.flawed, code) if (p.step, p.field) == (example.step, example.field)]
    assert len(found) == 1, [(p.code, p.step, p.field, p.message) for p in problems(example.flawed)]
    assert example.said in found[0].message
    assert found[0].message.endswith((".", "?"))
    assert (found[0].fix is not None) == example.mends


@pytest.mark.parametrize(("code", "example"), CASES)
def test_it_lets_the_sound_graph_pass(code: str, example: Example) -> None:
    assert problems(example.sound, code) == []


@pytest.mark.parametrize(("code", "example"), [case for case in CASES if case.values[1].mends])
def test_its_fix_mends_the_problem(code: str, example: Example) -> None:
    (found,) = [
        p for p in problems(example.flawed, code) if (p.step, p.field) == (example.step, example.field)
    ]
    assert found.fix is not None and found.fix.label
    mended = resolved(apply(example.flawed, found.fix.operation).graph)
    assert [p for p in problems(mended, code) if (p.step, p.field) == (example.step, example.field)] == []


def test_a_sound_graph_has_no_problems() -> None:
    assert problems(SOUND) == []


def test_errors_come_first_and_then_the_order_of_the_definition() -> None:
    flawed = graph(action("b", timeout=None, next="a"), action("a", timeout=None, inputs={}), owner="")
    found = problems(flawed)
    assert [(p.severity, p.step) for p in found] == [
        (Severity.ERROR, "a"),
        (Severity.WARNING, None),
        (Severity.WARNING, "b"),
        (Severity.WARNING, "a"),
    ]


def test_fixes_offer_what_the_graph_has_where_nothing_else_is_said() -> None:
    flawed = graph(action("look", "shop.lok@^1"), action("look_2"), start="look_2")
    (found,) = [p for p in check(flawed) if p.code == "unknown_step_type"]
    assert found.fix is not None and found.fix.label == "Use shop.look@^1"


# --- what is on every way -------------------------------------------------------------------------------------


def test_a_value_that_every_way_produces_may_be_read() -> None:
    sound = graph(
        action("look", next="c"),
        choose("c", "a", otherwise="b"),
        action("a", assign={"x": "${ output.total }"}, next="done"),
        action("b", assign={"x": "${ output.total }"}, next="done"),
        Succeed(key="done", output=["${ steps.look.output.total }", "${ vars.x }"]),
    )
    assert problems(sound) == []


def test_a_circle_does_not_hide_what_was_there_before_it() -> None:
    sound = graph(
        action("look", next="again"),
        action("again", inputs={"order_id": "${ steps.look.output.name }"}, next="c"),
        choose("c", "again", when="${ steps.again.output.total > 1 }"),
        Succeed(key="done", output="${ steps.again.output.total }"),
    )
    assert problems(sound) == []


def test_a_branch_sees_what_came_before_the_parallel_and_its_own_steps() -> None:
    sound = graph(
        action("look", assign={"x": 1}, next="split"),
        *split(
            action("a", inputs={"order_id": "${ steps.look.output.name }"}, next="b"),
            action("b", inputs={"order_id": "${ steps.a.output.name }${ vars.x }"}),
            next="done",
        ),
        Succeed(key="done", output="${ steps.split.output.left.total + steps.split.output.right.total }"),
        start="look",
    )
    assert problems(sound) == []


def test_what_a_join_need_not_wait_for_may_be_null() -> None:
    def read(join: Join) -> Graph:
        inner = split(SetVariables(key="s", assign={"q": 1}), join=join, next="charge")
        return graph(*inner, charge(inputs={"amount": "${ steps.split.output.right }"}))

    def said(join: Join) -> str:
        return problems(read(join), "type_mismatch")[0].message

    assert "is an object, but" in said(Join())
    assert "null or an object, but" in said(Join(wait_for="any")).replace(
        "an object or null", "null or an object"
    )


def test_asking_first_makes_reading_safe() -> None:
    guarded = "${ has(steps.look) ? steps.look.output.total : 0.0 }"
    sound = graph(choose("c", "look"), action("look", next="done"), Succeed(key="done", output=guarded))
    assert problems(sound) == []


def test_what_failed_has_no_output_where_it_was_caught() -> None:
    (example,) = [each for each in EXAMPLES["value_not_always_there"] if each.step == "failed"]
    assert problems(example.sound) == []


def test_a_step_that_never_runs_is_told_once() -> None:
    lost = graph(
        action("look"), action("a", next="b"), action("b", inputs={"order_id": "${ steps.look.output.name }"})
    )
    assert [p.step for p in problems(lost)] == ["a"]


def test_the_inside_of_a_parallel_that_never_runs_is_not_told_again() -> None:
    inner = action("a", inputs={"order_id": "${ steps.b.output.name }"}), action("b")
    lost = graph(action("look"), *split(*inner))
    assert [(p.code, p.step) for p in problems(lost)] == [("unreachable_step", "split")]


def test_a_circle_of_choices_is_not_too_deep() -> None:
    around = graph(choose("a", "b"), choose("b", "c"), choose("c", "a"), DONE)
    assert problems(around, "choice_too_deep") == []


def test_two_branches_of_one_name_are_one_scope() -> None:
    (split_, *inner) = split(action("a"))
    assert isinstance(split_, Parallel)
    twice = replace(split_, branches=(*split_.branches, split_.branches[0]))
    assert problems(graph(twice, *inner)) == []


def test_a_step_beyond_the_format_gets_a_sentence_and_no_fix() -> None:
    broken = action("look", inputs={"order_id": "${ input.ordr_id }"}, retry=Retry(attempts=0))
    (found,) = problems(graph(broken), "unknown_path")
    assert "Did you mean “order_id”?" in found.message and found.fix is None


def test_nothing_is_offered_for_an_input_with_an_odd_name() -> None:
    odd = Contract(key="odd", version="1.0.0", input={"required": ["odd name"]})
    of = replace(graph(action("look", "odd", inputs={})), contracts={"odd": odd})
    (found,) = [p for p in check(of) if p.code == "missing_input"]
    assert "needs “odd name”" in found.message and found.fix is None


def test_effects_may_stay_where_the_run_keeps_them() -> None:
    assert problems(graph(charge(compensate=None), on_failure=OnFailure.KEEP), "not_undone") == []


def test_a_parallel_in_its_own_branch_is_no_trap() -> None:
    inner = replace(split(action("a"))[0], scope="split/left")
    assert {p.code for p in check(graph(action("look"), inner))} == {"unreachable_step"}


def test_the_engine_may_say_its_own_errors_of_any_step() -> None:
    assert {"Timeout", "DeadlinePassed", "WorkerLost", "ContractViolation"} <= ENGINE_ERRORS


def test_outputs_made_of_outputs_made_of_outputs_end_somewhere() -> None:
    steps = [Succeed(key="s0", output="${ input }")]
    parallels: list[AnyStep] = []
    for before, after in pairwise(range(60)):
        inner = Succeed(
            key=f"in{after}", output={"a": f"${{ steps.p{before}.output }}", "b": f"${{ vars.v{before} }}"}
        )
        parallels += split(inner, key=f"p{after}", next=f"p{after + 1}" if after < 59 else None)
    assert check(graph(*parallels, *steps))


# --- any graph ------------------------------------------------------------------------------------------------


@settings(max_examples=300)
@given(flawed_graphs() | tangled_graphs())
def test_no_graph_stops_a_check(flawed: Graph) -> None:
    found = check(flawed)
    for problem in found:
        assert problem.message.endswith((".", "?", "…"))
        assert problem.step is None or problem.step in flawed.steps
    assert repr(found) == repr(check(flawed))  # NaN is not equal to itself


@given(graphs() | graphs(openers=OPENERS, depth=2))
def test_graphs_that_are_sound_by_construction_have_no_errors(sound: Graph) -> None:
    assert [(p.code, p.step, p.message) for p in check(sound) if p.severity is Severity.ERROR] == []


@given(flawed_graphs() | graphs(most_steps=4))
def test_a_fix_can_be_applied_or_is_refused_with_a_sentence(flawed: Graph) -> None:
    for problem in check(flawed):
        if problem.fix is not None:
            try:
                assert repr(apply(flawed, problem.fix.operation).graph) != repr(flawed)
            except EditRefused as refusal:
                assert str(refusal)


def test_five_hundred_steps_are_checked_in_a_blink() -> None:
    """Measured: 41 to 64 ms of processor time; the bound leaves room for a busy machine and for coverage."""
    steps = []
    for n in range(498):
        source = f"steps.s{n - 1}.output" if n else "input"
        follow = f"s{n + 1}" if n < 497 else "last"
        if n % 5 == 4:
            given_, step = (
                {"amount": f"${{ {source}.total * 2.0 }}", "note": "${ vars.x } of ${ input.zone }"},
                charge,
            )
            steps += [step(f"s{n}", inputs=given_, next=follow)]
        else:
            before = f"steps.s{n - 2}.output.name" if n % 5 == 0 and n else "input.order_id"
            given_ = {"order_id": f"${{ {before} }}"}
            steps += [action(f"s{n}", inputs=given_, assign={"x": "${ output.total }"}, next=follow)]
    large = graph(*steps, choose("last", "s0"), Fail(key="done"))
    assert problems(large) == []
    assert min(_seconds(large) for _ in range(5)) < 0.5


def _seconds(of: Graph) -> float:
    started = time.process_time()
    check(of, OFFERED)
    return time.process_time() - started


def test_a_review_that_is_sound_passes() -> None:
    assert problems(graph(review(), DONE)) == []


def test_errors_of_services_that_were_called_once_are_said_once():
    once = Retry(attempts=2, on=("Lambda.Busy", "Lambda.Gone"))
    steps = [
        charge(key, resource="arn:aws:states:::lambda:invoke", retry=once) for key in ("one", "two", "three")
    ]
    found = [one for one in check(graph(*steps)) if one.code == "retry_on_undeclared_error"]
    assert [one.message for one in found] == [
        "The retries of “One” and 2 other steps name Lambda.Busy, Lambda.Gone, which nothing here raises."
        " They may stay as they are."
    ]
