"""What one of several people who are alike may do and see is asked once, and never given to one who is not."""

from typing import Any

import pytest
from django.contrib.auth.backends import BaseBackend, ModelBackend
from django.contrib.auth.models import Group, Permission, User

from choreo_site import alike
from choreo_site.alike import know_alike
from designer.visibility import hidden_workflows
from tests.factories import a_version
from tests.people import person

pytestmark = pytest.mark.django_db

EVERY = "designer.see_every_team"


def people() -> list[User]:
    return list(User.objects.order_by("pk"))


def known() -> dict[str, Any]:
    """What they may do and what is hidden from them, having been asked for together."""
    found = people()
    know_alike(found)
    return {one.username: (one.get_all_permissions(), hidden_workflows(one)) for one in found}


def alone() -> dict[str, Any]:
    return {one.username: (one.get_all_permissions(), hidden_workflows(one)) for one in people()}


@pytest.fixture
def crowd() -> None:
    """Some alike, and each way in which one is not."""
    hidden = a_version({"key": "secret", "start": "one", "steps": {"one": {"kind": "succeed"}}}).workflow
    hidden.team = Group.objects.create(name="risk")
    hidden.save()
    for name, role, *teams in (
        ("vera", "viewer"),
        ("otto", "operator"),
        ("rita", "viewer", "risk"),
        ("rolf", "viewer", "risk"),
        ("vito", "viewer"),
        ("oona", "operator"),
        ("anna", "admin"),
        ("gone", "operator"),
        ("able", "operator"),
    ):
        person(role, *teams, name=name)
    User.objects.filter(username="gone").update(is_active=False)
    able = User.objects.get(username="able")
    able.user_permissions.add(Permission.objects.get(codename="see_every_team"))
    User.objects.create_superuser("root")
    User.objects.create_user("none")


def test_each_may_do_and_see_what_they_would_alone(crowd: None):
    assert known() == alone()


def test_an_inactive_one_takes_nothing_from_the_others(crowd: None):
    User.objects.filter(username="vera").update(is_active=False)
    assert known() == alone()


def test_more_people_cost_no_more_questions(crowd: None, django_assert_num_queries):
    for number in range(20):
        person("viewer", "risk", name=f"more{number}")
    alike = list(User.objects.filter(username__startswith="more"))
    with django_assert_num_queries(4):
        know_alike(alike)
        assert all(one.has_perm("runs.view_run") and not hidden_workflows(one) for one in alike)


class Another(BaseBackend):
    """One that lets only vera see every team."""

    def get_user_permissions(self, user: Any, obj: Any = None) -> set[str]:
        return {EVERY} if user.username == "vera" else set()


def test_what_another_backend_grants_stays_with_whom_it_grants_it(crowd: None, settings: Any):
    own = f"{ModelBackend.__module__}.ModelBackend"
    settings.AUTHENTICATION_BACKENDS = [own, f"{__name__}.Another"]
    found = known()
    assert found == alone()
    assert EVERY in found["vera"][0] and EVERY not in found["vito"][0]
    assert found["vito"][1] and not found["vera"][1]


class Strict(ModelBackend):
    """One that keeps from vito what his groups give."""

    def _get_group_permissions(self, user: Any) -> Any:
        return Permission.objects.none() if user.username == "vito" else super()._get_group_permissions(user)


def test_what_another_backend_keeps_from_somebody_is_not_given(crowd: None, settings: Any):
    settings.AUTHENTICATION_BACKENDS = [f"{__name__}.Strict"]
    found = known()
    assert found == alone()
    assert found["vera"][0] and not found["vito"][0]


@pytest.mark.parametrize("given", ["risk", "admin"])
def test_who_is_given_something_meanwhile_gives_it_to_nobody(
    crowd: None, given: str, monkeypatch: pytest.MonkeyPatch
):
    """vera is the first of those who are alike, and gets more just after all were asked what they are."""
    before = alone()
    real = alike.prefetch_related_objects

    def then_give(*asked: Any) -> None:
        real(*asked)
        vera = User.objects.get(username="vera")
        vera.groups.add(Group.objects.get(name=given))

    monkeypatch.setattr(alike, "prefetch_related_objects", then_give)
    assert known()["vito"] == before["vito"]
