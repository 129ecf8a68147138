"""Edits: what each operation does to a graph, what it is called, and that it can be taken back."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from designer.graph import (
    Action,
    AddBranch,
    AddCatch,
    AddOption,
    AddOutcome,
    AddStep,
    Catch,
    Choice,
    Connect,
    Connection,
    EditRefused,
    Fail,
    Graph,
    MovePart,
    MoveStep,
    Operation,
    Parallel,
    Patch,
    RemoveBranch,
    RemovePart,
    RemoveStep,
    RenameBranch,
    RenameStep,
    ReplaceStep,
    Retry,
    Review,
    SetHeader,
    Succeed,
    apply,
    connections,
    decode,
    describe_changes,
    difference,
    encode,
    patch,
)

from .operations import operations
from .order import ORDER
from .strategies import OPENERS, fewer, flawed_graphs, graphs


@pytest.fixture
def order() -> Graph:
    return ORDER


def done(graph: Graph, operation: Operation) -> Graph:
    return apply(graph, operation).graph


def refusal(graph: Graph, operation: Operation) -> str:
    with pytest.raises(EditRefused) as caught:
        apply(graph, operation)
    return str(caught.value)


def text(graph: Graph) -> str:
    """Everything about a graph, the order of things included."""
    return json.dumps(encode(graph))


# --- whatever is done ---------------------------------------------------------------------------------------


@given(graphs(most_steps=3, depth=2, openers=OPENERS) | flawed_graphs(), st.data())
def test_operations_are_done_or_refused_and_can_be_taken_back(graph: Graph, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(1, 4))):
        operation = data.draw(operations(graph))
        try:
            edited = apply(graph, operation)
        except EditRefused as refused:
            assert str(refused)
            continue
        after = edited.graph
        assert edited.label
        assert decode(encode(after)) == after
        change = Patch.from_json(json.loads(json.dumps(difference(graph, after).as_json())))
        assert text(patch(graph, change)) == text(after)
        assert text(patch(after, change.inverse())) == text(graph)
        assert bool(describe_changes(graph, after)) == bool(change)
        graph = after


@fewer
@given(graphs(most_steps=3, depth=2, openers=OPENERS), graphs(most_steps=3, depth=2))
def test_any_graph_can_become_any_other(before: Graph, after: Graph) -> None:
    change = difference(before, after)
    assert text(patch(before, change)) == text(after)
    assert text(patch(after, change.inverse())) == text(before)
    assert not difference(before, before)


# --- steps --------------------------------------------------------------------------------------------------


def test_the_first_step_begins_the_workflow() -> None:
    edited = apply(
        Graph(key="new"), AddStep("action", "validate", "Validate order", does="orders.validate@^1")
    )
    assert edited.graph.start == "validate"
    assert edited.graph.step("validate") == Action(
        key="validate", title="Validate order", does="orders.validate@^1"
    )
    assert edited.label == "Add step Validate order"


def test_a_step_is_added_in_between(order: Graph) -> None:
    edited = apply(order, AddStep("wait", "pause", after="validate"))
    assert edited.graph.step("validate").next == "pause"
    assert edited.graph.step("pause").next == "prepare"
    assert list(edited.graph.steps)[:2] == ["validate", "pause"]
    assert edited.label == "Add step Pause after Validate"


def test_a_choice_takes_over_by_otherwise_and_a_review_by_approval(order: Graph) -> None:
    choice = done(order, AddStep("choice", "which", after="validate")).step("which")
    assert isinstance(choice, Choice) and choice.otherwise == "prepare"
    review = done(order, AddStep("review", "look", after="validate")).step("look")
    assert [(one.exit, one.target) for one in connections(review)] == [
        ("outcomes.approve", "prepare"),
        ("outcomes.reject", ""),
    ]


def test_an_end_leads_nowhere(order: Graph) -> None:
    after = done(order, AddStep("succeed", "done", after="charge"))
    assert after.step("charge").next == "done" and after.step("done").next is None


def test_a_step_after_a_choice_takes_its_first_exit_to_spare(order: Graph) -> None:
    open_choice = done(order, Connect("is_risky", "otherwise", None))
    assert connections(done(open_choice, AddStep("action", "x", after="is_risky")).step("is_risky")) == (
        Connection("options.0", "${ steps.validate.output.score >= 70 }", "review"),
        Connection("otherwise", "otherwise", "x"),
    )


def test_a_step_after_one_without_an_exit_to_spare_waits_to_be_connected(order: Graph) -> None:
    after = done(order, AddStep("action", "x", after="no"))
    assert after.start == "validate"
    assert all(exit.next != "x" for step in after.steps.values() for exit in step.exits())


def test_a_step_comes_between_two_on_the_way_that_is_named(order: Graph) -> None:
    edited = apply(order, AddStep("wait", "pause", after="is_risky", exit="options.0"))
    choice = edited.graph.step("is_risky")
    assert isinstance(choice, Choice)
    assert (choice.options[0].next, choice.otherwise) == ("pause", "charge")
    assert edited.graph.step("pause").next == "review"
    first = done(order, AddStep("set", "note", after="prepare", exit="branches.stock"))
    assert (first.step("note").scope, first.step("note").next) == ("prepare/stock", "reserve")
    assert first.start_of("prepare/stock") == "note"
    assert "has no exit" in refusal(order, AddStep("set", "note", after="charge", exit="otherwise"))


def test_a_step_in_an_empty_branch_begins_it(order: Graph) -> None:
    empty = done(order, AddBranch("prepare", "gift"))
    after = done(empty, AddStep("action", "wrap", scope="prepare/gift"))
    assert after.start_of("prepare/gift") == "wrap"
    assert done(after, AddStep("action", "bow", after="wrap")).step("bow").scope == "prepare/gift"


def test_a_step_leaves_and_its_neighbours_close_up(order: Graph) -> None:
    edited = apply(order, RemoveStep("is_risky"))
    assert edited.graph.step("prepare").next == "charge"
    assert edited.label == "Remove step Is risky"
    assert done(order, RemoveStep("is_risky", reconnect=False)).step("prepare").next is None
    assert done(order, RemoveStep("validate")).start == "prepare"


def test_a_parallel_takes_its_inner_steps_along(order: Graph) -> None:
    edited = apply(order, RemoveStep("prepare"))
    assert list(edited.graph.steps) == ["validate", "is_risky", "review", "charge", "no"]
    assert edited.label == "Remove step Prepare and 2 inside it"


def test_a_step_that_led_to_itself_leaves_nothing_behind() -> None:
    graph = Graph(key="g", start="a", steps={"a": Action(key="a", next="a"), "b": Action(key="b", next="a")})
    after = done(graph, RemoveStep("a"))
    assert (after.start, after.step("b").next) == ("", None)


def row(*keys: str) -> Graph:
    """Steps one after the other."""
    steps = {key: Action(key=key, next=after) for key, after in zip(keys, [*keys[1:], None], strict=True)}
    return Graph(key="g", start=keys[0], steps=steps)


def test_a_step_changes_places_with_its_neighbour() -> None:
    edited = apply(row("a", "b", "c"), MoveStep("b", -1))
    assert edited.graph == row("b", "a", "c")
    assert list(edited.graph.steps) == ["b", "a", "c"]
    assert edited.label == "Move B up"
    assert done(row("a", "b", "c"), MoveStep("b", 1)) == row("a", "c", "b")
    assert done(edited.graph, MoveStep("b", 1)) == row("a", "b", "c")


def test_what_led_to_the_one_leads_to_the_other(order: Graph) -> None:
    after = done(order, MoveStep("prepare", -1))
    assert (after.start, after.step("prepare").next, after.step("validate").next) == (
        "prepare", "validate", "is_risky",
    )  # fmt: skip


def test_a_circle_stays_a_circle() -> None:
    graph = Graph(key="g", start="a", steps={"a": Action(key="a", next="b"), "b": Action(key="b", next="a")})
    after = done(graph, MoveStep("b", -1))
    assert (after.start, after.step("b").next, after.step("a").next) == ("b", "a", "b")
    alone = Graph(key="g", start="x", steps={"x": Action(key="x"), "a": Action(key="a", next="a")})
    assert list(done(alone, MoveStep("a", -1)).steps) == ["a", "x"]


def test_at_its_edge_a_branch_moves(order: Graph) -> None:
    prepare = done(order, MoveStep("reserve", 1)).step("prepare")
    assert isinstance(prepare, Parallel) and [branch.name for branch in prepare.branches] == [
        "price",
        "stock",
    ]
    assert "number 1 of 2" in refusal(order, MoveStep("reserve", -1))


def test_a_step_that_nothing_runs_beside_moves_in_writing(order: Graph) -> None:
    assert list(done(order, MoveStep("no", -1)).steps)[-2:] == ["no", "charge"]
    assert refusal(order, MoveStep("no", 1)) == "No cannot move there: it is number 6 of 6."


@pytest.mark.parametrize(
    ("move", "sentence"),
    [
        (MoveStep("validate", -1), "Validate cannot move there: it is the first step."),
        (MoveStep("charge", -2), "A step moves one place at a time"),
        (MoveStep("prepare", 1), "Prepare cannot move past Is risky, which leads several ways."),
        (
            MoveStep("charge", -1),
            "Charge card is reached in several ways, so Review cannot change places with it.",
        ),
        (MoveStep("nobody", 1), "There is no step “nobody”."),
    ],
)
def test_a_move_that_cannot_be(order: Graph, move: MoveStep, sentence: str) -> None:
    assert sentence in refusal(order, move)


def test_an_end_stays_the_end() -> None:
    graph = row("a", "b")
    ended = Graph(key="g", start="a", steps={**graph.steps, "b": Succeed(key="b")})
    assert "is an end" in refusal(ended, MoveStep("a", 1))


def test_renaming_a_step_reaches_everything_that_names_it(order: Graph) -> None:
    after = done(done(order, RenameStep("validate", "check_order")), RenameStep("prepare", "ready"))
    assert after.start == "check_order"
    assert after.step("check_order").next == "ready"
    assert after.step("reserve").scope == "ready/stock"
    choice, charge = after.step("is_risky"), after.step("charge")
    assert isinstance(choice, Choice) and isinstance(charge, Action)
    assert choice.options[0].when == "${ steps.check_order.output.score >= 70 }"
    assert charge.inputs == {"amount": "${ steps.ready.output.price.total }"}
    assert list(after.steps) == ["check_order", "ready", *list(order.steps)[2:]]


def test_form_edits_are_named_by_what_changed(order: Graph) -> None:
    charge = order.step("charge")
    assert isinstance(charge, Action)
    edited = apply(order, ReplaceStep(replace(charge, retry=replace(charge.retry, attempts=5))))
    assert edited.label == "Charge card: attempts 3 to 5"
    again = apply(order, ReplaceStep(replace(charge, timeout=timedelta(seconds=30), title="Charge the card")))
    assert again.label == "Charge the card: title Charge card to Charge the card and 1 more"
    assert apply(order, ReplaceStep(charge)).label == "Change nothing"


def test_a_parallel_keeps_its_branches_when_its_form_is_saved(order: Graph) -> None:
    prepare = order.step("prepare")
    assert isinstance(prepare, Parallel)
    titled = replace(prepare, branches=tuple(replace(one, title="T") for one in prepare.branches))
    assert done(order, ReplaceStep(titled)).step("prepare") == titled


def test_labels_stay_short(order: Graph) -> None:
    edited = apply(order, AddStep("action", "x", "T" * 200, after="charge"))
    assert len(edited.label) == 200 and edited.label.endswith("…")


# --- parts --------------------------------------------------------------------------------------------------


def test_exits_are_connected_by_name(order: Graph) -> None:
    for key, exit, target in [
        ("validate", "next", "charge"),
        ("is_risky", "options.0", "no"),
        ("is_risky", "otherwise", "no"),
        ("review", "outcomes.approve", "no"),
        ("charge", "catch.0", "review"),
        ("prepare", "branches.stock", "reserve"),
    ]:
        after = done(order, Connect(key, exit, target)).step(key)
        assert target in [one.target for one in connections(after) if one.exit == exit]
    assert apply(order, Connect("review", "outcomes.approve", "no")).label == (
        "Connect Review (outcomes approve) to No"
    )
    assert apply(order, Connect("charge", "next", None)).label == "Connect Charge card to nothing"


def test_branches_come_go_and_change_their_names(order: Graph) -> None:
    assert apply(order, AddBranch("prepare", "gift", "Gift wrap")).label == "Add branch Gift wrap to Prepare"
    gone = apply(order, RemoveBranch("prepare", "stock"))
    assert "reserve" not in gone.graph.steps and gone.label == "Remove branch stock of Prepare"
    renamed_graph = done(order, RenameBranch("prepare", "price", "cost"))
    charge = renamed_graph.step("charge")
    assert isinstance(charge, Action)
    assert renamed_graph.step("quote").scope == "prepare/cost"
    assert charge.inputs == {"amount": "${ steps.prepare.output.cost.total }"}


def test_options_outcomes_and_catches_come_and_go(order: Graph) -> None:
    added = apply(order, AddOption("is_risky", "${ input.vip }", "charge", "VIP"))
    moved = done(added.graph, MovePart("is_risky", "options.1", -1)).step("is_risky")
    assert added.label == "Add an option to Is risky"
    assert isinstance(moved, Choice) and [option.label for option in moved.options] == ["VIP", ""]
    fewer = apply(added.graph, RemovePart("is_risky", "options.0"))
    assert fewer.label == "Remove options 0 of Is risky"
    review = done(order, AddOutcome("review", "later", title="Later", reason_required=True)).step("review")
    assert isinstance(review, Review) and review.outcomes[-1].reason_required
    caught = done(order, AddCatch("validate", ("Busy",), "no")).step("validate")
    assert caught.catch == (Catch(on=("Busy",), next="no"),)


def test_the_header_is_set_by_field(order: Graph) -> None:
    edited = apply(order, SetHeader({"title": "Orders", "on_failure": "keep"}))
    assert (edited.graph.title, edited.graph.on_failure.value) == ("Orders", "keep")
    assert edited.label == "Title Orders and 1 more"
    assert edited.graph.steps == order.steps


# --- refusals -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operation", "sentence"),
    [
        (AddStep("action", "charge"), "There is already a step “charge”. Keys are unique; “charge_2” is free."),
        (AddStep("action", "Book it"), "“Book it” cannot be a key. Use small letters, digits and underscores,"),
        (AddStep("acton", "x"), "“acton” is no kind of step. Did you mean “action”?"),
        (AddStep("zzz", "x"), "“zzz” is no kind of step. There are action, choice,"),
        (AddStep("action", "x", after="chrge"), "There is no step “chrge”. Did you mean “charge”?"),
        (AddStep("action", "x", scope="prepare/gift"), "There is no branch “prepare/gift”."),
        (AddStep("action", "x", scope="charge/a"), "There is no branch “charge/a”."),
        (AddStep("action", "x", title="T" * 201), "at most 200 are allowed"),
        (RemoveStep("x"), "There is no step “x”."),
        (RenameStep("charge", "no"), "There is already a step “no”."),
        (ReplaceStep(Choice(key="charge")), "Charge card stays an action step where it is."),
        (ReplaceStep(Parallel(key="prepare")), "The branches of Prepare are added, renamed and removed one by one."),
        (ReplaceStep(Fail(key="no", catch=(Catch(),))), "No holds something that a fail step does not have."),
        (ReplaceStep(Action(key="charge", retry=Retry(attempts=0))), "a whole number from 1 to 1000, not 0."),
        (Connect("charge", "otherwise", "no"), "Charge card has no exit “otherwise”. It has next, catch.0."),
        (Connect("no", "next", "charge"), "No has no exit “next”. It ends its scope."),
        (Connect("charge", "next", "quote"), "Quote lies in another branch. A step leads to steps beside it only."),
        (Connect("charge", "next", "x"), "There is no step “x”."),
        (AddBranch("charge", "a"), "Charge card is an action step; only a parallel step has branches."),
        (AddBranch("prepare", "stock"), "There is already a branch “stock” here. “stock_2” is free."),
        (AddBranch("prepare", "A"), "“A” cannot be a key."),
        (RemoveBranch("prepare", "stok"), "Prepare has no branch “stok”. Did you mean “stock”?"),
        (AddOutcome("review", "reject"), "There is already an outcome “reject” here."),
        (AddCatch("no", ("*",)), "No is a fail step, which ends its scope: it has nothing to catch."),
        (RemovePart("charge", "next"), "“next” is the one exit of its kind"),
        (RemovePart("prepare", "branches.stock"), "A branch is removed with its steps, by RemoveBranch."),
        (MovePart("prepare", "branches.stock", 2), "It cannot move there: it is number 1 of 2."),
        (SetHeader({"key": "other"}), "The key of a workflow stays"),
        (SetHeader({"start": "x"}), "There is no step “x”."),
        (SetHeader({"visit_limit": 0}), "visit_limit: This must be a whole number"),
        (SetHeader({"titel": "x"}), "titel: The document has no field “titel”. Did you mean “title”?"),
    ],
)  # fmt: skip
def test_it_refuses_with_a_sentence(order: Graph, operation: Operation, sentence: str) -> None:
    assert sentence in refusal(order, operation)


def test_it_refuses_steps_beyond_the_limit() -> None:
    full = Graph(key="g", steps={f"s{n}": Action(key=f"s{n}") for n in range(500)})
    assert refusal(full, AddStep("action", "one_more")) == "A definition has at most 500 steps."


def test_it_refuses_parallels_nested_too_deep() -> None:
    graph, scope = Graph(key="g"), ""
    for depth in range(5):
        graph = done(graph, AddStep("parallel", f"p{depth}", scope=scope))
        graph = done(graph, AddBranch(f"p{depth}", "only"))
        scope = f"p{depth}/only"
    assert refusal(graph, AddStep("parallel", "p5", scope=scope)) == (
        "Scopes are nested 5 deep here, and no deeper."
    )


def test_a_patch_is_refused_where_someone_was_faster(order: Graph) -> None:
    first = done(order, Connect("charge", "next", "no"))
    second = done(first, Connect("charge", "next", "review"))
    with pytest.raises(EditRefused, match="The step “charge” has been changed since"):
        patch(second, difference(order, first).inverse())
