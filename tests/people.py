"""The cast: one person of each role, and how they come in."""

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser, Group
from django.test import Client
from playwright.sync_api import Page

from choreo_site.roles import ROLES, grant_roles

CAST = {
    "viewer": "vera",
    "designer": "dora",
    "operator": "otto",
    "reviewer": "rosa",
    "trusted": "theo",
    "admin": "ada",
}


def person(role: str, *teams: str, name: str = "") -> AbstractUser:
    """Somebody with a role, and in teams."""
    assert role in ROLES
    if not Group.objects.filter(
        name=role
    ).exists():  # every migration grants them, and some tests empty all tables
        grant_roles()
    user, _ = get_user_model().objects.get_or_create(username=name or CAST[role])
    groups = [Group.objects.get_or_create(name=name)[0] for name in (role, *teams)]
    user.groups.add(*groups)
    return user


def signed_in(user: AbstractUser) -> Client:
    client = Client()
    client.force_login(user)
    return client


def sign_in(page: Page, url: str, user: AbstractUser) -> None:
    """Give a browser the session of a person."""
    session = signed_in(user).cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": url}])
