"""Every address, every method and every socket, asked by people of another team: they learn nothing.

The list of addresses is read from the URLconf: a new one is tried without anybody thinking of it.
"""

import asyncio
import json
import re
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import AbstractUser
from django.core.cache import cache
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from runs.live.routing import websocket_urlpatterns
from tests.api.asking import Program, program
from tests.api.test_permissions import ROUTES
from tests.live.test_consumer import Socket
from tests.people import person, signed_in
from tests.security.scene import TEAM, Scene, somebody, teams_own

pytestmark = pytest.mark.django_db

ALL_BUT_ADMIN = ("viewer", "designer", "operator", "reviewer")
OWNED = {
    "key",
    "run_id",
    "review_id",
    "letter_id",
    "trigger_id",
    "upload_id",
}  # arguments that name what is a team's
# Whoever comes: a probe, the door itself, programs that sign what they send, and what says how to ask.
OPEN = {
    "healthz", "sign-in", "sign-in-link", "sign-out", "theme", "runs:hook", "api-schema", "api-docs", "api-nowhere",
}  # fmt: skip


def addresses() -> dict[str, tuple[str, set[str]]]:
    """By name: the address as a pattern with <names>, and what it takes."""
    return dict(_walk(get_resolver().url_patterns, "/", ""))


def _walk(patterns: list[object], before: str, space: str) -> Iterator[tuple[str, tuple[str, set[str]]]]:
    for one in patterns:
        if isinstance(one, URLResolver):
            inner = f"{one.namespace}:" if one.namespace else space
            yield from _walk(one.url_patterns, before + str(one.pattern), inner)
        elif isinstance(one, URLPattern):
            takes = set(one.pattern.converters)
            yield f"{space}{one.name}", (before + re.sub(r"<\w+:(\w+)>", r"<\1>", str(one.pattern)), takes)


ADDRESSES = addresses()


def filled(name: str, scene: Scene) -> str:
    pattern, takes = ADDRESSES[name]
    for argument in takes:
        pattern = pattern.replace(f"<{argument}>", scene.args[argument])
    return pattern


def is_api(name: str) -> bool:
    return "-api:" in name or name.startswith("api-")


@pytest.fixture
def scene(db: None) -> Scene:
    return teams_own()


@pytest.fixture
def outsider(scene: Scene) -> AbstractUser:
    return somebody("oskar", ALL_BUT_ADMIN, "elsewhere")


@pytest.fixture
def insider(scene: Scene) -> AbstractUser:
    return somebody("ines", ALL_BUT_ADMIN, TEAM)


def answers(scene: Scene, user: AbstractUser) -> Iterator[tuple[str, str, int, str]]:
    """Every address by every method that it could have: its name, the method, the status and the text."""
    client, asking = signed_in(user), program(user)
    client.raise_request_exception = asking.client.raise_request_exception = False
    for name in ADDRESSES.keys() - OPEN:
        for method in ("GET", "POST", "PUT", "DELETE") if is_api(name) else ("GET", "POST"):
            cache.clear()
            path = filled(name, scene)
            answer = (
                asking.send(method, path, body_for(name, method))
                if is_api(name)
                else client.generic(method, path)
            )
            text = b"".join(answer) if answer.streaming else answer.content
            yield name, method, answer.status_code, text.decode()


def body_for(name: str, method: str) -> str:
    """One that is taken, so that it is not refused before anybody asks whose it is about."""
    body = ROUTES[name, method][1] if (name, method) in ROUTES else None
    return "" if body is None else json.dumps(body)


def test_somebody_of_another_team_learns_nothing(scene: Scene, outsider: AbstractUser):
    found = []
    for name, method, status, text in answers(scene, outsider):
        about_theirs = bool(ADDRESSES[name][1] & OWNED)
        if about_theirs and status not in (403, 404, 405, 415):
            found.append(f"{method} {name} answered {status}")
        written = filled(name, scene)
        said = re.sub(re.escape(written) + r"[^\s\"]*", "", text)  # what they wrote themselves is no news
        told = [word for word in scene.ids if word in said and not (about_theirs and word in written)]
        found += [f"{method} {name} told {word}" for word in told]
    assert found == []


SEEN = {  # where its own people find what the test before has not found
    "runs:run": "ORD-7", "runs:review": "ORD-8", "designer:workflow": "Canary", "runs:trigger": "Canary hook",
    "runs:runs": "ORD-9", "runs:workflows": "canary-owner", "runs:reviews": "ORD-8", "runs:signals": "canary.sent",
    "runs-api:run": "ORD-7", "runs-api:review": "ORD-8", "runs-api:runs": "ORD-9", "runs-api:signals": "CANARY-1",
    "runs-api:triggers": "Canary hook", "runs-api:dead-letters": "stuck", "designer-api:workflows": "drafted",
}  # fmt: skip


def test_its_own_people_see_it(scene: Scene, insider: AbstractUser):
    client, asking = signed_in(insider), program(insider)
    for name, word in SEEN.items():
        path = filled(name, scene)
        answer = asking.get(path) if is_api(name) else client.get(path)
        assert (answer.status_code, word in answer.content.decode()) == (200, True), name


def test_an_administrator_sees_every_team(scene: Scene):
    assert signed_in(person("admin")).get(f"/runs/{scene.run.pk}/").status_code == 200


@pytest.mark.parametrize("text", ["ORD", "Canary", "one", "drafted"])
def test_the_search_finds_nothing_of_theirs(
    text: str, scene: Scene, outsider: AbstractUser, insider: AbstractUser
):
    hers = signed_in(insider).get("/search/", {"q": text}).content.decode()
    his = signed_in(outsider).get("/search/", {"q": text}).content.decode()
    assert any(word in hers for word in ("/runs/", "drafted"))
    assert not any(
        f"/{part}/{scene.args[name]}" in his for part, name in (("runs", "run_id"), ("workflows", "key"))
    )


def test_strangers_are_let_in_nowhere(scene: Scene):
    asking, client = Program(), Client()
    for name in ADDRESSES.keys() - OPEN:
        for method in ("GET", "POST"):
            cache.clear()
            path = filled(name, scene)
            answer = asking.send(method, path, b"") if is_api(name) else client.generic(method, path)
            assert answer.status_code in ((401, 405) if is_api(name) else (302, 403, 405)), (name, method)


def test_what_is_open_exists_still():
    assert ADDRESSES.keys() >= OPEN


SOCKETS = {  # the address of each socket, as a person with every role of another team; what closes it
    "ws/lists/": None,
    "ws/reviews/": None,
    "ws/runs/<uuid:run_id>/": 4403,
    "ws/drafts/<slug:key>/": 4403,
}


def test_every_socket_has_an_answer():
    assert {str(one.pattern) for one in websocket_urlpatterns} == SOCKETS.keys()


@pytest.mark.django_db(transaction=True)
def test_no_socket_tells_another_team(transactional_db: None):
    scene = teams_own()
    client = signed_in(somebody("oskar", ALL_BUT_ADMIN, "elsewhere"))
    for pattern, code in SOCKETS.items():
        address = re.sub(r"<\w+:(\w+)>", lambda found: scene.args[found[1]], pattern)
        closed, frames = asyncio.run(listened(f"/{address}", client))
        assert closed == code, pattern
        assert not [word for frame in frames for word in scene.ids if word in frame], pattern


async def listened(path: str, client: Client, quiet: float = 0.5) -> tuple[int | None, list[str]]:
    """What a socket says at first, and the code with which it closes, if it does."""
    socket = Socket(client, path)
    frames: list[str] = []
    assert await socket.connect()
    while not await socket.receive_nothing(timeout=quiet):
        said = await socket.receive_output(1)
        if said["type"] == "websocket.close":
            return said["code"], frames
        frames.append(said["text"])
    await socket.disconnect()
    return None, frames
