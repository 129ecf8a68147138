"""The law of live pages: the page at one moment and the fragments since then are the page of now."""

import sys
import time
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.auth.models import Group, User
from django.utils import timezone

from choreo_site.roles import ROLES
from designer.models import Workflow
from runs.actions import cancel_run, claim_review, decide_review, resolve_dead_letter
from runs.engine import Resolution
from runs.live import sharing
from runs.live.sharing import View
from runs.models import DeadLetter, Review, Run
from runs.queries import RunPage, find_run, run_page
from tests.actions.flows import branches, echo, flow, review, undoable
from tests.factories import Hand, a_run
from tests.live.frames import render
from tests.live.markup import Element, normal, read, swap
from tests.people import person, signed_in

pytestmark = pytest.mark.django_db

GIVES = {"key": "k", "note": "x"}


LONG = flow(
    one=undoable("one", retry={"attempts": 2, "wait": "10ms"}, next="both"),
    both=branches(next="look", a=undoable("a"), b=echo("b")),
    look=review(),
    yes=undoable("yes", next="last"),
    last=echo(),
    no={"kind": "fail", "error": "Rejected"},
)


class Watched:
    """A run with a page that was loaded at the start of each of its moments, and kept up to date since."""

    def __init__(self, role: str, query: str, document: dict[str, Any] = LONG) -> None:
        self.user = person(role)
        self.client, self.query = signed_in(self.user), query
        self.run: Run = a_run({**document, "business_key": "ORD-1"})
        self.pages: list[tuple[int, Element]] = []
        self.before: View | None = None  # what the oldest page was sent: its connection was never cut

    def fresh(self) -> Element:
        answer = self.client.get(f"/runs/{self.run.pk}/{self.query}")
        region = read(answer.content.decode()).find("run")
        assert region is not None
        return region

    def look(self) -> None:
        """Bring every page up to date in one frame, compare it, and load one more, all in one moment."""
        with patch.object(timezone, "now", return_value=timezone.now()):
            self.compare()

    def compare(self) -> None:
        began = time.monotonic()
        run = find_run(self.user, self.run.pk)
        assert run is not None
        asked = dict(part.split("=") for part in self.query.removeprefix("?").split("&") if part)
        now = normal(self.fresh())
        for number, (seq, page) in enumerate(self.pages):
            before = None if number else self.before
            frame = render(run, self.user, asked, after=seq, before=before, since=began)
            self.before = self.before if number else frame.view
            swap(page, frame.html)
            assert normal(page) == now, f"the page of entry {seq}, brought to {run.seq}"
            self.pages[number] = (frame.seq, page)
        # The page of the beginning stays, and two that are younger: each frame is paid for with a rendering.
        self.pages = [*self.pages[:1], *self.pages[1:][-1:], (run.seq, self.fresh())]


def story(role: str, query: str, *scenes: Callable[[Watched, Hand], object]) -> Watched:
    watched, hand = Watched(role, query), Hand()
    watched.look()
    for scene in scenes:
        scene(watched, hand)
        watched.look()
    return watched


def claim(watched: Watched | None, hand: Hand) -> None:
    hand.claim_soon()


def succeed(key: str) -> Callable[[Watched | None, Hand], object]:
    return lambda watched, hand: hand.succeed(key, GIVES)


def fail(key: str, **fault: bool) -> Callable[[Watched | None, Hand], object]:
    return lambda watched, hand: hand.fail(key, **fault)


def decide(outcome: str) -> Callable[[Watched, Hand], object]:
    def act(watched: Watched, hand: Hand) -> None:
        rosa = person("reviewer")
        asked = Review.objects.get()
        claim_review(review_id=asked.pk, by=rosa)
        watched.look()
        decide_review(review_id=asked.pk, outcome=outcome, by=rosa, reason="<b>because</b>")

    return act


def resolve(how: Resolution) -> Callable[[Watched, Hand], object]:
    def act(watched: Watched, hand: Hand) -> None:
        letter = DeadLetter.objects.get(status="open")
        resolve_dead_letter(letter_id=letter.pk, how=how, by=person("operator"), reason="x")

    return act


def cancel(watched: Watched, hand: Hand) -> None:
    cancel_run(run_id=watched.run.pk, by=person("operator"))


UP_TO_REVIEW = (claim, fail("one"), claim, succeed("one"), claim, succeed("a"), succeed("b"))
EVERY_VIEW = ["", "?step=one", "?tab=data"]


@pytest.mark.parametrize("query", EVERY_VIEW)
def test_a_run_that_is_approved_and_succeeds(query: str):
    story("admin", query, *UP_TO_REVIEW, decide("approve"), claim, succeed("yes"), succeed("last"))


@pytest.mark.parametrize("query", EVERY_VIEW)
def test_a_rollback_that_gets_stuck_and_goes_on(query: str):
    rejected = (*UP_TO_REVIEW, decide("reject"), claim, succeed("a"), fail("one", retryable=False))
    watched = story("operator", query, *rejected, resolve(Resolution.RETRY), claim, succeed("one"))
    assert "Failed, rolled back" in watched.fresh().text()


def test_of_the_graph_no_other_node_is_sent():
    watched, hand = Watched("viewer", ""), Hand()
    hand.claim()
    before = Run.objects.get().seq
    hand.fail("one")
    run = find_run(watched.user, watched.run.pk)
    assert run is not None
    frame = read(render(run, watched.user, {"tab": "data"}, after=before).html)
    ids = {element.attributes.get("id") or "" for element in frame.walk()}
    assert {id for id in ids if id.startswith("node-")} == {"node-one"}


def test_of_rows_those_that_changed_and_those_that_came_are_sent():
    watched, hand = Watched("viewer", ""), Hand()
    hand.claim()
    run = find_run(watched.user, watched.run.pk)
    assert run is not None
    before = render(run, watched.user, {}, after=run.seq).view
    hand.succeed("one", GIVES)
    now = find_run(watched.user, watched.run.pk)
    assert now is not None
    frame = read(render(now, watched.user, {}, after=run.seq, before=before).html)
    ids = {element.attributes.get("id") or "" for element in frame.walk()}
    assert {id for id in ids if id.startswith("track-")} == {"track-one", "track-a"}
    assert {id for id in ids if id.startswith("step-")} == {"step-one", "step-a", "step-b"}
    assert "timeline-axis" in ids
    assert not ids & {"run-timeline", "run-ladder", "run-graph"}


def test_a_run_that_is_cancelled():
    story("operator", "", claim, cancel, succeed("one"), succeed("one"))


def test_who_may_less_sees_less_live_too():
    watched = story("viewer", "", *UP_TO_REVIEW)
    for _, page in watched.pages:
        assert "Open the review" not in page.text()
        assert "Cancel the run" not in page.text()


def test_a_frame_that_comes_twice_or_for_nothing_changes_nothing():
    watched = story("admin", "", claim, succeed("one"))
    run = find_run(watched.user, watched.run.pk)
    assert run is not None
    _, page = watched.pages[0]
    with patch.object(timezone, "now", return_value=timezone.now()):
        swap(page, render(run, watched.user, {}, after=run.seq).html)
        before = normal(page)
        swap(page, render(run, watched.user, {}, after=run.seq).html)
        assert normal(page) == before
        assert "run-head" not in render(run, watched.user, {}, after=run.seq, before=watched.before).html


def test_a_page_that_was_away_for_long_gets_the_newest_lines(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys.modules["runs.queries.run_page"], "EVENTS_SHOWN", 3)
    watched = Watched("viewer", "")
    run, hand = watched.run, Hand()
    hand.claim()
    hand.succeed("one", GIVES)
    found = find_run(watched.user, run.pk)
    assert found is not None
    frame = read(render(found, watched.user, {}, after=0).html)
    lines = [element for element in frame.walk() if "data-seq" in element.attributes]
    assert 1 <= len(lines) <= 3
    assert lines[0].attributes["data-seq"] == str(found.seq)


def test_the_model_of_htmx_is_no_yes_man():
    page = read(
        '<div id="a"><p id="b">old</p><span hx-morph-skip>mine</span></div><ol id="l"><li>1</li></ol>'
    )
    swap(
        page,
        '<div id="a" hx-swap-oob="outerMorph"><p id="b" class="x">new</p><span hx-morph-skip></span></div>',
    )
    swap(page, '<ol hx-swap-oob="afterbegin:#l"><li>2</li></ol>')
    assert page.text() == "newmine21"
    with pytest.raises(AssertionError, match="there is no #gone"):
        swap(page, '<p id="gone" hx-swap-oob="outerMorph"></p>')


def test_ten_readers_cost_one_rendering(django_assert_max_num_queries):
    began = time.monotonic()
    run = a_run({**LONG, "business_key": "ORD-1"})
    Hand().claim()
    readers = [person("viewer"), person("reviewer"), person("operator")]
    first = render(run, readers[0], {}, after=1, since=began)
    with django_assert_max_num_queries(0):
        assert render(run, readers[0], {}, after=1, since=began) == first
    assert "Cancel the run" not in first.html
    assert "Cancel the run" in render(run, readers[2], {}, after=1, since=began).html
    assert render(run, readers[0], {"step": "one"}, after=1, since=began) != first
    assert 'data-seq="1"' in render(run, readers[0], {}, after=0, since=began).html


def test_readers_out_of_step_share_what_does_not_hang_on_it():
    began = time.monotonic()
    run = a_run({**LONG, "business_key": "ORD-1"})
    Hand().claim()
    reader = person("viewer")
    render(run, reader, {}, after=1, since=began)
    with patch("runs.live.sharing.render_to_string", wraps=sharing.render_to_string) as rendered:
        behind = render(run, reader, {}, after=3, since=began)
    assert {call.args[0] for call in rendered.call_args_list} <= set(sharing.SINCE)
    assert behind.seq == run.journal.count()


def test_nobody_is_sent_what_is_older_than_the_page_they_have():
    """It may have been made after a commit whose ring is still on its way."""
    began = time.monotonic()
    run, hand = a_run(LONG), Hand()
    hand.claim()
    reader = person("viewer")
    known = render(run, reader, {}, after=1, since=began).seq
    hand.succeed("one", GIVES)
    assert render(run, reader, {}, after=known, since=began).seq == known
    assert render(run, reader, {}, after=known + 1, since=began).seq == run.journal.count() > known


def test_a_moment_is_not_kept_long(monkeypatch: pytest.MonkeyPatch):
    began = time.monotonic()
    run, hand = a_run(LONG), Hand()
    hand.claim()
    reader = person("viewer")
    known = render(run, reader, {}, after=1, since=began).seq
    hand.succeed("one", GIVES)
    monkeypatch.setattr(sharing, "KEPT", 0.0)
    assert render(run, reader, {}, after=1, since=began).seq > known


def test_who_sees_other_teams_has_a_view_of_their_own():
    began = time.monotonic()
    run, reader, other = a_run(LONG), person("viewer"), User.objects.create(username="vito")
    other.groups.set(reader.groups.all())
    shared = sharing.view_of(run.pk, reader, {}, since=began)
    assert sharing.view_of(run.pk, other, {}, since=began) is shared
    team = Group.objects.create(name="secretive")
    Workflow.objects.create(key="theirs", title="Theirs", team=team)
    other.groups.add(team)
    found = [User.objects.get(pk=each.pk) for each in (reader, other)]
    views = {id(sharing.view_of(run.pk, each, {}, since=began)) for each in found}
    assert len(views) == 2


class Side:
    """A reader, who is sent the same run beside others and alone."""

    def __init__(self, name: str, *roles: str) -> None:
        self.name, self.beside, self.alone = name, Sent(), Sent()
        for role in roles:
            person(role, name=name)

    def user(self) -> User:
        return User.objects.get(username=self.name)


class Sent:
    before: View | None = None
    html = ""

    def look(self, run: Run, user: User, asked: dict[str, str], since: float) -> None:
        frame = render(run, user, asked, after=1, since=since, before=self.before)
        self.before, self.html = frame.view, frame.html


def look_side_by_side(run: Run, sides: list[Side], asked: dict[str, str]) -> None:
    """Everybody together, then each alone, in one moment."""
    with patch.object(timezone, "now", return_value=timezone.now()):
        began = time.monotonic()
        for side in sides:
            side.beside.look(run, side.user(), asked, began)
        for side in sides:
            sharing._moments.clear()
            side.alone.look(run, side.user(), asked, began)
    for side in sides:
        assert side.beside.html == side.alone.html, side.name


@pytest.mark.parametrize(
    ("asked", "order"), [({}, 1), ({"tab": "step", "step": "one"}, -1), ({"tab": "data"}, -1)]
)
def test_each_of_many_readers_is_sent_what_they_would_be_alone(asked: dict[str, str], order: int):
    """Of every role, and such as get one and lose one between two looks."""
    note = {"type": "string", "sensitive": True}
    document = {**LONG, "input": {"type": "object", "properties": {"note": note}}}
    run, hand = a_run(document, {"note": "canary-0007"}), Hand()
    sides = [Side(role, role) for role in ROLES]
    sides += [Side("rising", "viewer"), Side("falling", "viewer", "admin"), Side("root")][::order]
    User.objects.create_superuser("root")
    for scene in UP_TO_REVIEW:
        scene(None, hand)
    look_side_by_side(run, sides, asked)
    admin = Group.objects.get(name="admin")
    User.objects.get(username="rising").groups.add(admin)
    User.objects.get(username="falling").groups.remove(admin)
    look_side_by_side(run, sides, asked)
    told = {side.name: side.beside.html for side in sides}
    assert "Cancel the run" in told["rising"]
    assert "Cancel the run" not in told["falling"]
    cancel_run(run_id=run.pk, by=person("operator"))
    look_side_by_side(run, sides, asked)


def test_what_is_marked_stays_hidden_where_the_run_moves_while_it_is_read():
    marks = {"type": "object", "properties": {"key": {"type": "string", "sensitive": True}}}
    run = a_run({**flow(one=undoable("one", next="two"), two=echo()), "input": marks})
    hand, user, asked = Hand(), person("viewer"), {"tab": "step", "step": "one"}
    hand.claim()
    render(run, user, asked, after=0)

    def read_late(*args: Any) -> RunPage:
        page = run_page(*args)
        hand.succeed("one", {"key": "canary-0007", "note": "it is canary-0007"})
        return page

    with patch.object(sharing, "run_page", read_late):
        html = render(run, user, asked, after=0).html
    assert "it is •••" in html
    assert "canary" not in html
