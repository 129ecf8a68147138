"""The page of teams, and what a team's workflows may name."""

import json

import pytest
from django.contrib.auth.models import AbstractUser, Group
from django.test import Client

from designer.actions import add_secret, import_document, publish, set_team
from designer.drafts import problems_of
from designer.models import AuditEntry, Draft, Secret, Workflow
from designer.refusals import NotPublishable
from designer.secrets import SecretUnknown, secret_values
from designer.versions import emitted_signals, find_version
from designer.workflow_contracts import offered_workflows
from tests.actions.flows import echo, flow
from tests.api.asking import program, refused
from tests.factories import a_version
from tests.people import person, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> AbstractUser:
    return person("admin", "vault")


@pytest.fixture
def vault(ada: AbstractUser) -> Group:
    return Group.objects.get(name="vault")


@pytest.fixture
def admin(ada: AbstractUser) -> Client:
    return signed_in(ada)


@pytest.fixture
def workflow(db: None) -> Workflow:
    return a_version(flow(one=echo())).workflow


def test_a_workflow_is_given_to_a_team_and_back(admin: Client, workflow: Workflow, vault: Group):
    client = signed_in(person("viewer"))
    assert client.get("/workflows/flow/runs/").status_code == 200
    answer = admin.post("/teams/flow/", {"team": vault.pk}, follow=True).content.decode()
    assert "The team vault alone sees flow now" in answer
    assert "vault alone" in answer
    assert client.get("/workflows/flow/runs/").status_code == 404
    assert "Everybody sees flow now" in admin.post("/teams/flow/", {"team": ""}, follow=True).content.decode()
    assert client.get("/workflows/flow/runs/").status_code == 200
    told = AuditEntry.objects.filter(verb="gave to a team").order_by("id").values_list("facts", flat=True)
    assert [fact["after"] for fact in told] == ["vault", "everybody"]


@pytest.mark.parametrize("sent", [{"team": "999999"}, {"team": "x"}, {"team": "\0"}, {}])
def test_what_is_no_team_is_refused(sent: dict[str, str], admin: Client, workflow: Workflow):
    answer = admin.post("/teams/flow/", sent)
    assert (answer.status_code, "Nothing was changed" in answer.content.decode()) == (422, True)


def test_a_role_is_no_team(admin: Client, workflow: Workflow):
    assert admin.post("/teams/flow/", {"team": Group.objects.get(name="viewer").pk}).status_code == 422


def test_a_team_that_has_workflows_cannot_be_lost(ada: AbstractUser, workflow: Workflow, vault: Group):
    set_team(workflow=workflow, team=vault, by=ada)
    with pytest.raises(Exception, match="protected foreign keys"):
        vault.delete()


@pytest.mark.parametrize("role", ["viewer", "designer", "operator", "reviewer"])
def test_only_an_admin_may(role: str, workflow: Workflow):
    client = signed_in(person(role))
    assert client.get("/teams/").status_code == 403
    assert client.post("/teams/flow/", {"team": ""}).status_code == 403


def test_a_teams_workflow_is_offered_to_its_own_alone(ada: AbstractUser, workflow: Workflow, vault: Group):
    set_team(workflow=workflow, team=vault, by=ada)
    assert offered_workflows(None) == {}
    assert list(offered_workflows(vault.pk)) == ["flow"]
    assert find_version("flow") is None
    assert find_version("flow", vault.pk) is not None


def test_a_teams_secret_is_for_its_own_alone(admin: Client, vault: Group):
    sent = {"name": "bank_key", "value": "correct horse", "team": vault.pk}
    assert admin.post("/secrets/", sent).status_code == 302
    assert Secret.objects.get().team == vault
    assert secret_values(["bank_key"], vault.pk) == {"bank_key": "correct horse"}
    with pytest.raises(SecretUnknown, match="There is no secret “bank_key”"):
        secret_values(["bank_key"])


def test_an_imported_file_cannot_name_another_teams_secret(ada: AbstractUser, vault: Group):
    add_secret(name="bank_key", value="correct horse", by=ada, team=vault)
    document = {
        "choreo": 1, "key": "thief", "title": "Thief", "owner": "acme", "start": "one",
        "steps": {
            "one": {
                "kind": "action", "title": "Take it", "does": "http.request@^1", "timeout": "5s", "next": "done",
                "with": {"url": "https://example.com/", "method": "GET", "headers": {"X-Key": "${ secret.bank_key }"}},
            },
            "done": {"kind": "succeed"},
        },
    }  # fmt: skip
    draft = import_document(document=document, by=person("designer"))
    assert "unknown_secret" in {problem.code for problem in problems_of(draft)}
    with pytest.raises(NotPublishable, match="no secret “bank_key” that this workflow may name"):
        publish(draft=draft, note="Take it", revision=draft.revision, by=person("designer"))
    set_team(workflow=draft.workflow, team=vault, by=ada)
    mine = Draft.objects.get(pk=draft.pk)
    assert "unknown_secret" not in {problem.code for problem in problems_of(mine)}


def test_a_new_workflow_may_be_a_teams_from_the_start(vault: Group):
    dora = signed_in(person("designer", "vault"))
    assert "Who sees it" in dora.get("/workflows/new/").content.decode()
    assert dora.post("/workflows/new/", {"title": "Hidden", "team": vault.pk}).status_code == 302
    assert Workflow.objects.get(key="hidden").team == vault
    assert signed_in(person("viewer")).get("/workflows/hidden/").status_code == 404


def test_nobody_gives_a_workflow_to_a_team_that_they_are_not_in(vault: Group):
    dora = signed_in(person("designer"))
    assert "Who sees it" not in dora.get("/workflows/new/").content.decode()
    for group in (vault.pk, Group.objects.get(name="designer").pk):
        assert dora.post("/workflows/new/", {"title": "Lost", "team": group}).status_code == 422
    assert not Workflow.objects.exists()


SMALL = {"choreo": 1, "key": "small", "title": "Small", "owner": "acme", **flow(one=echo())}


def test_an_import_may_be_a_teams_from_the_start(vault: Group):
    client = signed_in(person("designer", "vault"))
    assert "Who sees it" in client.get("/workflows/import/").content.decode()
    client.post("/workflows/import/", {"document": json.dumps(SMALL), "team": vault.pk})
    assert Workflow.objects.get(key="small").team == vault
    asking = program(person("designer", "vault"))
    assert asking.post("/workflows/?team=vault", {**SMALL, "key": "other"}).status_code == 201
    machine = {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}
    assert asking.post("/workflows/import/?team=vault&key=machine", machine).status_code == 201
    assert set(Workflow.objects.filter(team=vault).values_list("key", flat=True)) == {
        "small",
        "other",
        "machine",
    }


def test_nothing_is_imported_into_a_team_that_one_is_not_in(vault: Group):
    answer = signed_in(person("designer")).post(
        "/workflows/import/", {"document": json.dumps(SMALL), "team": vault.pk}
    )
    assert (answer.status_code, "Select a valid choice" in answer.content.decode()) == (422, True)
    refused(
        program(person("designer")).post("/workflows/?team=vault", SMALL), 400, "bad-parameter", "in no team"
    )
    assert not Workflow.objects.exists()


def test_the_signals_of_another_team_are_not_known(vault: Group, ada: AbstractUser):
    tell = {"kind": "emit", "signal": "bank.paid", "key": "k"}
    workflow = a_version(flow(one=tell)).workflow
    assert emitted_signals() == {"bank.paid"}
    set_team(workflow=workflow, team=vault, by=ada)
    assert (emitted_signals(), emitted_signals(vault.pk)) == (frozenset(), {"bank.paid"})
