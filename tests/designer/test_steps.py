"""Steps come, go, move and get other names; branches too; problems are mended by a click; edits are taken back."""

import pytest
from django.test import Client

from designer.drafts import problems_of
from designer.models import Draft
from tests.designer.drafts import SMALL, graph_now, revision_now, save
from tests.people import person, signed_in

pytestmark = pytest.mark.django_db
EDIT = "/workflows/small/edit/"


def do(client: Client, draft: Draft, what: str, **sent: str):
    return client.post(f"{EDIT}{what}", {"revision": str(revision_now(draft)), **sent})


def add(client: Client, draft: Draft, **sent: str):
    return do(client, draft, "add/", **{"kind": "action", "where": "after:charge", **sent})


# --- adding --------------------------------------------------------------------------------------------------


def test_a_step_comes_between(designer: Client, draft: Draft):
    answer = add(designer, draft, does="courier.book@^1", title="Book courier")
    assert answer["Location"] == f"{EDIT}?step=book_courier"
    steps = graph_now(draft).steps
    assert (steps["charge"].next, steps["book_courier"].next) == ("book_courier", "large")
    assert list(steps)[:3] == ["charge", "book_courier", "large"]


def test_a_step_type_gives_the_title_and_the_newest_version(designer: Client, draft: Draft):
    add(designer, draft, does="courier.book")
    step = graph_now(draft).steps["book_courier"]
    assert (step.does, step.title) == ("courier.book@^1", "Book courier")


def test_the_first_step_of_all_begins_the_workflow(designer: Client, dora):
    designer.post("/workflows/new/", {"title": "Empty"})
    draft = Draft.objects.get(workflow__key="empty")
    designer.post(
        "/workflows/empty/edit/add/", {"revision": "0", "kind": "wait", "title": "Pause", "where": "in:"}
    )
    assert graph_now(draft).start == "pause"


def test_the_first_step_of_a_branch_begins_it(designer: Client, made):
    draft = made(both={"kind": "parallel", "branches": {"left": {}}})
    add(designer, draft, kind="set", title="Note", where="in:both/left")
    graph = graph_now(draft)
    assert (graph.steps["note"].scope, graph.steps["both"].branches[0].start) == ("both/left", "note")


ODD = [
    ({"kind": "dance"}, 422, "Select a valid choice"),
    ({"where": "after:nothing"}, 422, "Select a valid choice"),
    ({"where": "in:charge/left"}, 422, "Select a valid choice"),
    ({"key": "Not A Key"}, 422, "cannot be a key"),
    ({"key": "charge"}, 422, "There is already a step “charge”."),
    ({"title": "\x00"}, 422, "Null characters"),
]


@pytest.mark.parametrize(("sent", "status", "sentence"), ODD)
def test_a_step_that_cannot_be_added(sent, status, sentence, designer: Client, draft: Draft):
    answer = add(designer, draft, **sent)
    assert (answer.status_code, sentence in answer.content.decode()) == (status, True)
    assert list(graph_now(draft).steps) == list(SMALL["steps"])


def test_an_unknown_step_type_is_added_and_told(designer: Client, draft: Draft):
    add(designer, draft, does="payments.chrage", title="Charge again", key="again")
    assert graph_now(draft).steps["again"].does == "payments.chrage"
    assert [problem.code for problem in problems_of(draft) if problem.step == "again"][
        0
    ] == "unknown_step_type"


# --- names, places, ends -------------------------------------------------------------------------------------


def test_another_key_is_used_wherever_the_old_one_was(designer: Client, draft: Draft):
    answer = do(designer, draft, "steps/charge/rename/", key="take_money")
    assert answer["Location"] == f"{EDIT}?step=take_money&section=general"
    graph = graph_now(draft)
    assert graph.start == "take_money"
    assert graph.steps["done"].output == {"charge": "${ steps.take_money.output.id }"}


@pytest.mark.parametrize(
    ("key", "sentence"),
    [("large", "There is already a step"), ("Not A Key", "cannot be a key"), ("", "required")],
)
def test_a_key_that_cannot_be(key: str, sentence: str, designer: Client, draft: Draft):
    answer = do(designer, draft, "steps/charge/rename/", key=key)
    assert (answer.status_code, sentence in answer.content.decode()) == (422, True)


def test_what_led_to_a_removed_step_leads_on(designer: Client, draft: Draft):
    assert do(designer, draft, "steps/large/remove/")["Location"] == EDIT
    graph = graph_now(draft)
    assert "large" not in graph.steps
    assert graph.steps["charge"].next == "done"


def test_a_step_runs_earlier_or_later(designer: Client, draft: Draft):
    add(designer, draft, kind="set", title="Note")
    do(designer, draft, "steps/note/move/", to="up")
    steps = graph_now(draft).steps
    assert (graph_now(draft).start, steps["note"].next, steps["charge"].next) == ("note", "charge", "large")
    do(designer, draft, "steps/note/move/", to="down")
    assert [step.next for step in graph_now(draft).steps.values()][:2] == ["note", "large"]
    answer = do(designer, draft, "steps/charge/move/", to="up")
    assert (answer.status_code, "it is the first step" in answer.content.decode()) == (422, True)


@pytest.mark.parametrize(
    "what", ["rename", "remove", "move", "add-branch", "rename-branch/a", "remove-branch/a"]
)
def test_a_step_that_is_not_there(what: str, designer: Client, draft: Draft):
    assert do(designer, draft, f"steps/nothing/{what}/", key="x", name="x").status_code == 404


@pytest.mark.parametrize("what", ["rename", "remove"])
def test_a_step_that_somebody_changed_meanwhile(what: str, designer: Client, draft: Draft):
    save(signed_in(person("admin")), draft, "charge", "general", title="Take the money")
    answer = designer.post(f"{EDIT}steps/charge/{what}/", {"revision": str(draft.revision), "key": "other"})
    assert answer.status_code == 409
    assert "ada changed this step since you opened it." in answer.content.decode()
    assert "charge" in graph_now(draft).steps


# --- branches ------------------------------------------------------------------------------------------------


@pytest.fixture
def parallel(made) -> Draft:
    steps = {"a": {"kind": "set", "assign": {"x": "1"}}}
    return made(
        both={"kind": "parallel", "branches": {"left": {"start": "a", "steps": steps}}},
        done={"kind": "succeed", "output": {"left": "${ steps.both.output.left }"}},
    )


def test_a_branch_is_added_renamed_and_removed(designer: Client, parallel: Draft):
    do(designer, parallel, "steps/both/add-branch/", name="right", title="Right")
    assert [branch.name for branch in graph_now(parallel).steps["both"].branches] == ["left", "right"]
    do(designer, parallel, "steps/both/rename-branch/left/", name="west")
    graph = graph_now(parallel)
    assert graph.steps["a"].scope == "both/west"
    assert graph.steps["done"].output == {"left": "${ steps.both.output.west }"}
    do(designer, parallel, "steps/both/remove-branch/west/")
    assert "a" not in graph_now(parallel).steps


@pytest.mark.parametrize(
    ("what", "name", "sentence"),
    [
        ("add-branch", "left", "There is already a branch “left”"),
        ("add-branch", "Not A Name", "cannot be a key"),
        ("rename-branch/nothing", "x", "has no branch “nothing”"),
        ("remove-branch/nothing", "", "has no branch “nothing”"),
    ],
)
def test_a_branch_that_cannot_be(what: str, name: str, sentence: str, designer: Client, parallel: Draft):
    answer = do(designer, parallel, f"steps/both/{what}/", name=name)
    assert (answer.status_code, sentence in answer.content.decode()) == (422, True)


def test_only_a_parallel_has_branches(designer: Client, draft: Draft):
    answer = do(designer, draft, "steps/charge/add-branch/", name="left")
    assert (answer.status_code, "There is no section" in answer.content.decode()) == (404, True)


# --- fixes ---------------------------------------------------------------------------------------------------

FLAWED = [
    ("unknown_step_type", {"charge": {**SMALL["steps"]["charge"], "does": "payments.chrage@^2"}}),
    ("missing_input", {"charge": {**SMALL["steps"]["charge"], "with": {"amount": "${ input.amount }"}}}),
    ("unknown_path", {"done": {"kind": "succeed", "output": {"charge": "${ steps.charge.output.idd }"}}}),
    ("dangling_next", {"charge": {**SMALL["steps"]["charge"], "next": "lrage"}}),
    ("unreachable_step", {"large": {**SMALL["steps"]["large"], "otherwise": "refused", "choose": []}}),
    (
        "leads_nowhere",
        {"ask": {**SMALL["steps"]["ask"], "outcomes": {"approve": {"next": "done"}, "reject": {}}}},
    ),
    ("timeout_missing", {"charge": {k: v for k, v in SMALL["steps"]["charge"].items() if k != "timeout"}}),
    ("not_undone", {"charge": {k: v for k, v in SMALL["steps"]["charge"].items() if k != "compensate"}}),
]


@pytest.mark.parametrize(("code", "steps"), FLAWED, ids=[code for code, _ in FLAWED])
def test_a_click_mends_a_problem(code: str, steps, designer: Client, made):
    draft = made(**steps)
    problem = next(one for one in problems_of(draft) if one.code == code and one.fix)
    page = designer.get(EDIT).content.decode()
    assert problem.fix.label in page
    answer = do(designer, draft, "fix/", code=code, problem_step=problem.step or "", field=problem.field)
    assert answer.status_code == 302
    assert problem not in problems_of(draft)
    assert draft.edits.count() == 2


def test_a_problem_that_is_gone_is_not_mended_twice(designer: Client, draft: Draft):
    answer = do(designer, draft, "fix/", code="missing_input", problem_step="charge", field="inputs.amount")
    assert answer.status_code == 409
    assert "That problem is gone" in answer.content.decode()


# --- undo ----------------------------------------------------------------------------------------------------


def turn(client: Client, draft: Draft, what: str) -> str:
    """What the page says after an undo or a redo."""
    return client.post(
        f"{EDIT}{what}/?step=charge", {"revision": str(revision_now(draft))}, follow=True
    ).content.decode()


def test_an_undo_names_what_it_took_back_and_whose_it_was(designer: Client, draft: Draft):
    save(signed_in(person("admin")), draft, "charge", "input", timeout="30s")
    assert "Undo: Charge card: timeout 10s to 30s (by ada)" in designer.get(EDIT).content.decode()
    assert "Undone: Charge card: timeout 10s to 30s (by ada)" in turn(designer, draft, "undo")
    assert graph_now(draft).steps["charge"].timeout.total_seconds() == 10
    assert "Made again: Charge card: timeout 10s to 30s (by ada)" in turn(designer, draft, "redo")
    assert graph_now(draft).steps["charge"].timeout.total_seconds() == 30


def test_a_new_edit_ends_the_redo(designer: Client, draft: Draft):
    save(designer, draft, "charge", "input", timeout="30s")
    turn(designer, draft, "undo")
    save(designer, draft, "charge", "input", timeout="40s")
    assert "There is nothing to redo." in turn(designer, draft, "redo")
    assert graph_now(draft).steps["charge"].timeout.total_seconds() == 40


def test_undo_goes_back_to_the_beginning_and_no_further(designer: Client, draft: Draft):
    add(designer, draft, kind="set", title="Note")
    do(designer, draft, "steps/note/remove/")
    for _ in range(3):
        turn(designer, draft, "undo")
    assert graph_now(draft).steps == {}
    assert "There is nothing to undo." in turn(designer, draft, "undo")
    for _ in range(3):
        turn(designer, draft, "redo")
    assert list(graph_now(draft).steps) == list(SMALL["steps"])


@pytest.mark.parametrize("what", ["undo", "redo"])
def test_what_somebody_did_meanwhile_is_not_taken_back_unseen(what: str, designer: Client, draft: Draft):
    save(designer, draft, "charge", "input", timeout="30s")
    seen = revision_now(draft)
    save(signed_in(person("admin")), draft, "ask", "general", title="Ask Ada")
    answer = designer.post(f"{EDIT}{what}/", {"revision": str(seen)})
    assert answer.status_code == 409
    assert "ada changed the draft since you looked at it. Look again." in answer.content.decode()
    assert graph_now(draft).steps["ask"].title == "Ask Ada"
    assert designer.post(f"{EDIT}{what}/").status_code == 409  # who says nothing has seen nothing


# --- connecting ----------------------------------------------------------------------------------------------


def test_a_step_is_connected_to_another(designer: Client, draft: Draft):
    page = designer.get(f"{EDIT}steps/charge/connect/").content.decode()
    assert "Next, now to Is it large?" in page
    answer = do(designer, draft, "steps/charge/connect/", exit="next", target="done")
    assert answer["Location"] == f"{EDIT}?step=charge"
    assert graph_now(draft).steps["charge"].next == "done"
    do(designer, draft, "steps/charge/connect/", exit="next", target="")
    assert graph_now(draft).steps["charge"].next is None


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"exit": "otherwise", "target": "done"}, "Select a valid choice"),
        ({"exit": "next", "target": "nobody"}, "Select a valid choice"),
        ({}, "This field is required."),
    ],
)
def test_a_connection_that_cannot_be(sent, sentence: str, designer: Client, draft: Draft):
    answer = do(designer, draft, "steps/charge/connect/", **sent)
    assert (answer.status_code, sentence in answer.content.decode()) == (422, True)


def test_a_step_is_added_on_the_way_that_was_pointed_at(designer: Client, draft: Draft):
    page = designer.get(f"{EDIT}add/?step=large&exit=options.0").content.decode()
    assert '<option value="after:large:options.0" selected>' in page
    assert "Between Is it large? and Ask a person, by “More than 100”" in page
    add(designer, draft, kind="set", title="Note", where="after:large:options.0")
    steps = graph_now(draft).steps
    assert (steps["large"].options[0].next, steps["note"].next) == ("note", "ask")


def test_operations_are_named_for_people(designer: Client, draft: Draft):
    add(designer, draft, kind="set", title="Note")
    do(designer, draft, "steps/note/rename/", key="remember")
    assert [edit.label for edit in draft.edits.all()] == [
        "Rename step note to remember",
        "Add step Note after Charge card",
        "Import a document",
    ]
