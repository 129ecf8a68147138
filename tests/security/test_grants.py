"""What lets somebody decide waits, or takes two: nobody makes themselves the one who decides what they asked for."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser
from django.utils import timezone

from choreo_site.people import add_person, set_access
from choreo_site.roles import AT_ONCE, ROLES, roles_of
from designer.actions import confirm_grant, settle_grants
from designer.models import AuditEntry, Grant
from designer.refusals import Refused
from tests.people import person, signed_in
from tests.security.scene import somebody
from tests.situations import an_open_review

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(db: None) -> AbstractUser:
    return person("admin")


@pytest.fixture
def abe(db: None) -> AbstractUser:
    return somebody("abe", ("admin",))


def anew(user: AbstractUser) -> AbstractUser:
    return get_user_model().objects.get(pk=user.pk)


def given(ada: AbstractUser, role: str = "reviewer", team: str = "") -> Grant:
    """Vera is a viewer and is to become more."""
    vera = person("viewer")
    set_access(user=vera, roles=["viewer", role], teams=[team] if team else [], active=True, by=ada)
    return Grant.objects.get(person=vera, group__name=team or role)


@pytest.mark.parametrize("role", sorted(ROLES.keys() - AT_ONCE))
def test_what_lets_somebody_decide_waits(role: str, ada: AbstractUser):
    vera = person("viewer")
    set_access(user=vera, roles=["viewer", "operator", role], teams=[], active=True, by=ada)
    assert roles_of(anew(vera)) == ["viewer", "operator"]
    assert settle_grants() == 0
    Grant.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    assert settle_grants() == 1
    assert set(roles_of(anew(vera))) == {"viewer", "operator", role}
    assert not Grant.objects.exists()


def test_it_waits_a_quarter_of_an_hour(ada: AbstractUser):
    left = given(ada).due_at - timezone.now()
    assert timedelta(minutes=14) < left <= timedelta(minutes=15)


def test_a_team_waits_too_and_so_does_somebody_new(ada: AbstractUser):
    assert given(ada, "operator", "risk").group.name == "risk"
    bea = add_person(username="bea", roles=["designer", "admin"], by=ada)
    assert (roles_of(bea), [one.group.name for one in bea.grants.all()]) == (["designer"], ["admin"])


def test_an_administrator_does_not_decide_what_they_asked_for(ada: AbstractUser):
    review = an_open_review(reviewers={"groups": ["risk"]})
    client = signed_in(ada)
    client.post(f"/people/{ada.pk}/", {"roles": ["admin"], "teams": "risk", "active": "on"})
    assert Grant.objects.get().group.name == "risk"
    assert client.post(f"/reviews/{review.pk}/claim/").status_code == 403
    answer = client.post(f"/people/grants/{Grant.objects.get().pk}/")
    assert (answer.status_code, "another administrator must confirm" in answer.content.decode()) == (
        409,
        True,
    )


def test_two_administrators_are_enough(ada: AbstractUser, abe: AbstractUser):
    grant = given(ada)
    page = signed_in(abe).get("/people/").content.decode()
    assert "Confirm reviewer for vera" in page and "given by ada" in page
    assert "Confirm reviewer for vera" not in signed_in(ada).get("/people/").content.decode()
    assert signed_in(abe).post(f"/people/grants/{grant.pk}/").status_code == 302
    assert roles_of(anew(grant.person)) == ["viewer", "reviewer"]
    entry = AuditEntry.objects.get(verb="confirmed")
    assert (entry.by, entry.name, entry.facts) == (abe, "vera", {"group": "reviewer", "given_by": "ada"})
    assert signed_in(abe).post(f"/people/grants/{grant.pk}/").status_code == 409


def test_nobody_confirms_what_is_for_them(ada: AbstractUser, abe: AbstractUser):
    set_access(user=abe, roles=["admin", "reviewer"], teams=[], active=True, by=ada)
    with pytest.raises(Refused, match="It is for you"):
        confirm_grant(grant_id=Grant.objects.get().pk, by=abe)


def test_the_glass_is_broken_with_a_reason_that_is_kept(ada: AbstractUser):
    grant, client = given(ada), signed_in(ada)
    answer = client.post(f"/people/grants/{grant.pk}/", {"reason": "now"})
    assert (answer.status_code, "Say why it cannot wait" in answer.content.decode()) == (409, True)
    client.post(f"/people/grants/{grant.pk}/", {"reason": "Rosa is ill, payments wait"})
    assert "reviewer" in roles_of(anew(grant.person))
    entry = AuditEntry.objects.get(verb="broke the glass for")
    assert (entry.by, entry.facts) == (ada, {"group": "reviewer", "reason": "Rosa is ill, payments wait"})


def test_saving_again_neither_hurries_nor_prolongs_it(ada: AbstractUser):
    due = given(ada).due_at
    assert given(ada).due_at == due


def test_what_is_taken_back_never_holds(ada: AbstractUser):
    vera = given(ada).person
    set_access(user=vera, roles=["viewer"], teams=[], active=True, by=ada)
    assert not Grant.objects.exists()


def test_who_is_no_administrator_any_more_has_given_nothing(ada: AbstractUser, abe: AbstractUser):
    given(abe)
    set_access(user=abe, roles=["viewer"], teams=[], active=True, by=ada)
    assert not Grant.objects.exists()


def test_an_installation_may_do_without(ada: AbstractUser, settings):
    settings.CHOREO_GRANT_MINUTES = 0
    vera = person("viewer")
    set_access(user=vera, roles=["reviewer"], teams=["risk"], active=True, by=ada)
    assert {group.name for group in anew(vera).groups.all()} == {"reviewer", "risk"}
