"""Who may do what is said on one page, by those who may say so."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser
from django.test import Client

from choreo_site.roles import ROLES, grant_roles, roles_of, sentence_for
from choreo_site.sign_in import ensure_administrator
from tests.people import person, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> AbstractUser:
    return person("admin")


@pytest.fixture
def admin(ada: AbstractUser) -> Client:
    return signed_in(ada)


def test_somebody_new_comes_in_by_a_link(admin: Client):
    page = admin.post("/people/", {"username": "bea", "roles": ["operator"]}).content.decode()
    link = page.split('value="http://testserver')[1].split('"')[0]
    client = Client()
    assert client.get(link).status_code == 302
    bea = get_user_model().objects.get(username="bea")
    assert roles_of(bea) == ["operator"]
    assert bea.has_perm("runs.start_run")
    assert not bea.has_perm("designer.change_workflow")
    assert client.get("/workflows/new/").status_code == 403
    assert Client().get(link).status_code == 410


def test_what_does_not_hold_yet_is_said_to_both(admin: Client, settings):
    settings.CHOREO_GRANT_MINUTES = 15
    page = admin.post("/people/", {"username": "bea", "roles": ["reviewer"]}).content.decode()
    assert "<b>reviewer</b> holds from" in page
    client = Client()
    client.get(page.split('value="http://testserver')[1].split('"')[0])
    refused = client.get("/workflows/")
    assert refused.status_code == 403
    assert "You were given <b>reviewer</b>: it holds from" in refused.content.decode()


def test_roles_and_teams_are_set(admin: Client, settings):
    settings.CHOREO_GRANT_MINUTES = 0
    bea = person("viewer")
    admin.post(f"/people/{bea.pk}/", {"roles": ["operator"], "teams": "risk, fraud, admin", "active": "on"})
    bea = get_user_model().objects.get(pk=bea.pk)
    assert roles_of(bea) == ["operator"]
    assert {group.name for group in bea.groups.all()} == {"operator", "risk", "fraud"}


def test_somebody_is_locked_out(admin: Client):
    bea = person("viewer")
    client = signed_in(bea)
    admin.post(f"/people/{bea.pk}/", {"roles": [], "teams": ""})
    assert client.get("/workflows/new/").status_code == 302
    answer = admin.post(f"/people/{bea.pk}/link/")
    assert (answer.status_code, "may not sign in" in answer.content.decode()) == (422, True)


def test_a_request_that_is_not_the_form_takes_nothing_away(admin: Client):
    max_ = person("operator")
    answer = admin.post(f"/people/{max_.pk}/", {"a": "b"})
    assert answer.status_code == 422
    assert "The form came without its fields, so nothing was changed." in answer.content.decode()
    max_.refresh_from_db()
    assert (max_.is_active, list(max_.groups.values_list("name", flat=True))) == (True, ["operator"])


def test_nobody_locks_themselves_out(admin: Client, ada: AbstractUser):
    for sent in ({"roles": ["viewer"], "active": "on"}, {"roles": ["admin"]}):
        answer = admin.post(f"/people/{ada.pk}/", {**sent, "teams": ""})
        assert (answer.status_code, "cannot take your own access away" in answer.content.decode()) == (
            422,
            True,
        )
    assert get_user_model().objects.get(pk=ada.pk).has_perm("auth.change_user")


def test_an_admin_does_not_become_the_first_administrator(admin: Client):
    first = ensure_administrator()
    assert admin.post(f"/people/{first.pk}/link/").status_code == 422
    assert admin.post(f"/people/{first.pk}/", {"roles": ["viewer"], "teams": ""}).status_code == 422
    assert signed_in(first).post(f"/people/{first.pk}/link/").status_code == 200


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"username": "ada"}, "There is already somebody called ada."),
        ({"username": ""}, "This field is required."),
        ({"username": "a b"}, "Enter a valid username"),
        ({"username": "bea", "roles": ["king"]}, "Select a valid choice"),
        ({"username": "\x00"}, "Null characters"),
    ],
)
def test_somebody_who_cannot_be_added(sent, sentence: str, admin: Client):
    before = get_user_model().objects.count()
    answer = admin.post("/people/", sent)
    assert (answer.status_code, sentence in answer.content.decode()) == (422, True)
    assert get_user_model().objects.count() == before


@pytest.mark.parametrize("address", ["/people/9999/", "/people/9999/link/", "/people/99999999999999999999/"])
def test_nobody_is_a_404(address: str, admin: Client):
    assert admin.post(address).status_code == 404


@pytest.mark.parametrize("role", ["viewer", "designer", "operator", "reviewer"])
def test_only_an_admin_may(role: str):
    user = person(role)
    client = signed_in(user)
    assert client.get("/people/").status_code == 403
    assert client.post(f"/people/{user.pk}/", {"roles": ["admin"]}).status_code == 403
    assert client.post(f"/people/{user.pk}/link/").status_code == 403


def test_the_first_administrator_has_every_role():
    grant_roles()
    assert roles_of(ensure_administrator()) == list(ROLES)


def test_roles_are_granted_as_often_as_one_likes():
    grant_roles()
    grant_roles()
    bea = person("designer")
    assert bea.has_perm("designer.publish_workflow")
    assert {name for name in ROLES if person(name).has_perm("runs.start_run")} == {"operator", "admin"}


def test_every_permission_that_is_asked_for_is_somebodys():
    for permission in (
        "designer.change_workflow",
        "runs.decide_review",
        "runs.operate_run",
        "auth.change_user",
    ):
        assert "This needs the role" in sentence_for(permission)
    assert "Your roles do not allow" in sentence_for("nobody.may")
