"""The socket of an inbox: what waits, what is beside it, and nothing for those who may not see it."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from django.contrib.auth.models import AbstractUser

from runs.actions import claim_review, decide_review, release_review
from runs.models import Review
from tests.actions.flows import echo, flow, review
from tests.factories import Hand, a_run
from tests.live.test_consumer import Socket, meanwhile
from tests.people import person, signed_in

pytestmark = pytest.mark.django_db(transaction=True)

ASKS = flow(look=review(), yes=echo(), no={"kind": "fail", "error": "Rejected"})


@pytest.fixture
def asked(transactional_db: None) -> Review:
    return ask("ORD-1")


@pytest.fixture
def rosa(transactional_db: None) -> AbstractUser:
    return person("reviewer")


def ask(key: str) -> Review:
    a_run({**ASKS, "business_key": key})
    Hand().claim()
    return Review.objects.get(run__key=key)


def talk(user: AbstractUser, address: str, script: Callable[[Socket], Awaitable[None]]) -> None:
    socket_of = signed_in(user)

    async def play() -> None:
        socket = Socket(socket_of, address)
        await socket.connect()
        try:
            await script(socket)
        finally:
            await socket.disconnect()

    asyncio.run(play())


async def heard(socket: Socket, words: str) -> str:
    """The next message with these words."""
    for _ in range(10):
        message = await socket.receive_output(25)
        if words in message.get("text", ""):
            return message["text"]
    raise AssertionError(f"“{words}” was never sent")


def test_it_begins_with_what_there_is_and_sends_what_comes(asked: Review, rosa: AbstractUser):
    async def script(socket: Socket) -> None:
        first = await heard(socket, "ORD-1")
        assert 'id="inbox-list" hx-swap-oob="outerMorph"' in first
        assert 'id="claim"' not in first
        await meanwhile(lambda: ask("ORD-2"))
        assert "ORD-1" in await heard(socket, "ORD-2")

    talk(rosa, "/ws/reviews/?which=open", script)


def test_a_claim_reaches_the_page_of_the_review(asked: Review, rosa: AbstractUser):
    ada = person("admin")

    async def script(socket: Socket) -> None:
        first = await heard(socket, "Nobody has it.")
        assert 'id="decision-foot"' in first
        await meanwhile(lambda: claim_review(review_id=asked.pk, by=ada))
        assert "ada claimed it" in await heard(socket, "ada has it until")
        await meanwhile(lambda: release_review(review_id=asked.pk, by=ada))
        await heard(socket, "ada gave it back")

    talk(rosa, f"/ws/reviews/?review={asked.pk}&open=1", script)


def test_a_refusal_on_the_page_is_left_there_until_the_review_is_over(asked: Review, rosa: AbstractUser):
    async def script(socket: Socket) -> None:
        assert "decision-notice" not in await heard(socket, "Nobody has it.")
        await meanwhile(lambda: close(asked))
        assert "decision-notice" in await heard(socket, "has been decided already")

    def close(review: Review) -> None:
        ada = person("admin")
        claim_review(review_id=review.pk, by=ada)
        decide_review(review_id=review.pk, by=ada, outcome="approve")

    talk(rosa, f"/ws/reviews/?review={asked.pk}&open=1", script)


def test_a_page_that_had_no_form_is_sent_none(asked: Review, rosa: AbstractUser):
    async def script(socket: Socket) -> None:
        assert "decision-foot" not in await heard(socket, 'id="lateness"')

    talk(rosa, f"/ws/reviews/?review={asked.pk}", script)


@pytest.mark.parametrize(
    "query", ["which=nonsense&kind=x&page=y&review=z", "review=%00", "page=~~&kind=%00.%00", "kind=a.b"]
)
def test_nonsense_is_an_inbox(asked: Review, rosa: AbstractUser, query: str):
    async def script(socket: Socket) -> None:
        await heard(socket, 'id="inbox-list"')

    talk(rosa, f"/ws/reviews/?{query}", script)


def test_who_may_not_see_reviews_is_sent_away(asked: Review):
    async def script(socket: Socket) -> None:
        assert (await socket.receive_output(5))["code"] == 4403

    talk(person("viewer"), "/ws/reviews/", script)
