"""The audit trail: what is noted, that it can only be added to, and that whoever tampers is found out."""

import gc
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import AbstractUser
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from designer.actions import add_secret, note_deed, remove_secret, seal_trail
from designer.chain import LATE, trail_flaws, trail_head
from designer.models import AuditEntry, AuditLink
from tests.guards import put_guards_aside, put_guards_back
from tests.people import person

pytestmark = pytest.mark.django_db

ENTRY, LINK = "designer_auditentry", "designer_auditlink"


@pytest.fixture
def ada() -> AbstractUser:
    return person("admin")


@pytest.fixture
def trail(ada: AbstractUser) -> Iterator[None]:
    """Five deeds in the chain, and the guards of a real installation."""
    add_secret(name="bank_key", value="correct horse", by=ada)
    for number in range(4):
        note_deed("tried", "test", f"deed {number}", by=ada, number=number)
    assert seal_trail() == 5
    put_guards_back()
    yield
    put_guards_aside()


def tamper(statement: str) -> None:
    """As somebody does it who owns the database."""
    put_guards_aside()
    with connection.cursor() as cursor:
        cursor.execute(statement)
    put_guards_back()


def test_an_honest_trail_has_no_flaws(trail: None):
    assert list(trail_flaws()) == []
    assert list(trail_flaws(trail_head())) == []
    first = AuditLink.objects.get(number=1)
    assert (first.entry.verb, first.entry.kind, first.entry.name) == ("added", "secret", "bank_key")
    assert (first.previous, trail_head()) == ("0" * 64, f"5:{AuditLink.objects.get(number=5).digest}")


def test_who_did_it_is_told_even_when_they_are_gone(ada: AbstractUser, trail: None):
    ada.delete()
    entry = AuditEntry.objects.get(name="deed 0")
    assert (entry.by_name, entry.facts) == ("ada", {"number": 0})
    assert list(trail_flaws()) == []


def test_what_no_person_did_is_not_noted():
    note_deed("started", "run", "by a cron", by=None)
    assert not AuditEntry.objects.exists()


def test_what_is_rolled_back_was_not_done(ada: AbstractUser):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        note_deed("tried", "test", "nothing", by=ada)
        raise ZeroDivisionError
    assert not AuditEntry.objects.exists()


STATEMENTS = [
    f"UPDATE {ENTRY} SET name = 'another'",
    f"DELETE FROM {ENTRY}",
    f"UPDATE {LINK} SET digest = previous",
    f"DELETE FROM {LINK} WHERE number = 5",
]
ONLY_ON = {
    "sqlite": [
        f"REPLACE INTO {LINK} (number, entry_id, previous, digest, signature)"
        f" SELECT number, entry_id, previous, 'x', signature FROM {LINK}",
        f"INSERT OR REPLACE INTO {ENTRY} (id, verb, kind, name, about, by_name, at)"
        f" SELECT id, 'was', kind, name, about, by_name, at FROM {ENTRY}",
    ],
    "postgresql": [f"TRUNCATE {LINK}", f"TRUNCATE {ENTRY}, {LINK}", f"TRUNCATE {ENTRY} CASCADE"],
}


def test_the_database_refuses_to_change_it(trail: None):
    connection.check_constraints()  # PostgreSQL refuses to truncate what has checks to come, for that reason alone
    for statement in [*STATEMENTS, *ONLY_ON[connection.vendor]]:
        with (
            pytest.raises(DatabaseError, match="The audit trail is only added to"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    assert list(trail_flaws()) == []


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            f"UPDATE {ENTRY} SET by_name = 'eve' WHERE name = 'deed 2'",
            "link 4, was changed after it was written",
        ),
        (f"UPDATE {ENTRY} SET facts = '{{\"number\":7}}' WHERE name = 'deed 1'", "link 3, was changed"),
        (f"UPDATE {ENTRY} SET at = '2020-01-01 00:00:00+00:00' WHERE name = 'deed 0'", "link 2, was changed"),
        (
            f"DELETE FROM {LINK} WHERE number = 3",
            "The links 3 to 3 of the audit trail, or their entries, are missing",
        ),
        (
            f"UPDATE {LINK} SET previous = digest WHERE number = 2",
            "Link 2 of the audit trail does not follow",
        ),
    ],
)
def test_tampering_is_found(statement: str, said: str, trail: None):
    tamper(statement)
    assert any(said in flaw for flaw in trail_flaws())


def test_a_chain_made_anew_by_somebody_else_is_found(trail: None, settings):
    """They have the database, and not the key."""
    head = trail_head()
    tamper(f"DELETE FROM {LINK}")
    put_guards_aside()
    AuditEntry.objects.filter(name="deed 2").update(name="nothing at all")
    put_guards_back()
    settings.SECRET_KEY = "guessed"
    seal_trail()
    settings.SECRET_KEY = "the real one"
    assert ["not signed with a key of this installation" in flaw for flaw in trail_flaws()] == [True]
    assert any("the chain was made anew" in flaw for flaw in trail_flaws(head))


def test_an_end_that_was_cut_off_is_found_by_a_head_kept_elsewhere(trail: None):
    head = trail_head()
    tamper(f"DELETE FROM {LINK} WHERE number > 3")
    tamper(f"DELETE FROM {ENTRY} WHERE name IN ('deed 2', 'deed 3')")
    assert list(trail_flaws()) == []
    assert list(trail_flaws(head)) == [
        "The audit trail ends before link 5, which was its head once: its end was cut off."
    ]


def test_a_key_that_was_rotated_still_counts(trail: None, settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "newer", [settings.SECRET_KEY]
    assert list(trail_flaws()) == []


def test_a_missing_guard_is_told(trail: None):
    put_guards_aside()
    assert any("keeps the audit trail from being changed, is missing" in flaw for flaw in trail_flaws())
    put_guards_back()


def test_entries_that_nobody_chains_are_told(ada: AbstractUser, trail: None):
    entry = AuditEntry(verb="tried", kind="test", name="late", by=ada, at=timezone.now() - 2 * LATE)
    entry.save()
    assert any("older than an hour: 1 entry of the audit trail" in flaw for flaw in trail_flaws())
    assert seal_trail() == 1
    assert list(trail_flaws()) == []


def test_a_secret_is_named_and_never_told(ada: AbstractUser, trail: None):
    remove_secret(secret=add_secret(name="other", value="hunter2hunter2", by=ada), by=ada)
    told = str(list(AuditEntry.objects.values_list()))
    assert "bank_key" in told
    assert "correct horse" not in told
    assert "hunter2" not in told


def test_the_command_tells_it_and_its_head(trail: None, capsys):
    call_command("choreo_verify", "--audit")
    head = trail_head()
    assert (
        capsys.readouterr().out == f"The head of the audit trail is {head}. Keep it outside this database.\n"
    )
    tamper(f"UPDATE {ENTRY} SET name = 'x' WHERE name = 'deed 3'")
    with pytest.raises(SystemExit) as ended:
        call_command("choreo_verify", "--audit", "--head", head)
    assert ended.value.code == 1
    assert "link 5, was changed after it was written" in capsys.readouterr().out


def test_a_head_alone_is_not_passed_over():
    with pytest.raises(CommandError, match="say --audit too"):
        call_command("choreo_verify", "--head", "5:abc")


def test_so_much_is_chained_at_a_time_and_the_rest_next_time(
    ada: AbstractUser, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("designer.actions.trail.AT_ONCE", 2)
    for number in range(5):
        note_deed("named", "step", str(number), by=ada)
    assert (seal_trail(most=3), seal_trail()) == (4, 1)


def test_chaining_leaves_nothing_for_the_collector(ada: AbstractUser, trail: None):
    """The pusher chains for weeks, and an hour may go by before it collects."""
    note_deed("added", "secret", "another", by=ada)
    gc.collect()
    gc.disable()
    try:
        assert seal_trail() == 1
        assert not [each for each in gc.get_objects() if isinstance(each, AuditEntry | AuditLink)]
    finally:
        gc.enable()
