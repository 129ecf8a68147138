"""Every route by every role: the tables of the areas together are the URLconf and the sockets, and nothing else.

Pages of runs, of the designer and of the interface are asked by their own tables; the site's pages and the sockets
here; strangers and people of other teams by tests/security/test_every_route.py.
"""

import asyncio
import re

import pytest

from runs.live.routing import websocket_urlpatterns
from tests.api import test_permissions as interface
from tests.designer import test_access as designer
from tests.people import CAST, person, signed_in
from tests.runs_web import test_permissions as runs
from tests.security.scene import Scene, teams_own
from tests.security.test_every_route import ADDRESSES, OPEN, filled, listened

pytestmark = pytest.mark.django_db

ALL, DECIDE, DESIGN, ADMIN = set(CAST), {"reviewer", "admin"}, {"designer", "admin"}, {"admin"}
# The name of the address, the method, and who may.
SITE = {
    ("people", "GET"): ADMIN,
    ("people", "POST"): ADMIN,
    ("change-access", "POST"): ADMIN,
    ("grant", "POST"): ADMIN,
    ("make-link", "POST"): ADMIN,
    ("teams", "GET"): ADMIN,
    ("change-team", "POST"): ADMIN,
    ("trail", "GET"): ADMIN,
    ("export-trail", "GET"): ADMIN,
    ("secrets", "GET"): ADMIN,
    ("secrets", "POST"): ADMIN,
    ("replace-secret", "POST"): ADMIN,
    ("remove-secret", "POST"): ADMIN,
    ("destinations", "GET"): ADMIN,
    ("destinations", "POST"): ADMIN,
    ("remove-destination", "POST"): ADMIN,
    ("tokens", "GET"): ALL,
    ("tokens", "POST"): ALL,
    ("revoke-token", "POST"): ALL,
    ("sign-out-everywhere", "POST"): ALL,
}
SOCKETS = {
    "ws/lists/": ALL,
    "ws/reviews/": DECIDE,
    "ws/runs/<uuid:run_id>/": ALL,
    "ws/drafts/<slug:key>/": DESIGN,
}
CLOSED = 4403


@pytest.fixture
def scene(db: None) -> Scene:
    return teams_own()


def test_every_route_is_in_a_table():
    known = {name for name, _ in SITE} | {name for name, _ in interface.ROUTES}
    known |= {f"runs:{name}" for name in runs.ADDRESSES} | {f"designer:{name}" for name in designer.PAGES}
    assert known == ADDRESSES.keys() - OPEN


def test_every_socket_is_in_a_table():
    assert {str(one.pattern) for one in websocket_urlpatterns} == SOCKETS.keys()


@pytest.mark.parametrize("role", sorted(CAST))
def test_who_may(role: str, scene: Scene):
    client = signed_in(person(role, "vault"))
    for (name, method), allowed in SITE.items():
        status = client.generic(method, filled(name, scene)).status_code
        assert (status == 403) == (role not in allowed), (name, method, status)
        assert status < 500, (name, method)


@pytest.mark.django_db(transaction=True)
def test_who_may_listen():
    scene = teams_own()
    for role in sorted(CAST):
        client = signed_in(person(role, "vault"))
        for pattern, allowed in SOCKETS.items():
            address = re.sub(r"<\w+:(\w+)>", lambda found: scene.args[found[1]], pattern)
            closed, _ = asyncio.run(listened(f"/{address}", client, 0.05 if role in allowed else 5))
            assert closed == (None if role in allowed else CLOSED), (role, pattern)
