"""A secret goes to the service that is called, and nowhere else."""

import base64
import json
import logging
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test import Client

from designer.actions import add_secret, remove_secret, replace_secret, reseal_secrets
from designer.catalog import Context, step
from designer.graph import Severity, check, decode
from designer.models import AuditEntry, Secret
from designer.refusals import Refused
from designer.secrets import SecretUnknown, secret_values
from runs.actions import report_attempt
from runs.models import JournalEntry, Run
from runs.queue.performing import perform
from runs.redaction import MASK, forms_of
from tests.factories import Hand, a_run
from tests.log_lines import log_lines
from tests.people import person, signed_in

CANARY = 'C4nary-t0ken/"+€ x&y<z>'
HEADER = "C4nary-h3ader+/=tail"
pytestmark = pytest.mark.django_db(transaction=True)


def work(run: Run) -> Run:
    """Perform all that is due, as a worker does."""
    hand = Hand()
    while held := hand.claim():
        for assignment in held:
            report_attempt(assignment, perform(assignment), go_on=False)
    run.refresh_from_db()
    return run


def calling(url: str, path: str = "echo", **more: Any) -> dict[str, Any]:
    with_secrets = {
        "url": url + "/" + path + "?key=${ secret.token }",
        "method": "POST",
        "headers": {"Authorization": "Bearer ${ secret.header }"},
        "json": {"deep": [{"token": "${ secret.token }", "note": "${ input.note }"}]},
    }
    ask = {"kind": "action", "does": "http.request@^1", "with": with_secrets, "next": "keep"}
    keep = {"kind": "set", "assign": {"answer": "${ steps.ask.output }"}, "next": "done"}
    done = {"kind": "succeed", "output": "${ vars.answer }"}
    return {"start": "ask", "steps": {"ask": {**ask, **more}, "keep": keep, "done": done}}


def kept() -> None:
    add_secret(name="token", value=CANARY, by=None)
    add_secret(name="header", value=HEADER, by=None)


def everything_stored() -> str:
    """Every row of every table, as text."""
    with connection.cursor() as cursor:
        texts = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            texts += [str(cell) for row in cursor.fetchall() for cell in row]
    return "\n".join(texts)


def leaks(text: str) -> list[str]:
    encoded = base64.b64encode(CANARY.encode()).decode()
    forms = {form for secret in (CANARY, HEADER) for form in forms_of(secret)} | {
        "C4nary",
        "t0ken",
        encoded[:12],
    }
    return [form for form in forms if form in text]


def every_page(run: Run) -> str:
    client: Client = signed_in(person("admin"))
    places = [
        f"/runs/{run.pk}/",
        *(f"/runs/{run.pk}/?step={row.no}" for row in run.step_runs.all()),
        "/runs/",
    ]
    return "".join(client.get(place).content.decode() for place in places)


def test_the_service_gets_it_and_nothing_else_does(service: Any, caplog: pytest.LogCaptureFixture):
    kept()
    run = work(a_run(calling(service.url), {"note": "⟦secret.header⟧"}))
    assert run.status == "succeeded"
    (seen,) = service.seen
    assert seen["headers"]["Authorization"] == f"Bearer {HEADER}"
    sent = json.loads(seen["body"])["deep"][0]
    assert sent == {"token": CANARY, "note": "⟦secret.header⟧"}
    stored = everything_stored()
    assert "secret.token" in stored and (MASK in stored or json.dumps(MASK)[1:-1] in stored)
    for text in (stored, every_page(run), caplog.text):
        assert leaks(text) == []


@pytest.mark.parametrize("path", ["status/404", "status/503", "broken", "to/307"])
def test_no_failure_tells_it(service: Any, path: str, caplog: pytest.LogCaptureFixture):
    kept()
    run = work(a_run(calling(service.url, path), {"note": ""}))
    assert run.status == "failed"
    for text in (everything_stored(), every_page(run), caplog.text):
        assert leaks(text) == []


def test_no_step_tells_it_whatever_it_raises_or_logs(caplog: pytest.LogCaptureFixture):
    add_secret(name="token", value=CANARY, by=None)

    @step("acme.blurt", version="1.0.0", owner="acme")
    def blurt(token: str, *, context: Context) -> None:
        logging.getLogger("acme").warning("calling with %s", token, extra={"fact": token})
        raise ValueError("x" * 1_995 + token)

    with log_lines("acme") as lines:
        steps = {"a": {"kind": "action", "does": "acme.blurt", "with": {"token": "${ secret.token }"}}}
        run = work(a_run({"start": "a", "steps": steps}))
    assert run.status == "failed"
    assert leaks(everything_stored()) == []
    assert leaks("\n".join(lines)) == []
    assert lines == [f"calling with {MASK} fact={MASK}"]


def test_an_undo_gets_it_too(service: Any):
    kept()
    undo = {"does": "http.request@^1", "with": {"url": f"{service.url}/echo", "text": "${ secret.token }"}}
    flow = calling(service.url, compensate=undo)
    flow["steps"]["done"] = {"kind": "fail", "error": "Rejected"}
    run = work(a_run(flow, {"note": ""}))
    assert (run.status, run.reason) == ("failed", "rolled_back")
    assert service.seen[1]["body"] == CANARY
    assert leaks(everything_stored()) == []


def test_a_secret_that_is_gone_fails_the_step_with_a_sentence(service: Any):
    run = work(a_run(calling(service.url), {"note": ""}))
    assert run.fault["name"] == "SecretUnknown"
    assert run.fault["message"] == "There is no secret “header”. An administrator can add it."
    assert not service.seen


def test_the_journal_tells_of_the_attempt_as_of_any_other(service: Any):
    kept()
    run = work(a_run(calling(service.url), {"note": ""}))
    kinds = list(JournalEntry.objects.filter(run=run, no=1).values_list("kind", flat=True))
    assert kinds == ["StepEntered", "AttemptOrdered", "AttemptStarted", "AttemptSucceeded", "StepSucceeded"]


# --- the store -----------------------------------------------------------------------------------------------


def test_it_is_kept_sealed_and_opened_by_name():
    kept()
    assert leaks(everything_stored()) == []
    assert secret_values(["token", "header"]) == {"token": CANARY, "header": HEADER}
    with pytest.raises(SecretUnknown, match="no secret “other”"):
        secret_values(["token", "other"])


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("Token", "long enough", "cannot name a secret"),
        ("", "long enough", "cannot name a secret"),
        ("a" * 65, "long enough", "cannot name a secret"),
        ("token", "short", "8 to 8,192 characters"),
        ("token", "x" * 8_193, "8 to 8,192 characters"),
        ("token", "with a \0 in it", "cannot be printed"),
    ],
)
def test_what_cannot_be_kept_is_refused(name: str, value: str, said: str):
    with pytest.raises(Refused, match=said):
        add_secret(name=name, value=value, by=None)
    assert not Secret.objects.exists()


def test_it_is_audited_who_did_what():
    ada = person("admin")
    secret = add_secret(name="token", value=CANARY, by=ada)
    with pytest.raises(Refused, match="already"):
        add_secret(name="token", value=CANARY, by=ada)
    replace_secret(secret=secret, value=HEADER, by=ada)
    assert secret_values(["token"]) == {"token": HEADER}
    remove_secret(secret=secret, by=ada)
    remove_secret(secret=secret, by=ada)
    with pytest.raises(Refused, match="removed meanwhile"):
        replace_secret(secret=secret, value=HEADER, by=ada)
    told = list(AuditEntry.objects.order_by("id").values_list("verb", "kind", "name", "by__username"))
    assert told == [(verb, "secret", "token", "ada") for verb in ("added", "replaced", "removed")]


def test_keys_are_rotated(settings: Any):
    settings.CHOREO_SECRETS_KEYS = ["first"]
    add_secret(name="token", value=CANARY, by=None)
    settings.CHOREO_SECRETS_KEYS = ["second", "first"]
    assert secret_values(["token"]) == {"token": CANARY}
    assert reseal_secrets() == (1, [])
    settings.CHOREO_SECRETS_KEYS = ["second"]
    assert secret_values(["token"]) == {"token": CANARY}
    settings.CHOREO_SECRETS_KEYS = ["third"]
    with pytest.raises(SecretUnknown, match="a key that is not here any more"):
        secret_values(["token"])
    with pytest.raises(CommandError, match="No key opens token"):
        call_command("choreo_secrets", "rotate")


def test_without_keys_of_their_own_they_are_sealed_by_django_s_and_its_fallbacks(settings: Any):
    add_secret(name="token", value=CANARY, by=None)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another" * 9, [settings.SECRET_KEY]
    assert secret_values(["token"]) == {"token": CANARY}


def test_the_command_names_them_and_shows_none(capsys: pytest.CaptureFixture[str]):
    kept()
    call_command("choreo_secrets", "list")
    said = capsys.readouterr().out
    assert "token" in said and "header" in said
    assert leaks(said.replace("token", "").replace("header", "")) == []


def test_a_definition_that_names_one_that_is_not_kept_cannot_be_published():
    document = {"choreo": 1, "key": "flow", **calling("http://127.0.0.1")}
    found = [p for p in check(decode(document), None, ["token"]) if "secret" in p.code]
    assert [(p.code, p.severity, p.field) for p in found] == [
        ("unknown_secret", Severity.ERROR, "inputs.headers.Authorization")
    ]
