"""Who has a draft open: a hint that fades by itself."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AbstractUser
from django.utils import timezone

from designer.actions import leave_draft, note_presence
from designer.models import Draft, Presence
from designer.people import initials_of
from designer.queries import others_here
from tests.people import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(db: None) -> AbstractUser:
    return person("admin")


def test_others_see_who_is_here_and_where(dora, ada: AbstractUser, draft: Draft):
    note_presence(draft=draft, step="charge", by=ada)
    note_presence(draft=draft, step="", by=dora)
    [here] = others_here(draft, dora)
    assert (here.initials, here.step, here.place) == ("AD", "charge", "Charge card")
    [there] = others_here(draft, ada)
    assert (there.step, there.place) == ("", "")


def test_somebody_is_in_one_place_at_a_time(dora, ada: AbstractUser, draft: Draft):
    note_presence(draft=draft, step="charge", by=ada)
    note_presence(draft=draft, step="ask", by=ada)
    assert [one.step for one in others_here(draft, dora)] == ["ask"]


def test_who_leaves_is_gone_at_once(dora, ada: AbstractUser, draft: Draft):
    note_presence(draft=draft, step="charge", by=ada)
    leave_draft(draft=draft, by=ada)
    assert others_here(draft, dora) == []


def test_who_falls_silent_is_gone_after_half_a_minute(dora, ada: AbstractUser, draft: Draft):
    note_presence(draft=draft, step="charge", by=ada)
    Presence.objects.update(seen_at=timezone.now() - timedelta(seconds=29))
    assert len(others_here(draft, dora)) == 1
    Presence.objects.update(seen_at=timezone.now() - timedelta(seconds=31))
    assert others_here(draft, dora) == []
    note_presence(draft=draft, step="", by=dora)
    assert Presence.objects.count() == 1  # what is over is swept


def test_a_step_that_is_not_there_is_no_place(dora, ada: AbstractUser, draft: Draft):
    note_presence(draft=draft, step="x" * 200, by=ada)
    assert [one.place for one in others_here(draft, dora)] == [""]


def test_initials(ada: AbstractUser):
    ada.first_name, ada.last_name = "Maya", "Okafor"
    assert initials_of(ada) == "MO"
