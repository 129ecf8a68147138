"""The lines of the README about the interface do what it says."""

import re
import shlex
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command

from choreo_site.seeding import seed_examples
from choreo_site.sign_in import ensure_administrator
from runs.models import Run
from tests.api.asking import Program

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parents[2]
LINES = re.search(r"^```sh\n(.*?)^```$", (ROOT / "README.md").read_text(encoding="utf-8"), re.M | re.S)[
    1
].splitlines()


def token(line: str, capsys: pytest.CaptureFixture[str]) -> str:
    command = re.fullmatch(r"export CHOREO_TOKEN=\$\(\.venv/bin/python manage\.py (.*)\)", line)[1]
    call_command(*shlex.split(command))
    return capsys.readouterr().out.strip()


def curl(line: str, token: str):
    """What curl would send."""
    words, headers, body, address = shlex.split(line.replace("$CHOREO_TOKEN", token))[1:], {}, None, ""
    while words:
        match words.pop(0):
            case "-H":
                name, _, value = words.pop(0).partition(": ")
                headers[name] = value
            case "-d" | "--data-binary":
                body = words.pop(0)
            case other:
                address = other.removeprefix("http://127.0.0.1:8000")
    if body is None:
        return Program(token).get(address)
    sent = (ROOT / body[1:]).read_bytes() if body.startswith("@") else body.encode()
    kind = headers.pop("Content-Type")
    named = {name.replace("-", "_"): value for name, value in headers.items() if name != "Authorization"}
    return Program(token).send("POST", address, sent, kind, **named)


def test_the_lines_do_what_it_says(capsys: pytest.CaptureFixture[str]):
    administrator = ensure_administrator()
    seed_examples(by=administrator)
    given, start, find, check = token(LINES[0], capsys), *LINES[1:]
    assert get_user_model().objects.get().api_tokens.count() == 1
    assert [curl(start, given).status_code for _ in range(2)] == [201, 200]
    run = Run.objects.get()
    found = curl(find, given).json()["items"]
    assert [(each["id"], each["why"]) for each in found] == [
        (str(run.pk), "Accepted, and waiting for a worker.")
    ]
    checked = curl(check, given)
    assert (checked.status_code, checked.json()["publishable"]) == (200, True)
