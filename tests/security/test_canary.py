"""A secret is looked for in all that there is after a run that used it: every row, also inside of what is packed;
every page, answer and frame; every line of the log.
"""

import base64
import binascii
import json
import re
import zlib
from collections.abc import Iterator

import pytest
from django.db import connection

from designer.actions import add_destination, add_secret
from runs.actions import report_attempt
from runs.models import DeadLetter, Run
from runs.queue.performing import perform
from runs.redaction import forms_of
from runs.steps.http_request import _policy
from tests.factories import Hand, a_run
from tests.log_lines import log_lines
from tests.people import person
from tests.security.test_every_route import ADDRESSES
from tests.security.told import give_draft, told_at
from tests.steps.servers import serving

pytestmark = pytest.mark.django_db(transaction=True)

CANARY = 'C4nary-t0ken/"+€ x&y<z>'
FORMS = tuple({*forms_of(CANARY), "C4nary-t0ken"})
PACKED = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")


@pytest.fixture
def log() -> Iterator[list[str]]:
    with log_lines() as lines:
        yield lines


def cells() -> Iterator[tuple[str, str]]:
    """Every cell of every table, as text, with where it stands."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            columns = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                for name, cell in zip(columns, row, strict=True):
                    yield f"{table}.{name}", as_text(cell)


def as_text(cell: object) -> str:
    return bytes(cell).decode("latin1") if isinstance(cell, bytes | memoryview) else str(cell)


def unpacked(text: str) -> Iterator[str]:
    """The text, and what base64, zlib and pickles in it hold: a pickle keeps texts as they are."""
    yield text
    for found in PACKED.findall(text):
        for decode in (base64.b64decode, base64.urlsafe_b64decode):
            try:
                raw = decode(found.rstrip("=") + "=" * (-len(found.rstrip("=")) % 4))
            except (binascii.Error, ValueError):
                continue
            yield raw.decode("utf-8", "ignore")
            try:
                yield zlib.decompress(raw).decode("utf-8", "ignore")
            except zlib.error:
                continue


def leaks(texts: Iterator[tuple[str, str]]) -> list[str]:
    return [where for where, text in texts for part in unpacked(text) if any(form in part for form in FORMS)]


def a_run_that_tells(url: str) -> Run:
    """Its first step is given the secret back by the service, its second fails with it and waits for a person."""

    def calling(path: str, **more: object) -> dict[str, object]:
        given = {
            "url": f"{url}/{path}?key=${{ secret.token }}",
            "method": "POST",
            "json": ["${ secret.token }"],
        }
        return {"kind": "action", "does": "http.request@^1", "with": given, **more}

    lasting = {"on_exhausted": "dead_letter", "retry": {"attempts": 1}}
    steps = {
        "say": calling("echo", next="ask"),
        "ask": calling("status/404", **lasting, next="done"),
        "done": {"kind": "succeed", "output": "${ steps.say.output }"},
    }
    run = a_run({"start": "say", "steps": steps}, by=person("admin"))
    hand = Hand()
    while held := hand.claim():
        for one in held:
            report_attempt(one, perform(one), go_on=False)
    return Run.objects.get(pk=run.pk)


def test_a_secret_is_nowhere_but_with_the_service(log: list[str]):
    with serving() as service:
        add_destination(host="127.0.0.1", port=service.port, private=True, by=None)
        _policy.cache_clear()
        add_secret(name="token", value=CANARY, by=person("admin"))
        run = a_run_that_tells(f"http://127.0.0.1:{service.port}")
        assert [json.loads(asked["body"]) for asked in service.seen] == [[CANARY], [CANARY]]
    assert DeadLetter.objects.get().run == run
    give_draft(run)
    assert leaks(cells()) == []
    kept = ["/secrets/", "/audit/", "/audit.csv"]
    about = [pattern for name, (pattern, _) in ADDRESSES.items() if name.startswith("runs")]
    told = told_at(
        run, person("admin"), [*about, *kept, f"/runs/{run.pk}/?tab=data", f"/runs/{run.pk}/?step=say"]
    )
    assert "•••" in told[f"/runs/{run.pk}/?step=say"]
    assert leaks(iter(told.items())) == []
    assert leaks(("log", line) for line in log) == []


def test_the_search_sees_what_is_packed():
    zipped = base64.b64encode(zlib.compress(f"before {CANARY} after".encode())).decode()
    plain = base64.urlsafe_b64encode(f"before {CANARY}".encode()).decode()
    assert set(leaks(iter([("zipped", zipped), ("plain", plain), ("none", "nothing at all here")]))) == {
        "zipped",
        "plain",
    }
