"""Who may open or do what: one table for all addresses of `runs`, so that a new one without an answer fails."""

import pytest
from django.test import Client
from django.urls import reverse

from designer.actions import import_document
from designer.models import Draft
from runs.models import DeadLetter, Review, Run
from runs.urls import urlpatterns
from tests.actions.flows import SAGA
from tests.people import CAST, person, signed_in

pytestmark = pytest.mark.django_db

ALL = set(CAST)
OPERATE, DECIDE, DESIGN = {"operator", "admin"}, {"reviewer", "admin"}, {"designer", "admin"}
# The name of the address, what it is about, the method, and who may.
ADDRESSES = {
    "home": ("", "GET", ALL),
    "search": ("", "GET", ALL),
    "workflows": ("", "GET", ALL),
    "of-workflow": ("workflow", "GET", ALL),
    "start": ("workflow", "GET", OPERATE),
    "examples": ("section", "GET", DESIGN),
    "runs": ("", "GET", ALL),
    "run": ("run", "GET", ALL),
    "value": ("value", "GET", ALL),
    "cancel": ("run", "GET", OPERATE),
    "add-items": ("step run", "GET", OPERATE),
    "close-items": ("step run", "GET", OPERATE),
    "force": ("step run", "GET", OPERATE),
    "resolve": ("letter", "GET", OPERATE),
    "reviews": ("", "GET", DECIDE),
    "review": ("review", "GET", DECIDE),
    "claim": ("review", "POST", DECIDE),
    "release": ("review", "POST", DECIDE),
    "hand-over": ("review", "POST", DECIDE),
    "preview": ("review", "POST", DECIDE),
}
WRITES = {
    "start": "POST",
    "cancel": "POST",
    "add-items": "POST",
    "close-items": "POST",
    "force": "POST",
    "resolve": "POST",
    "review": "POST",
    "claim": "POST",
    "release": "POST",
    "hand-over": "POST",
    "preview": "POST",
}
MORE = {"value": ["input"], "step run": ["1"], "section": ["reserve", "input"]}
UNKNOWN = "0190b8d6-0000-7000-8000-000000000000"


@pytest.fixture
def draft(db: None) -> Draft:
    document = {"choreo": 1, "key": "drafted", "title": "Drafted", "owner": "acme", **SAGA}
    return import_document(document=document, by=person("designer"))


@pytest.fixture
def about(run: Run, draft: Draft, asked: Review, letter: DeadLetter) -> dict[str, list[str]]:
    return {
        "": [],
        "workflow": [run.workflow.key],
        "section": [draft.workflow.key, "one", "input"],
        "run": [str(run.pk)],
        "value": [str(run.pk), "input"],
        "step run": [str(run.pk), "1"],
        "review": [str(asked.pk)],
        "letter": [str(letter.pk)],
    }


def ask(client: Client, name: str, about: dict[str, list[str]], method: str = ""):
    what, usual, _ = ADDRESSES[name]
    return client.generic(method or usual, reverse(f"runs:{name}", args=about[what]))


def test_every_address_has_an_answer():
    assert {pattern.name for pattern in urlpatterns} == set(ADDRESSES)


@pytest.mark.parametrize("name", ADDRESSES)
def test_who_may(name: str, about):
    refused = {role for role in CAST if ask(signed_in(person(role)), name, about).status_code == 403}
    assert refused == ALL - ADDRESSES[name][2]


@pytest.mark.parametrize("name", WRITES)
def test_who_may_not_does_not_do_it_either(name: str, about):
    for role in ALL - ADDRESSES[name][2]:
        answer = ask(signed_in(person(role)), name, about, "POST")
        assert answer.status_code == 403
        assert "This needs the role" in answer.content.decode()


@pytest.mark.parametrize("name", ADDRESSES)
def test_strangers_sign_in_first(name: str, about):
    answer = ask(Client(), name, about)
    if ADDRESSES[name][1] == "POST":  # what was sent is in the form they came from: nothing leads them away
        assert (answer.status_code, "You are signed out" in answer.content.decode()) == (403, True)
    else:
        assert answer.status_code == 302
        assert name == "home" or answer["Location"].startswith("/sign-in/?next=")


@pytest.mark.parametrize("name", WRITES)
def test_a_forged_form_is_refused(name: str, about):
    client = Client(enforce_csrf_checks=True)
    client.force_login(person("admin"))
    answer = ask(client, name, about, "POST")
    assert answer.status_code == 403
    assert "Nothing was changed" in answer.content.decode()


@pytest.mark.parametrize("name", ADDRESSES)
@pytest.mark.parametrize("method", ["DELETE", "PUT", "PATCH", "POST", "GET"])
def test_other_methods_are_refused(name: str, method: str, about):
    allowed = {"GET"} - ({"GET"} if ADDRESSES[name][1] == "POST" else set()) | {WRITES.get(name, "GET")}
    answer = ask(signed_in(person("admin")), name, about, method)
    assert (answer.status_code == 405) == (method not in allowed) or name == "home"


@pytest.mark.parametrize("name", [name for name, (what, _, _) in ADDRESSES.items() if what])
def test_what_is_not_there_is_not_found(name: str):
    what, method, _ = ADDRESSES[name]
    unknown = "no_such_workflow" if what in ("workflow", "section") else UNKNOWN
    args = [unknown, *MORE.get(what, [])]
    answer = signed_in(person("admin")).generic(method, reverse(f"runs:{name}", args=args))
    assert answer.status_code == 404


@pytest.mark.parametrize("place", ["runs", "reviews", "dead-letters"])
@pytest.mark.parametrize(
    "name", ["1", "not-a-uuid", "%00", "0190b8d6", UNKNOWN + "0", "..%2f..", "<script>", "x" * 3_000]
)
def test_what_is_no_id_is_not_found(place: str, name: str):
    assert signed_in(person("admin")).get(f"/{place}/{name}/").status_code == 404
