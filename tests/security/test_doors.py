"""Who is counted and who is let in: addresses behind proxies, throttles, sessions, tokens."""

import time
from datetime import timedelta

import pytest
from django.contrib.auth.models import AbstractUser, User
from django.core.cache import cache
from django.test import Client, RequestFactory
from django.utils import timezone

from choreo_site.models import ApiToken, FailedSignIn
from choreo_site.proxies import forwarded
from choreo_site.sign_in import FAILURES_ALLOWED
from choreo_site.socket_user import readers_of
from choreo_site.tokens import create_token
from designer.models import AuditEntry
from tests.api.asking import Program, program, refused
from tests.people import person, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nobody_has_asked() -> None:
    cache.clear()


@pytest.fixture
def maya(db: None) -> User:
    return User.objects.create_user("maya", password="correct horse battery")


def tries(name: str, password: str, said: str = "") -> int:
    headers = {"X-Forwarded-For": said} if said else {}
    return Client(headers=headers).post("/sign-in/", {"username": name, "password": password}).status_code


@pytest.mark.parametrize(
    ("proxies", "said", "address"),
    [
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "10.6.6.6, 203.0.113.9", "203.0.113.9"),  # the first part is the client's own claim
        (2, "10.6.6.6, 203.0.113.9, 10.0.0.1", "203.0.113.9"),
        (2, "203.0.113.9", ""),
        (1, "", ""),
        (1, "unknown", ""),
        (1, "203.0.113.9:1234", ""),
        (1, "2001:db8:0::9", "2001:db8::9"),
    ],
)
def test_the_proxies_of_ours_are_believed_and_nobody_else(proxies: int, said: str, address: str):
    assert forwarded(RequestFactory().get("/", headers={"X-Forwarded-For": said}), proxies) == address


def test_a_header_of_ones_own_makes_nobody_another(maya: User):
    answers = [tries("maya", "wrong", f"198.51.100.{number}") for number in range(FAILURES_ALLOWED + 2)]
    assert answers == [422] * FAILURES_ALLOWED + [429] * 2
    assert set(FailedSignIn.objects.values_list("address", flat=True)) == {"127.0.0.1"}


def test_behind_a_proxy_one_who_guesses_makes_only_themselves_wait(maya: User, settings):
    settings.CHOREO_PROXIES = 1
    for number in range(FAILURES_ALLOWED + 1):
        tries("maya", "wrong", f"198.51.100.{number}, 203.0.113.9")
    assert tries("maya", "correct horse battery", "203.0.113.9") == 429
    assert tries("maya", "correct horse battery", "203.0.113.10") == 302
    assert AuditEntry.objects.get(verb="signed in").facts == {"how": "password", "address": "203.0.113.10"}


def test_strangers_are_counted_by_their_address_and_people_by_themselves(settings):
    settings.CHOREO_API_ANONYMOUS_RATE, settings.CHOREO_API_RATE = 2, 3
    stranger, viewer = Program(), program(person("viewer"))
    assert [stranger.get("/runs/", X_Forwarded_For=f"198.51.100.{n}").status_code for n in range(4)] == [
        401, 401, 429, 429,
    ]  # fmt: skip
    assert [viewer.get("/runs/").status_code for _ in range(4)] == [200, 200, 200, 429]


def test_signing_in_makes_a_new_session(maya: User):
    client = Client()
    client.get("/sign-in/")
    client.session["planted"] = True
    client.session.save()
    before = client.session.session_key
    client.post("/sign-in/", {"username": "maya", "password": "correct horse battery"})
    assert client.session.session_key != before
    cookie = client.cookies["choreo_session"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


def test_signing_out_ends_the_session(maya: User):
    client = signed_in(maya)
    copied = client.cookies["choreo_session"].value
    client.post("/sign-out/")
    thief = Client()
    thief.cookies["choreo_session"] = copied
    assert thief.get("/tokens/").status_code == 302


def shifted(client: Client, **moved: int) -> None:
    """The session as it will be so many seconds later."""
    session = client.session
    for name, seconds in moved.items():
        session[name] -= seconds
    session.save()


@pytest.mark.parametrize(("moved", "status"), [({}, 200), ({"seen": 71 * 3600}, 200), ({"seen": 73 * 3600}, 302),
                                               ({"began": 335 * 3600}, 200), ({"began": 337 * 3600}, 302)])  # fmt: skip
def test_a_session_ends_with_its_time_and_when_nobody_is_there(
    moved: dict[str, int], status: int, maya: User
):
    client = signed_in(maya)
    shifted(client, **moved)
    assert client.get("/tokens/").status_code == status
    assert client.get("/tokens/").status_code == status


def test_a_page_that_is_asked_for_says_that_somebody_is_there(maya: User):
    client = signed_in(maya)
    shifted(client, seen=71 * 3600)
    client.get("/tokens/")
    assert time.time() - client.session["seen"] < 60
    kept = client.session["seen"]
    client.get("/tokens/")
    assert client.session["seen"] == kept


@pytest.mark.django_db(transaction=True)
def test_a_socket_ends_with_its_session(maya: User):
    client = signed_in(maya)
    scope = {"headers": [(b"cookie", f"choreo_session={client.session.session_key}".encode())]}
    assert readers_of([scope]) == [maya]
    shifted(client, began=337 * 3600)
    assert not readers_of([scope])[0].is_authenticated


def test_a_new_password_ends_the_sessions_of_the_old_one(maya: User):
    client = signed_in(maya)
    maya.set_password("another battery staple")
    maya.save()
    assert client.get("/tokens/").status_code == 302


def test_somebody_signs_out_everywhere_else(maya: User):
    here, there, ada = signed_in(maya), signed_in(maya), signed_in(person("admin"))
    answer = here.post("/sign-out/everywhere/", follow=True).content.decode()
    assert "You are signed out in one other place." in answer
    assert [client.get("/tokens/").status_code for client in (here, there, ada)] == [200, 302, 200]
    assert AuditEntry.objects.get(verb="signed out everywhere").facts == {"ended": 1}


@pytest.fixture
def token(db: None) -> tuple[AbstractUser, str]:
    viewer = person("viewer")
    return viewer, create_token(by=viewer, name="nightly", days=1).text


def test_a_copy_of_the_database_holds_no_token(token: tuple[AbstractUser, str]):
    kept = ApiToken.objects.values().get()
    assert token[1] not in str(kept)
    assert Program(str(kept["token_hash"])).get("/runs/").status_code == 401


def test_a_token_ends_with_its_time_its_person_and_its_revoking(token: tuple[AbstractUser, str]):
    viewer, text = token
    asking = Program(text)
    assert asking.get("/runs/").status_code == 200
    ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert asking.get("/runs/").status_code == 401
    ApiToken.objects.update(expires_at=None)
    viewer.is_active = False
    viewer.save()
    assert asking.get("/runs/").status_code == 401


def test_a_token_that_only_reads_does_nothing(settings):
    text = create_token(by=person("admin"), name="dashboard", reads_only=True).text
    asking = Program(text)
    assert asking.get("/runs/").status_code == 200
    for method, path in (("POST", "/runs/"), ("PUT", "/workflows/flow/limits/"), ("DELETE", "/triggers/x/")):
        refused(asking.send(method, path, "{}"), 404 if "x/" in path else 403)
    refused(asking.post("/signals/", {"name": "a", "key": "b"}), 403, "forbidden", "This token may only read")


def test_a_token_that_only_reads_is_made_on_the_page():
    client = signed_in(person("viewer"))
    assert (
        "only reads"
        in client.post("/tokens/", {"name": "n", "days": "30", "reads_only": "on"}).content.decode()
    )
    assert ApiToken.objects.get().reads_only


def test_nobody_speaks_for_a_run():
    asking = program(person("operator"))
    body = {"name": "order.paid", "key": "ORD-1", "id": "1", "source": "/workflows/order"}
    refused(asking.post("/signals/", body), 422, "invalid", "is where runs send from")
    assert asking.post("/signals/", {**body, "source": "/bank"}).status_code == 201


def test_what_is_done_about_tokens_is_noted(token: tuple[AbstractUser, str]):
    viewer, text = token
    signed_in(viewer).post(f"/tokens/{ApiToken.objects.get().pk}/revoke/")
    assert list(AuditEntry.objects.order_by("id").values_list("verb", "kind", "name")) == [
        ("made", "token", "nightly"),
        ("revoked", "token", "nightly"),
    ]
    assert text not in str(list(AuditEntry.objects.values()))
