"""The socket of a list: it says that something moved, to those who may see what."""

import asyncio

import pytest
from django.contrib.auth.models import AbstractUser, User

from runs.live import open_page
from tests.actions.flows import echo, flow
from tests.factories import Hand, a_run
from tests.live.test_consumer import Socket, meanwhile
from tests.people import person, signed_in

pytestmark = pytest.mark.django_db(transaction=True)


def told_when_a_run_moves(user: AbstractUser) -> dict[str, object]:
    a_run(flow(one=echo()))
    client, hand = signed_in(user), Hand()

    async def listen() -> dict[str, object]:
        socket = Socket(client, "/ws/lists/?every=1")
        assert await socket.connect()
        try:
            first = await socket.receive_output(25)
            if first["type"] == "websocket.close":
                return first
            await meanwhile(hand.claim)
            return await socket.receive_output(25)
        finally:
            await socket.disconnect()

    return asyncio.run(listen())


def test_a_viewer_is_told_that_something_moved():
    assert told_when_a_run_moves(person("viewer"))["text"] == "<!-- something moved -->"


def test_who_may_see_no_runs_is_told_nothing():
    nobody = User.objects.create_user("nobody")
    assert told_when_a_run_moves(nobody)["code"] == open_page.NOT_YOURS


def test_a_page_is_told_at_once_because_something_may_have_moved_since_it_was_made():
    async def listen() -> dict[str, object]:
        socket = Socket(signed_in_viewer, "/ws/lists/")
        assert await socket.connect()
        try:
            return await socket.receive_output(25)
        finally:
            await socket.disconnect()

    signed_in_viewer = signed_in(person("viewer"))
    assert asyncio.run(listen())["text"] == "<!-- something moved -->"
