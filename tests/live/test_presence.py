"""The socket of an editor: it says that its person is here, and hears who else is."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from django.contrib.auth.models import AbstractUser

from designer.actions import import_document
from designer.models import Draft, Presence
from runs.live.presence import step_in
from tests.designer.drafts import SMALL
from tests.live.test_consumer import Socket, meanwhile
from tests.people import person, signed_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def draft(transactional_db: None) -> Draft:
    return import_document(document=SMALL, by=person("designer"))


def meet(conversation: Callable[[Socket, Socket], Awaitable[Any]]) -> Any:
    """Ada looks at a step, Dora at the whole."""
    ada, dora = (signed_in(person(role)) for role in ("admin", "designer"))

    async def hold() -> Any:
        first = Socket(ada, "/ws/drafts/small/?step=charge")
        assert await first.connect()
        await first.frame()
        second = Socket(dora, "/ws/drafts/small/?step=")
        assert await second.connect()
        try:
            return await conversation(first, second)
        finally:
            await second.disconnect()
            await first.disconnect()

    return asyncio.run(hold())


async def until(socket: Socket, sentence: str) -> str:
    while sentence not in (frame := await socket.frame()):
        pass
    return frame


def test_each_is_told_of_the_other(draft: Draft):
    async def conversation(ada: Socket, dora: Socket) -> None:
        frame = await until(dora, "ada, in Charge card")
        assert 'id="presence"' in frame
        assert '<svg class="who" id="who-charge"' in frame
        await until(ada, ">dora</span>")

    meet(conversation)
    assert not Presence.objects.exists()


def test_whoever_goes_on_to_another_step_takes_the_mark_along(draft: Draft):
    async def conversation(ada: Socket, dora: Socket) -> None:
        await until(dora, "ada, in Charge card")
        await ada.say(text=json.dumps({"step": "ask"}))
        frame = await until(dora, "ada, in Ask a person")
        left = frame.partition('id="who-charge"')[2].partition("</svg>")[0]
        assert "AD" not in left
        assert "AD" in frame.partition('id="who-ask"')[2].partition("</svg>")[0]

    meet(conversation)


def test_whoever_leaves_is_gone(draft: Draft):
    async def conversation(ada: Socket, dora: Socket) -> None:
        await until(dora, "ada, in Charge card")
        await ada.disconnect()
        assert "ada" not in await until(dora, 'id="presence"')

    ada, dora = (signed_in(person(role)) for role in ("admin", "designer"))

    async def hold() -> None:
        first, second = Socket(ada, "/ws/drafts/small/?step=charge"), Socket(dora, "/ws/drafts/small/")
        for socket in (first, second):
            assert await socket.connect()
        await conversation(first, second)
        await second.disconnect()

    asyncio.run(hold())


@pytest.mark.parametrize(
    "said",
    [
        "",
        "x",
        "[]",
        "{}",
        '{"step": 5}',
        '{"step": null}',
        '{"step": "\\u0000"}',
        '{"step": "\\ud800"}',
        "[" * 4000,
    ],
)
def test_what_a_page_says_may_be_anything(said: str, draft: Draft, caplog: pytest.LogCaptureFixture):
    assert step_in(said) == ""

    async def conversation(ada: Socket, dora: Socket) -> None:
        await dora.say(text=said)
        await until(dora, "ada, in Charge card")

    meet(conversation)
    assert "a live page could not catch up" not in caplog.text


def test_who_may_not_edit_is_not_here(draft: Draft):
    viewer: AbstractUser = person("viewer")

    async def hold() -> int:
        socket = Socket(signed_in_client, "/ws/drafts/small/")
        assert await socket.connect()
        return await socket.closed_with()

    signed_in_client = signed_in(viewer)
    assert asyncio.run(hold()) == 4403
    assert not Presence.objects.exists()


def test_a_draft_that_is_not_there_has_nobody(draft: Draft):
    client = signed_in(person("designer"))

    async def hold() -> int:
        socket = Socket(client, "/ws/drafts/other/")
        assert await socket.connect()
        return await socket.closed_with()

    assert asyncio.run(hold()) == 4403


def test_who_signs_out_is_told_so(draft: Draft):
    client = signed_in(person("designer"))

    async def hold() -> int:
        socket = Socket(client, "/ws/drafts/small/")
        assert await socket.connect()
        await socket.frame()
        await meanwhile(client.logout)
        await socket.say(text='{"step": "ask"}')
        return await socket.closed_with()

    assert asyncio.run(hold()) == 4401
