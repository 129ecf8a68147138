"""Who may open or do what: one table for all addresses of `runs`, so that a new one without an answer fails."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from designer.actions import import_document
from designer.models import Draft
from runs.models import DeadLetter, Review, Run, Trigger, Upload
from runs.urls import urlpatterns
from tests.actions.flows import SAGA
from tests.factories import a_version
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
    "start-many": ("workflow", "GET", OPERATE),
    "upload": ("upload", "GET", OPERATE),
    "stop-upload": ("upload", "POST", OPERATE),
    "limits": ("workflow", "GET", DESIGN),
    "triggers": ("workflow", "GET", ALL),
    "add-trigger": ("kind", "GET", DESIGN),
    "trigger": ("trigger", "GET", DESIGN),
    "switch-trigger": ("trigger", "POST", DESIGN),
    "remove-trigger": ("trigger", "POST", DESIGN),
    "rotate-secret": ("trigger", "POST", DESIGN),
    "signals": ("", "GET", ALL),
    "try-signal": ("", "POST", OPERATE),
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
OPEN = {"hook"}  # programs sign what they send: tests/api/test_hooks.py
WRITES = {
    "start-many": "POST",
    "upload": "POST",
    "stop-upload": "POST",
    "limits": "POST",
    "add-trigger": "POST",
    "trigger": "POST",
    "switch-trigger": "POST",
    "remove-trigger": "POST",
    "rotate-secret": "POST",
    "try-signal": "POST",
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
MORE = {
    "value": ["input"],
    "step run": ["1"],
    "section": ["reserve", "input"],
    "kind": ["cron"],
    "upload": ["0190b8d6-0000-7000-8000-000000000000"],
}
UNKNOWN = "0190b8d6-0000-7000-8000-000000000000"


@pytest.fixture
def draft(db: None) -> Draft:
    document = {"choreo": 1, "key": "drafted", "title": "Drafted", "owner": "acme", **SAGA}
    return import_document(document=document, by=person("designer"))


@pytest.fixture
def trigger(run: Run) -> Trigger:
    return Trigger.objects.create(
        workflow=run.workflow, kind="webhook", title="From the shop", made_at=timezone.now()
    )


@pytest.fixture
def upload(db: None) -> Upload:
    schema = {"type": "object", "properties": {"order_id": {"type": "string"}}}
    version = a_version({**SAGA, "key": "sheet", "input": schema})
    told = {"name": "orders.csv", "text": "order_id\n1\n", "made_at": timezone.now()}
    return Upload.objects.create(workflow=version.workflow, version=version, **told)


@pytest.fixture
def about(
    run: Run, draft: Draft, asked: Review, letter: DeadLetter, trigger: Trigger, upload: Upload
) -> dict[str, list[str]]:
    return {
        "": [],
        "workflow": [run.workflow.key],
        "section": [draft.workflow.key, "one", "input"],
        "run": [str(run.pk)],
        "value": [str(run.pk), "input"],
        "step run": [str(run.pk), "1"],
        "kind": [run.workflow.key, "cron"],
        "upload": [upload.workflow.key, str(upload.pk)],
        "trigger": [str(trigger.pk)],
        "review": [str(asked.pk)],
        "letter": [str(letter.pk)],
    }


def ask(client: Client, name: str, about: dict[str, list[str]], method: str = ""):
    what, usual, _ = ADDRESSES[name]
    return client.generic(method or usual, reverse(f"runs:{name}", args=about[what]))


def test_every_address_has_an_answer():
    assert {pattern.name for pattern in urlpatterns} == set(ADDRESSES) | OPEN


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


@pytest.mark.parametrize("name", [name for name in ADDRESSES if name != "home"])
def test_other_methods_are_refused(name: str, about):
    allowed = {"GET"} - ({"GET"} if ADDRESSES[name][1] == "POST" else set()) | {WRITES.get(name, "GET")}
    for method in ("DELETE", "PUT", "PATCH", "POST", "GET"):
        answer = ask(signed_in(person("admin")), name, about, method)
        assert (answer.status_code == 405) == (method not in allowed), method


@pytest.mark.parametrize("name", [name for name, (what, _, _) in ADDRESSES.items() if what])
def test_what_is_not_there_is_not_found(name: str):
    what, method, _ = ADDRESSES[name]
    unknown = "no_such_workflow" if what in ("workflow", "section", "kind", "upload") else UNKNOWN
    args = [unknown, *MORE.get(what, [])]
    answer = signed_in(person("admin")).generic(method, reverse(f"runs:{name}", args=args))
    assert answer.status_code == 404


@pytest.mark.parametrize("place", ["runs", "reviews", "dead-letters"])
@pytest.mark.parametrize(
    "name", ["1", "not-a-uuid", "%00", "0190b8d6", UNKNOWN + "0", "..%2f..", "<script>", "x" * 3_000]
)
def test_what_is_no_id_is_not_found(place: str, name: str):
    assert signed_in(person("admin")).get(f"/{place}/{name}/").status_code == 404
