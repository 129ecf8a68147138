"""Every page and every action asks for a permission, and a refusal says which role has it."""

import pytest
from django.test import Client
from django.urls import URLPattern

from designer.models import Draft
from designer.urls import urlpatterns
from tests.people import CAST, person, signed_in

pytestmark = pytest.mark.django_db

LOOK = set(CAST)
DESIGN = {"designer", "admin"}
# The name of the page, what its address needs, and who may open or do it.
PAGES = {
    "new": ({}, "GET", DESIGN),
    "import": ({}, "GET", DESIGN),
    "workflow": ({}, "GET", LOOK),
    "version": ({"number": 1}, "GET", LOOK),
    "export-yaml": ({}, "GET", LOOK),
    "export-json": ({}, "GET", LOOK),
    "export-machine": ({}, "GET", LOOK),
    "export-asl": ({}, "GET", LOOK),
    "imported": ({}, "GET", DESIGN),
    "publish": ({}, "GET", DESIGN),
    "compare": ({"before": "draft", "after": "draft"}, "GET", LOOK),
    "edit": ({}, "GET", DESIGN),
    "add-step": ({}, "GET", DESIGN),
    "undo": ({}, "POST", DESIGN),
    "redo": ({}, "POST", DESIGN),
    "fix": ({}, "POST", DESIGN),
    "save-settings": ({"section": "settings"}, "POST", DESIGN),
    "save-section": ({"step": "charge", "section": "input"}, "POST", DESIGN),
    "connect-step": ({"step": "charge"}, "GET", DESIGN),
    "rename-step": ({"step": "charge"}, "POST", DESIGN),
    "remove-step": ({"step": "refused"}, "POST", DESIGN),
    "move-step": ({"step": "charge"}, "POST", DESIGN),
    "add-branch": ({"step": "charge"}, "POST", DESIGN),
    "rename-branch": ({"step": "charge", "branch": "a"}, "POST", DESIGN),
    "move-branch": ({"step": "charge", "branch": "a"}, "POST", DESIGN),
    "remove-branch": ({"step": "charge", "branch": "a"}, "POST", DESIGN),
}


def address(name: str, draft: Draft, needs: dict[str, object]) -> str:
    pattern = next(one for one in urlpatterns if isinstance(one, URLPattern) and one.name == name)
    parts = {"key": draft.workflow.key, **needs}
    text = str(pattern.pattern)
    for part, value in parts.items():
        text = text.replace(f"<slug:{part}>", str(value)).replace(f"<int:{part}>", str(value))
    return f"/{text}"


def ask(client: Client, name: str, draft: Draft) -> int:
    needs, method, _ = PAGES[name]
    return client.generic(method, address(name, draft, needs)).status_code


def test_every_address_is_in_the_table():
    assert {one.name for one in urlpatterns} == set(PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_who_may(name: str, draft: Draft):
    allowed = PAGES[name][2]
    refused = {role for role in CAST if ask(signed_in(person(role)), name, draft) == 403}
    assert refused == set(CAST) - allowed


@pytest.mark.parametrize("name", PAGES)
def test_strangers_sign_in_first(name: str, draft: Draft):
    assert ask(Client(), name, draft) == (403 if PAGES[name][1] == "POST" else 302)


def test_a_refusal_names_the_role(draft: Draft):
    answer = signed_in(person("viewer")).get("/workflows/small/edit/")
    assert answer.status_code == 403
    assert "This needs the role designer or admin." in answer.content.decode()


@pytest.mark.parametrize("name", [name for name, (_, method, _) in PAGES.items() if method == "POST"])
def test_what_changes_something_is_not_got(name: str, designer: Client, draft: Draft):
    assert designer.get(address(name, draft, PAGES[name][0])).status_code == 405


def test_a_forged_form_is_refused(dora, draft: Draft):
    client = Client(enforce_csrf_checks=True)
    client.force_login(dora)
    answer = client.post("/workflows/small/edit/steps/refused/remove/", {"revision": draft.revision})
    assert answer.status_code == 403
    assert "Nothing was changed" in answer.content.decode()
