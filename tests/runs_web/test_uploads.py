"""/workflows/<key>/start-many/: one run for each good row of a file, and a sentence for each bad one."""

import re
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from designer.models import Version
from runs.models import Keeper, Run, Upload, Work
from tests.actions.flows import echo, flow
from tests.factories import Hand, a_version
from tests.people import person, signed_in

pytestmark = pytest.mark.django_db
START = "/workflows/flow/start-many/"
SCHEMA = {
    "type": "object",
    "required": ["order_id", "amount"],
    "properties": {
        "order_id": {"type": "string", "minLength": 1},
        "amount": {"type": "number", "minimum": 0},
        "gift": {"type": "boolean"},
    },
}


@pytest.fixture
def version(db: None) -> Version:
    return a_version({**flow(one=echo("x")), "input": SCHEMA, "business_key": "${ input.order_id }"})


def send(client: Client, data: str | bytes, name: str = "orders.csv") -> Any:
    data = data.encode() if isinstance(data, str) else data
    return client.post(START, {"file": SimpleUploadedFile(name, data)})


def text(answer: Any) -> str:
    return unescape(re.sub(r"(<[^>]+>|\s)+", " ", answer.content.decode()))


ROWS = "Order ID;amount;gift;note\nO1;2.5;yes;=1+1\n;3;no;\nO3;many;;\nO4;7;;+cmd|x\n"


def test_rows_are_looked_at_then_started_once(operator: Client, version: Version, hand: Hand):
    answer = send(operator, ROWS)
    place = answer["Location"]
    page = text(operator.get(place))
    assert "2 good rows, 2 bad ones" in page and "Not used: note" in page
    assert "Row 3: order_id" in page and "Row 4: amount: “many” is no number" in page
    assert "Start 2 runs" in page and not Run.objects.exists()
    for _ in range(2):
        assert operator.post(place).status_code == 302
    assert not Run.objects.exists(), "the workers start them, not the request"
    assert "0 of 2" in text(operator.get(place))
    hand.claim()
    assert sorted(run.key for run in Run.objects.all()) == ["O1", "O4"]
    first = Run.objects.get(key="O1")
    assert Keeper(first).open(first.input) == {"order_id": "O1", "amount": 2.5, "gift": True}
    assert first.started_by == person("operator")
    done = operator.get(place)
    assert f"/runs/{first.pk}/" in done.content.decode()
    assert "2 of 2" in text(done) and "amount: “many” is no number" in text(done)


def test_the_part_that_changes_is_asked_for_alone(operator: Client, version: Version, hand: Hand):
    place = send(operator, "order_id,amount\n" + "".join(f"O{n},1\n" for n in range(101)))["Location"]
    operator.post(place)
    part = operator.get(place, {"page": "2"}, headers={"HX-Request": "true"})
    assert "<html" not in part.content.decode() and "It is not its turn yet." in text(part)
    assert "Rows 101 to 101 of 101" in text(part)
    assert operator.get(place, {"page": "9"}).status_code == 200


def test_the_rest_can_be_left(operator: Client, version: Version, hand: Hand):
    place = send(operator, "order_id,amount\n" + "".join(f"O{n},1\n" for n in range(50)))["Location"]
    operator.post(place)
    for _ in range(2):
        assert operator.post(f"{place}stop/").status_code == 302
    assert not hand.claim() and not Work.objects.exists() and not Run.objects.exists()
    page = text(operator.get(place))
    assert (
        f"by {person('operator')}" in page
        and "It was stopped before this row." in page
        and "Start no more" not in page
    )


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"  \n \n", "empty"),
        ("order_id,amount\nJürgen,1".encode("latin1"), "not text in UTF-8: line 2"),
        ("order_id,amount\n1,1".encode("utf-16"), "UTF-8"),
        (b"order_id,amount\nO\0,1", "NUL"),
        (b"order_id,amount\n", "header and no rows"),
        (b"a,b\n1,2", "No column is called as a field"),
        (b"order_id,Order_ID\n1,2", "Two columns are called"),
        (b'order_id,amount\n"O1,2', "cannot be read near line"),
        (b'order_id,amount\n"O1"x,2', "cannot be read near line"),
        (b"order_id,amount\n" + b"O,1\n" * 5_001, "more than 5,000 rows"),
        (b"x" * (5 * 1024**2 + 1), "larger than 5 MB"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence(
    operator: Client, version: Version, data: bytes, said: str
):
    answer = send(operator, data)
    assert answer.status_code == 422
    assert said in text(answer)
    assert not Upload.objects.exists()


def test_no_file_and_another_s_file(operator: Client, version: Version):
    assert operator.post(START).status_code == 422
    place = send(operator, "\ufefforder_id\tamount\nO1\t1")["Location"]
    assert "1 good row" in text(operator.get(place))
    assert operator.get(place.replace("flow", "other")).status_code == 404
    assert signed_in(person("viewer")).get(place).status_code == 403
