"""Nothing is open by default; a link signs in once; too many wrong passwords make one wait."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.db import OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from choreo_site.models import FailedSignIn, SignInLink
from choreo_site.sign_in import (
    FAILURES_ALLOWED,
    create_sign_in_link,
    ensure_administrator,
    use_sign_in_link,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def maya() -> User:
    return get_user_model().objects.create_user("maya", password="a long pass phrase")


def link_to(token: str) -> str:
    return reverse("sign-in-link", args=[token])


# --- the gate --------------------------------------------------------------------------------------------


def test_a_page_sends_strangers_to_the_sign_in_page(client: Client):
    answer = client.get("/sign-out/")
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/?next=/sign-out/")


def test_a_part_of_a_page_sends_the_whole_page_to_sign_in(client: Client):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/runs/7/"}
    answer = client.get("/sign-out/", headers=headers)
    assert answer["HX-Redirect"] == "/sign-in/?next=/runs/7/"


def test_what_was_typed_before_the_session_ended_is_not_left_for_the_sign_in_page(client: Client):
    answer = client.post("/workflows/new/", {"title": "Long in the making"})
    assert answer.status_code == 403
    assert "What you wrote is still on the page before" in answer.content.decode()


def test_a_cookie_that_no_database_takes_is_a_strangers():
    answer = Client(headers={"cookie": 'choreo_session="\\000\\000\\000\\000\\000\\000\\000\\000"'}).get(
        "/runs/"
    )
    assert (answer.status_code, answer.url) == (302, "/sign-in/?next=/runs/")


def test_health_is_open_to_strangers(client: Client):
    assert client.get("/healthz").json() == {"ok": True}


def test_health_says_when_the_database_is_gone(client: Client, monkeypatch: pytest.MonkeyPatch):
    def refuse(self: object) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(BaseDatabaseWrapper, "cursor", refuse)
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["ok"]) == (503, False)


# --- one-time links --------------------------------------------------------------------------------------


def test_a_link_signs_in_once_and_only_once(maya: User):
    address = link_to(create_sign_in_link(user=maya))
    first, second = Client(), Client()
    assert first.get(address).status_code == 302
    assert first.session["_auth_user_id"] == str(maya.pk)
    answer = second.get(address)
    assert answer.status_code == 410
    assert "works once" in answer.content.decode()
    assert "_auth_user_id" not in second.session


def test_following_a_used_link_while_signed_in_just_goes_on(maya: User):
    address = link_to(create_sign_in_link(user=maya))
    browser = Client()
    browser.get(address)
    assert browser.get(address).status_code == 302


def test_a_link_is_too_old_after_ten_minutes(maya: User):
    token = create_sign_in_link(user=maya)
    SignInLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert use_sign_in_link(token=token) is None


def test_a_fresh_link_ends_the_one_before(maya: User):
    first, second = create_sign_in_link(user=maya), create_sign_in_link(user=maya)
    assert use_sign_in_link(token=first) is None
    assert use_sign_in_link(token=second) == maya


def test_a_link_of_someone_who_was_shut_out_signs_nobody_in(maya: User):
    token = create_sign_in_link(user=maya)
    get_user_model().objects.update(is_active=False)
    assert use_sign_in_link(token=token) is None


def test_an_invented_link_signs_nobody_in(client: Client):
    assert client.get(link_to("guess")).status_code == 410


def test_the_token_itself_is_not_kept(maya: User):
    token = create_sign_in_link(user=maya)
    assert token not in str(list(SignInLink.objects.values()))


def test_of_two_at_once_one_is_signed_in(maya: User):
    token = create_sign_in_link(user=maya)
    together, answers = Barrier(4), []

    def follow() -> None:
        together.wait()
        answers.append(use_sign_in_link(token=token))
        connections.close_all()

    threads = [Thread(target=follow) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer for answer in answers if answer] == [maya]


# --- the first administrator -----------------------------------------------------------------------------


def test_an_empty_database_gets_an_administrator_without_a_password():
    admin = ensure_administrator()
    assert (admin.username, admin.is_superuser, admin.has_usable_password()) == ("admin", True, False)
    assert ensure_administrator() == admin


def test_a_taken_name_is_not_taken_over():
    get_user_model().objects.create_user("admin")
    assert ensure_administrator().username == "admin2"


# --- passwords -------------------------------------------------------------------------------------------


def sign_in(client: Client, password: str, username: str = "maya"):
    return client.post(
        "/sign-in/?next=/runs/", {"username": username, "password": password, "next": "/runs/"}
    )


def test_a_password_signs_in_and_goes_where_one_was_going(client: Client, maya: User):
    answer = sign_in(client, "a long pass phrase")
    assert (answer.status_code, answer["Location"]) == (302, "/runs/")


def test_a_wrong_password_is_said_on_the_page(client: Client, maya: User):
    answer = sign_in(client, "wrong")
    assert answer.status_code == 422
    assert "Please enter a correct username and password" in answer.content.decode()


def test_nobody_is_sent_to_another_site(client: Client, maya: User):
    form = {"username": "maya", "password": "a long pass phrase", "next": "https://evil.example/"}
    assert client.post("/sign-in/", form)["Location"] == "/"


def test_too_many_wrong_passwords_make_one_wait_even_with_the_right_one(client: Client, maya: User):
    for _ in range(FAILURES_ALLOWED):
        assert sign_in(client, "wrong").status_code == 422
    answer = sign_in(client, "a long pass phrase")
    assert answer.status_code == 429
    assert "Try again in 15 minutes." in answer.content.decode()
    FailedSignIn.objects.update(at=timezone.now() - timedelta(minutes=16))
    assert sign_in(client, "a long pass phrase").status_code == 302


def test_others_need_not_wait(client: Client, maya: User):
    for _ in range(FAILURES_ALLOWED):
        sign_in(client, "wrong", username="jonas")
    assert sign_in(client, "a long pass phrase").status_code == 302


def test_signing_out_is_a_post(client: Client, maya: User):
    client.force_login(maya)
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/")["Location"] == "/sign-in/"
    assert "_auth_user_id" not in client.session


def test_a_form_without_its_token_is_refused_with_a_sentence(maya: User):
    strict = Client(enforce_csrf_checks=True)
    answer = sign_in(strict, "a long pass phrase")
    assert answer.status_code == 403
    assert "Nothing was changed" in answer.content.decode()


# --- headers ---------------------------------------------------------------------------------------------


def test_pages_carry_the_policy(client: Client):
    policy = client.get("/sign-in/")["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
