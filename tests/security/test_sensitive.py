"""What is marked as sensitive: workers have it, the trusted see it, and nobody else finds it anywhere."""

import logging
from typing import Annotated, Any
from unittest.mock import patch

import pytest
from django.contrib.auth.models import AbstractUser

from designer.catalog import Context, Sensitive, step
from designer.forms.header import InputRow
from designer.graph import Graph, check, decode, marked_names
from runs.actions import Report, report_attempt
from runs.models import DeadLetter, Review, Run, Signal, Upload
from runs.queue.performing import perform
from runs.redaction import MASK
from runs.veil import Veil
from runs.views.loading import get_run
from tests.actions.flows import echo, flow, review, undoable
from tests.api.asking import program
from tests.factories import Hand, a_run
from tests.log_lines import log_lines
from tests.people import person, signed_in
from tests.security.scene import somebody
from tests.security.test_every_route import ADDRESSES, ALL_BUT_ADMIN
from tests.security.told import frames, give_draft, told_at

pytestmark = pytest.mark.django_db

CARD, PIN, SURNAME = "4929-canary-0007", 739_105, "Kanarienvogel"
LEAKS = (CARD, str(PIN), f"{PIN:,}", SURNAME)
PERSON = {"type": "object", "properties": {"surname": {"type": "string", "sensitive": True}, "town": {}}}
INPUT = {
    "type": "object",
    "properties": {
        "order": {"type": "string"},
        "card": {"type": "string", "sensitive": True},
        "pin": {"type": "integer", "sensitive": True},
        "people": {"type": "array", "items": PERSON},
    },
}
ASKED = {
    "edit": {"card": "${ input.card }", "town": "${ input.people[0].town }"},
    "show": [
        {"label": "Card", "value": "${ vars.copy }"},
        {"label": "Pin", "value": "${ input.pin }"},
        {"label": "Who", "value": "${ input.people }"},
    ],
}
DOCUMENT = flow(
    say=echo("Card ${ input.card } of ${ input.people[0].surname }", next="keep"),
    keep={
        "kind": "set",
        "assign": {"copy": "${ input.card }", "count": "${ input.pin }", "all": "${ input }"},
        "next": "each",
    },
    each={
        "kind": "map",
        "items": "${ input.people }",
        "start": "greet",
        "steps": {"greet": echo("Dear ${ item.surname }")},
        "next": "look",
    },
    look=review(**ASKED),
    yes={
        "kind": "emit",
        "signal": "card.used",
        "key": "${ input.card }",
        "data": {"all": "${ input }"},
        "next": "pay",
    },
    pay=echo("${ vars.all }", on_exhausted="dead_letter", retry={"attempts": 1}),
    no={"kind": "fail", "error": "Rejected"},
) | {"input": INPUT, "business_key": "${ input.order }"}
GIVEN = {"order": "ORD-5", "card": CARD, "pin": PIN, "people": [{"surname": SURNAME, "town": "Bern"}]}


def until_review(hand: Hand) -> Run:
    run = a_run(DOCUMENT, GIVEN, by=person("admin"))
    give_draft(run)
    Upload.objects.create(
        workflow=run.workflow, version=run.version, name="many.csv", made_at=run.created_at,
        text=f"order,card,pin\nORD-6,{CARD},{PIN}\nORD-7,{CARD},x{PIN}\n",
    )  # fmt: skip
    perform_all(hand)
    return Run.objects.get(pk=run.pk)


def perform_all(hand: Hand) -> None:
    while held := hand.claim():
        for one in held:
            if one.key == "pay":
                hand.fail("pay", retryable=False)
            else:
                hand.report(one, Report(output=one.inputs["value"]), go_on=False)


@pytest.fixture
def run(db: None) -> Run:
    return until_review(Hand())


@pytest.fixture
def everybody(db: None) -> AbstractUser:
    """With all that roles permit but seeing what is marked."""
    return somebody("oskar", ALL_BUT_ADMIN)


def more_places(run: Run) -> list[str]:
    page = f"/runs/{run.pk}/"
    values = [f"variable-{one.pk}" for one in run.variables.all()]
    values += [f"step-{one.no}-{part}" for one in run.step_runs.all()[:3] for part in ("input", "output")]
    steps = [f"{page}?step={key}" for key in ("say", "each", "pay")]
    tabs = [f"{page}?tab={tab}" for tab in ("data", "events", "step")] + [f"{page}?tab=events&events=every"]
    return [*(f"{page}values/{what}/" for what in values), *steps, *tabs, f"/search/?q={CARD[:8]}"]


def every_place(run: Run) -> list[str]:
    return [
        *(pattern for name, (pattern, _) in ADDRESSES.items() if name.startswith("runs")),
        *more_places(run),
    ]


def leaking(told: dict[str, str]) -> list[tuple[str, str]]:
    """Where what was found."""
    return [(path, leak) for path, text in told.items() for leak in LEAKS if leak in text]


ASKING = ["/reviews/", "/reviews/<review_id>/", "/api/v1/reviews/", "/api/v1/reviews/<review_id>/", "/"]
SHOWING = ["/runs/<run_id>/?tab=data", "/runs/<run_id>/values/input/", "/api/v1/runs/<run_id>/"]


def test_nobody_finds_it_while_the_run_waits_for_a_person(run: Run, everybody: AbstractUser):
    told = told_at(run, everybody, ASKING + SHOWING)
    assert leaking(told) == []
    assert all(
        MASK in told[path] for path in (f"/runs/{run.pk}/?tab=data", f"/api/v1/runs/{run.pk}/", "frame inbox")
    )


def test_nobody_finds_it_when_a_step_gave_up_with_it(run: Run, everybody: AbstractUser):
    asked, hand = Review.objects.get(), Hand()
    rita = program(somebody("rita", ("reviewer", "trusted")))
    rita.post(f"/reviews/{asked.pk}/claim/")
    answered = rita.post(f"/reviews/{asked.pk}/decide/", {"outcome": "approve", "reason": f"I know {CARD}"})
    assert answered.status_code == 200, answered.content
    perform_all(hand)
    assert (DeadLetter.objects.count(), Signal.objects.count()) == (1, 1)
    DeadLetter.objects.update(fault={"name": "Declined", "message": f"{CARD} with {PIN} is declined"})
    assert leaking(told_at(run, everybody, every_place(run))) == []


def test_the_trusted_see_it_and_workers_have_it(run: Run):
    told = told_at(run, somebody("tess", ("reviewer", "operator", "trusted")), SHOWING + ASKING[1:2])
    assert {path for path, leak in leaking(told) if leak == CARD} >= told.keys() - {
        "frame ",
        "frame step",
        "frame events",
    }
    assert {leak for path, leak in leaking(told) if path.endswith("input/")} == {CARD, str(PIN), SURNAME}
    assert run.step_runs.get(key="say").output == {"is": f"Card {CARD} of {SURNAME}"}


def test_a_frame_of_one_who_sees_it_is_not_shared_with_one_who_does_not(run: Run, everybody: AbstractUser):
    tess = somebody("tess", (*ALL_BUT_ADMIN, "trusted"))
    assert CARD in frames(run, tess)["frame data"]
    assert leaking(frames(run, everybody)) == []


def test_who_does_not_see_it_does_not_correct_it(run: Run, everybody: AbstractUser):
    asked, asking = Review.objects.get(), program(everybody)
    assert asking.post(f"/reviews/{asked.pk}/claim/").status_code == 200
    data = asking.get(f"/reviews/{asked.pk}/").json()["data"]
    assert data == {"card": MASK, "town": "Bern"}
    answer = asking.post(f"/reviews/{asked.pk}/decide/", {"outcome": "approve", "reason": "r", "data": data})
    assert (answer.status_code, "hidden from you" in answer.json()["detail"]) == (403, True)
    page = signed_in(everybody).get(f"/reviews/{asked.pk}/").content.decode()
    assert "hidden from you" in page
    assert (
        asking.post(f"/reviews/{asked.pk}/decide/", {"outcome": "approve", "reason": "r"}).status_code == 200
    )
    assert Review.objects.get().decision_reason == "r"
    assert run.step_runs.get(key="look").output["is"]["data"]["card"] == CARD


def test_a_run_that_is_started_by_another_hides_what_it_was_given(everybody: AbstractUser):
    parent = a_run(DOCUMENT, GIVEN)
    child = a_run({**flow(one=echo("${ input.anything }")), "key": "inner"}, {"anything": CARD})
    Run.objects.filter(pk=child.pk).update(parent=parent, parent_no=1)
    answer = program(everybody).get(f"/runs/{child.pk}/").content.decode()
    assert CARD not in answer and MASK in answer


@pytest.mark.django_db(transaction=True)
def test_what_a_step_logs_of_it_is_dots():
    @step("acme.tell_tale", version="1.0.0", owner="acme")
    def tell_tale(card: Annotated[str, Sensitive()], *, context: Context) -> str:
        logging.getLogger("acme").warning("charging %s", card, extra={"fact": card})
        return card

    with log_lines("acme") as lines:
        does = {"kind": "action", "does": "acme.tell_tale", "with": {"card": CARD}}
        run = a_run(flow(one=does))
        (held,) = Hand().claim()
        report_attempt(held, perform(held), go_on=False)
    assert lines == [f"charging {MASK} fact={MASK}"]
    assert run.step_runs.get().output == {"is": CARD}


def test_the_business_key_may_not_be_made_of_it():
    document = {"choreo": 1, "key": "flow", **DOCUMENT, "business_key": "${ input.card }"}
    found = {problem.code: problem.message for problem in check(decode(document))}
    assert "everybody sees the business key" in found["business_key_tells"]
    fine = {"choreo": 1, "key": "flow", **DOCUMENT}
    assert "business_key_tells" not in {problem.code for problem in check(decode(fine))}


@pytest.mark.parametrize(
    ("schema", "names"),
    [
        (INPUT, {"card", "pin", "surname"}),
        ({"properties": {"codes": {"items": {"sensitive": True}}}}, {"codes"}),
        ({"properties": {"a": {"$ref": "#/$defs/hidden"}}, "$defs": {"hidden": {"sensitive": True}}}, {"a"}),
        ({"properties": {"a": {"anyOf": [{"type": "null"}, {"sensitive": True}]}}}, {"a"}),
        ({"properties": {"a": {"$ref": "#"}, "b": {"sensitive": "yes"}}}, set()),
        ({"allOf": [{"properties": {"deep": {"properties": {"b": {"sensitive": True}}}}}]}, {"b"}),
    ],
)
def test_marks_are_found_wherever_they_stand(schema: Any, names: set[str]):
    assert marked_names(schema) == names


def test_short_and_common_values_do_not_tear_a_page():
    veil = Veil({"a"}, ["class", "male", 2026, 7])
    page = '<p class="class" title="a male">female, male, 7 of 2026</p><rect x="2026"/>'
    told = f'<p class="class" title="a {MASK}">female, {MASK}, 7 of {MASK}</p><rect x="2026"/>'
    assert veil.html(page) == told
    assert veil.value({"a": True, "b": 7, "c": "male", "d": True}) == {
        "a": MASK,
        "b": MASK,
        "c": MASK,
        "d": True,
    }


def test_the_editor_has_a_box_for_it():
    shown = InputRow.read(("card", {"type": "string", "sensitive": True}, False))
    assert (shown["sensitive"], shown["more"]) == (True, "")
    sent = {"name": "card", "type": "string", "sensitive": "on"}
    row = InputRow(Graph(key="flow"), None, number=0, data=sent)
    assert row.is_valid() and row.made() == ("card", {"type": "string", "sensitive": True}, False)


def test_programs_too_are_told_nothing_marked_where_the_run_moves_while_it_is_read():
    marks = {"type": "object", "properties": {"key": {"type": "string", "sensitive": True}}}
    run = a_run({**flow(one=undoable("one", next="two"), two=echo()), "input": marks})
    hand, asking = Hand(), program(person("viewer"))
    hand.claim()
    path = f"/api/v1/runs/{run.pk}/steps/one/"
    assert asking.get(path).json()["output"] is None

    def read_late(*args: Any) -> Run:
        found = get_run(*args)
        hand.succeed("one", {"key": "canary-0007", "note": "it is canary-0007"})
        return found

    with patch("runs.api.runs.get_run", read_late):
        assert asking.get(path).json()["output"] == {"key": MASK, "note": f"it is {MASK}"}
