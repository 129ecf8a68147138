"""/reviews/: what waits for a person, by the time that is left."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.test import Client
from django.utils import timezone

from runs.actions import cancel_run, claim_review, decide_review, resolve_dead_letter
from runs.engine import Resolution
from runs.models import Review
from tests.actions.flows import echo, flow, review
from tests.factories import Hand, a_run
from tests.people import person, signed_in
from tests.servers import wait_until
from tests.situations import ENDS, an_undo_that_gave_up

pytestmark = pytest.mark.django_db


def titles(client: Client, query: str = "") -> list[tuple[str, list[str]]]:
    groups = client.get(f"/reviews/{query}").context["inbox"].groups
    return [(group.title, [item.review.run.name for item in group.items]) for group in groups]


def test_nothing_waits(reviewer: Client):
    assert "Nothing waits for you." in reviewer.get("/reviews/").content.decode()


def test_the_most_pressing_comes_first(reviewer: Client):
    for name, minutes in {"later": 300, "late": -5, "soon": 20, "open": None, "sooner": 10}.items():
        a_run({**flow(look=review(), **ENDS), "key": name, "business_key": name})
        Hand().claim()
        due = None if minutes is None else timezone.now() + timedelta(minutes=minutes)
        Review.objects.filter(run__key=name).update(due_at=due)
    assert titles(reviewer) == [
        ("Past the limit", ["late"]),
        ("Due within the hour", ["sooner", "soon"]),
        ("Later", ["later", "open"]),
    ]


def test_it_shows_what_it_is_about_and_who_has_it(reviewer: Client, asked: Review):
    claim_review(review_id=asked.pk, by=person("admin"))
    page = reviewer.get("/reviews/").content.decode()
    assert "Risk score 81" in page
    assert 'title="ada has it"' in page


def test_mine_are_those_i_hold(reviewer: Client, asked: Review):
    assert titles(reviewer, "?which=mine") == []
    assert "You hold no review." in reviewer.get("/reviews/?which=mine").content.decode()
    claim_review(review_id=asked.pk, by=person("reviewer"))
    assert titles(reviewer, "?which=mine") == [("Later", ["ORD-8"])]
    Review.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    assert titles(reviewer, "?which=mine") == []


def test_done_are_those_that_were_decided(reviewer: Client, asked: Review):
    rosa = person("reviewer")
    claim_review(review_id=asked.pk, by=rosa)
    decide_review(review_id=asked.pk, outcome="reject", by=rosa, reason="no")
    assert titles(reviewer) == []
    assert titles(reviewer, "?which=done") == [("Done", ["ORD-8"])]
    assert '<span class="left">Reject</span>' in reviewer.get("/reviews/?which=done").content.decode()


def test_the_list_alone_refreshes_itself_and_knows_what_is_open_beside_it(reviewer: Client, asked: Review):
    address = f"/reviews/?which=open&chosen={asked.pk}"
    part = reviewer.get(address, headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith('<section class="pane inbox-list"')
    assert f'hx-get="/reviews/?which=open&kind=&after=&chosen={asked.pk}"' in part
    assert 'aria-current="true"' in part


@pytest.mark.parametrize(
    "query", ["?which=nonsense", "?which=%00", "?chosen=%22%3E%3Cscript%3E", "?chosen=%00"]
)
def test_nonsense_shows_what_is_open(reviewer: Client, asked: Review, query: str):
    answer = reviewer.get(f"/reviews/{query}")
    assert answer.status_code == 200
    assert '"><script>' not in answer.content.decode()
    assert titles(reviewer, query) == [("Later", ["ORD-8"])]


def test_many_reviews_cost_no_more_queries_than_one(reviewer: Client, django_assert_max_num_queries):
    for n in range(15):
        a_run({**flow(look=review(), **ENDS), "key": f"flow_{n}"})
        Hand().claim()
    reviewer.get("/reviews/")
    with django_assert_max_num_queries(11):
        reviewer.get("/reviews/")


def test_the_count_stands_beside_the_word_for_those_who_see_reviews(
    reviewer: Client, viewer: Client, asked: Review
):
    count = '<span class="count">1'
    assert count in reviewer.get("/runs/").content.decode()
    assert count not in viewer.get("/runs/").content.decode()


def many(count: int, key: str = "flow", **due: int) -> None:
    """Open reviews, the first one due first."""
    for n in range(count):
        a_run({**flow(look=review(), **ENDS), "key": key, "business_key": f"{key}-{n:02}"})
    Hand().claim(count)
    for n in range(count) if due else ():
        at = timezone.now() + timedelta(minutes=due["minutes"] * (n + 1))
        Review.objects.filter(run__key=f"{key}-{n:02}").update(due_at=at)


@pytest.mark.parametrize("due", [{}, {"minutes": 5}], ids=["without a limit", "with one"])
def test_every_review_stands_on_one_page(reviewer: Client, monkeypatch, due: dict[str, int]):
    monkeypatch.setattr(import_module("runs.queries.inbox"), "PAGE", 4)
    many(10, **due)
    seen: list[str] = []
    after = ""
    while True:
        page = reviewer.get("/reviews/", {"after": after}).context["inbox"]
        seen += [item.review.run.name for group in page.groups for item in group.items]
        if not page.next:
            break
        after = page.next
    assert seen == [f"flow-{n:02}" for n in range(10)]
    assert sum(group.count for group in page.groups) <= 10


def test_what_is_done_has_pages_too(reviewer: Client, monkeypatch):
    monkeypatch.setattr(import_module("runs.queries.inbox"), "PAGE", 2)
    many(5)
    rosa = person("reviewer")
    for asked in Review.objects.order_by("id")[:3]:
        claim_review(review_id=asked.pk, by=rosa)
        decide_review(review_id=asked.pk, outcome="approve", by=rosa)
    for left in Review.objects.filter(status="open"):
        cancel_run(run_id=left.run_id, by=rosa)
    seen, after = [], ""
    for _ in range(3):
        page = reviewer.get("/reviews/", {"which": "done", "after": after}).context["inbox"]
        seen.append([item.review.run.name for group in page.groups for item in group.items])
        after = page.next
    assert seen == [["flow-02", "flow-01"], ["flow-00", "flow-04"], ["flow-03"]]
    assert after == ""


@pytest.mark.parametrize(
    "after", ["nonsense", "~", "2026-01-01~x", "2026-01-01T00:00:00~0", "%00", "~" * 300]
)
def test_a_place_that_is_none_is_the_first_page(reviewer: Client, asked: Review, after: str):
    for which in ("open", "done"):
        assert reviewer.get("/reviews/", {"after": after, "which": which}).status_code == 200
    assert titles(reviewer, f"?after={after}") == [("Later", ["ORD-8"])]


def test_a_kind_is_a_step_of_a_workflow(reviewer: Client):
    many(2, "orders")
    many(1, "refunds")
    inbox = reviewer.get("/reviews/").context["inbox"]
    assert [(kind.value, kind.title, kind.count) for kind in inbox.kinds] == [
        ("orders.look", "Look at it", 2),
        ("refunds.look", "Look at it", 1),
    ]
    assert titles(reviewer, "?kind=refunds.look") == [("Later", ["refunds-00"])]
    assert titles(reviewer, "?kind=refunds") == titles(reviewer)
    page = reviewer.get("/reviews/?kind=gone.look").content.decode()
    assert "Nothing of this kind waits." in page


def place(name: str) -> str:
    return f"/reviews/{Review.objects.get(run__key=name).pk}/"


def after_deciding(name: str, client: Client, query: str = "") -> str:
    """Where an answer to the review leads to."""
    client.post(f"{place(name)}claim/")
    return client.post(f"{place(name)}{query}", {"outcome": "approve"})["Location"]


def test_after_a_decision_comes_what_is_most_pressing(reviewer: Client):
    many(4, "orders", minutes=10)
    Review.objects.filter(run__key="orders-03").update(due_at=None)
    assert after_deciding("orders-02", reviewer) == place("orders-00")
    claim_review(review_id=Review.objects.get(run__key="orders-00").pk, by=person("admin"))
    assert after_deciding("orders-03", reviewer) == place("orders-01")
    assert after_deciding("orders-01", reviewer) == "/reviews/"


def test_after_a_decision_nobody_comes_to_what_they_may_not_decide(reviewer: Client):
    many(3, "orders")
    Review.objects.filter(run__key="orders-00").update(groups=["leads"])
    assert after_deciding("orders-01", reviewer) == place("orders-02")


def test_after_a_decision_the_kind_that_was_asked_for_stays(reviewer: Client):
    many(2, "orders")
    many(2, "refunds")
    kind = "?kind=refunds.look"
    assert after_deciding("refunds-01", reviewer, kind) == place("refunds-00") + kind
    assert after_deciding("refunds-00", reviewer, kind) == f"/reviews/{kind}"


def test_the_empty_inbox_says_what_was_done_today(reviewer: Client, asked: Review):
    rosa = person("reviewer")
    claim_review(review_id=asked.pk, by=rosa)
    decide_review(review_id=asked.pk, outcome="approve", by=rosa)
    assert "Nothing waits for you. Done today: 1." in reviewer.get("/reviews/").content.decode()


def test_what_the_limit_decided_is_done_by_nobody(reviewer: Client):
    a_run({**flow(look=review(due="100ms", on_due="reject"), **ENDS), "key": "late", "business_key": "ORD-1"})
    hand = Hand()
    wait_until(lambda: [*hand.claim(), *Review.objects.filter(status="decided")], what="the limit")
    assert titles(reviewer, "?which=done") == [("Done", ["ORD-1"])]
    page = reviewer.get(f"/reviews/{Review.objects.get().pk}/").content.decode()
    assert "the limit" in page
    assert "The limit answered “Reject”: Nobody decided in time." in page


def test_what_gave_up_waits_beside_the_reviews(asked: Review):
    letter = an_undo_that_gave_up()
    page = signed_in(person("admin")).get("/reviews/").content.decode()
    assert "Undo failed: acme.unrecord" in page
    assert f'href="/dead-letters/{letter.pk}/"' in page
    assert "Open 2</a>" in page
    assert '<span class="count">2<span class="sr-only"> open</span></span>' in page
    resolve_dead_letter(letter_id=letter.pk, how=Resolution.SKIP, by=person("operator"), reason="x")
    page = signed_in(person("admin")).get("/reviews/").content.decode()
    assert "Undo failed" not in page
    assert "Open 1</a>" in page


def test_the_first_page_calls_it_the_same():
    an_undo_that_gave_up()
    page = signed_in(person("admin")).get("/workflows/").content.decode()
    assert "<b>Undo failed: acme.unrecord</b> · ORD-9" in page


def test_a_step_that_gave_up_is_called_by_its_name():
    a_run({**flow(one=echo(on_exhausted="dead_letter", title="Call them")), "business_key": "ORD-5"})
    hand = Hand()
    hand.claim()
    hand.fail("one")
    (item,) = signed_in(person("admin")).get("/reviews/").context["inbox"].gave_up
    assert (item.title, item.letter.run.name) == ("Call them gave up", "ORD-5")


def test_who_may_not_resolve_is_not_asked_to(reviewer: Client):
    an_undo_that_gave_up()
    page = reviewer.get("/reviews/").content.decode()
    assert "Undo failed" not in page
    assert "Open 0</a>" in page
    assert "Nothing waits for you." in page


@pytest.mark.parametrize(
    ("query", "shown"),
    [("", 1), ("?which=mine", 0), ("?which=done", 0), ("?kind=stuck.two", 1), ("?kind=stuck.one", 0)],
)
def test_what_gave_up_stands_on_the_first_page_of_its_kind(query: str, shown: int):
    an_undo_that_gave_up()
    assert len(signed_in(person("admin")).get(f"/reviews/{query}").context["inbox"].gave_up) == shown
