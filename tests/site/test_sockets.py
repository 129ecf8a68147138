"""Who may open a socket: pages of our own origin, signed in by the same rules as for a page."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from channels.db import database_sync_to_async
from channels.routing import URLRouter
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.sessions.backends.db import SessionStore
from django.db import connections
from django.test import Client
from django.urls import path

from choreo_site.asgi import make_application
from choreo_site.socket_user import SocketUserMiddleware, readers_of

ORIGIN = "http://localhost:8000"


async def say_who(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Accepts, and says who is there whenever it is asked."""
    assert (await receive())["type"] == "websocket.connect"
    await send({"type": "websocket.accept"})
    while True:
        [user] = await database_sync_to_async(scope["find_readers"])([scope])
        await send({"type": "websocket.send", "text": user.get_username() or "nobody"})
        if (await receive())["type"] != "websocket.receive":
            return


application = SocketUserMiddleware(URLRouter([path("who", say_who)]))


def cookie_of(client: Client) -> list[tuple[bytes, bytes]]:
    return [
        (
            b"cookie",
            f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}".encode(),
        )
    ]


def socket(app: Any, place: str, headers: list[tuple[bytes, bytes]]) -> ApplicationCommunicator:
    return ApplicationCommunicator(
        app, {"type": "websocket", "path": place, "headers": headers, "subprotocols": []}
    )


def answer_to_connect(headers: list[tuple[bytes, bytes]], place: str) -> str:
    """`websocket.accept`, or `websocket.close`, which the server turns into a 403."""

    async def connect() -> str:
        opened = socket(make_application(origins=[ORIGIN]), place, headers)
        await opened.send_input({"type": "websocket.connect"})
        return (await opened.receive_output())["type"]

    return asyncio.run(connect())


def conversation(headers: list[tuple[bytes, bytes]], between: Callable[[], None] | None = None) -> list[str]:
    """Who it says is there at first, and, after `between`, when asked again."""

    async def talk() -> list[str]:
        opened = socket(application, "/who", headers)
        await opened.send_input({"type": "websocket.connect"})
        assert await opened.receive_output() == {"type": "websocket.accept"}
        heard = [(await opened.receive_output())["text"]]
        if between:
            await asyncio.to_thread(in_between, between)
        await opened.send_input({"type": "websocket.receive", "text": "?"})
        heard.append((await opened.receive_output())["text"])
        await opened.send_input({"type": "websocket.disconnect"})
        await opened.wait()
        return heard

    return asyncio.run(talk())


def in_between(act: Callable[[], None]) -> None:
    act()
    connections.close_all()


@pytest.fixture
def maya(transactional_db: None, client: Client) -> Client:
    client.force_login(get_user_model().objects.create_user("maya"))
    return client


def test_the_session_of_the_page_is_the_session_of_the_socket(maya: Client):
    assert conversation(cookie_of(maya)) == ["maya", "maya"]


def test_without_a_session_there_is_nobody(transactional_db: None):
    assert conversation([]) == ["nobody", "nobody"]
    assert conversation([(b"cookie", b"choreo_session=invented")]) == ["nobody", "nobody"]


def test_who_signs_out_is_noticed_when_one_looks_again(maya: Client):
    assert conversation(cookie_of(maya), between=maya.logout) == ["maya", "nobody"]


def test_a_rotated_secret_key_signs_nobody_out(maya: Client, monkeypatch: pytest.MonkeyPatch):
    session = maya.cookies[settings.SESSION_COOKIE_NAME].value
    monkeypatch.setattr(settings, "SECRET_KEY_FALLBACKS", [settings.SECRET_KEY])
    monkeypatch.setattr(settings, "SECRET_KEY", "a new key " * 8)
    assert conversation(cookie_of(maya)) == ["maya", "maya"]
    # The socket has no way to hand the browser a new cookie, so it must leave the old session as it is.
    assert SessionStore().exists(session)


def test_many_are_asked_for_at_once(transactional_db: None, django_assert_num_queries):
    people = [get_user_model().objects.create_user(name) for name in ("ada", "maya", "otto")]
    clients = [Client() for _ in people]
    for client, person in zip(clients, people, strict=True):
        client.force_login(person)
    people[1].is_active = False
    people[1].save()
    scopes = [{"headers": cookie_of(client)} for client in clients]
    with django_assert_num_queries(
        5
    ):  # sessions, people, their groups and permissions, what is hidden from them
        ada, maya, otto, nobody, again = readers_of([*scopes, {"headers": []}, scopes[0]])
    assert [ada, otto, again] == [people[0], people[2], people[0]]
    assert not maya.is_authenticated
    assert not nobody.is_authenticated


def test_who_signed_in_by_a_way_that_is_closed_now_is_nobody(maya: Client, settings):
    scope = {"headers": cookie_of(maya)}
    assert readers_of([scope])[0].get_username() == "maya"
    settings.AUTHENTICATION_BACKENDS = ["tests.another.Backend"]
    assert not readers_of([scope])[0].is_authenticated


@pytest.mark.parametrize("key", ['"\\000\\000\\000\\000"', '"\\377\\200"', "\udc80"])
def test_a_key_that_no_database_takes_is_nobodys_and_keeps_nobody_from_reading(maya: Client, key: str):
    stranger = [(b"cookie", f"{settings.SESSION_COOKIE_NAME}={key}".encode("latin1", "replace"))]
    nobody, reader = readers_of([{"headers": stranger}, {"headers": cookie_of(maya)}])
    assert not nobody.is_authenticated
    assert reader.get_username() == "maya"


@pytest.mark.parametrize(
    "origin",
    [
        "http://localhost:8443",
        "https://localhost:8000",
        "ftp://localhost:1",
        "http://evil.example",
        "null",
        None,
    ],
)
def test_a_page_from_elsewhere_is_refused(origin: str | None, transactional_db: None):
    headers = [(b"origin", origin.encode())] if origin else []
    assert answer_to_connect(headers, "/ws/") == "websocket.close"


def test_a_socket_nobody_serves_is_refused_and_no_error(maya: Client):
    headers = [(b"origin", ORIGIN.encode()), *cookie_of(maya)]
    assert answer_to_connect(headers, "/ws/nowhere/") == "websocket.close"
