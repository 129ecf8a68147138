"""`manage.py choreo_import`."""

import json
from io import StringIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from designer.actions import import_document, publish
from designer.graph import read_value
from designer.models import Draft, Workflow
from tests.designer.asl import JSONATA, ORDER, task
from tests.designer.drafts import SMALL, graph_now
from tests.people import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    return written(tmp_path / "take_order.asl.json", ORDER)


def written(file: Path, document: Any) -> Path:
    file.write_text(document if isinstance(document, str) else json.dumps(document))
    return file


def told(*arguments: str | Path, **options: Any) -> str:
    out = StringIO()
    call_command("choreo_import", *map(str, arguments), stdout=out, **options)
    return out.getvalue()


def test_a_machine_becomes_a_draft_named_after_its_file(machine: Path):
    said = told(machine)
    assert "take_order: 6 steps in the draft." in said
    assert "unbound\tcharge_card\tarn:aws:lambda" in said
    assert "ignored\tCharge card Credentials\t" in said


def test_it_is_bound_by_a_file_and_in_somebody_s_name(machine: Path, tmp_path: Path):
    stub = {"way": "stub"}
    ways = {"reserve_stock": stub, "ask_the_team": {"way": "review"}, "charge_card": stub}
    bind = written(tmp_path / "bind.json", ways)
    said = told(machine, key="orders", bind=str(bind), by=person("designer").username)
    assert "unbound\t" not in said
    draft = Draft.objects.get(workflow__key="orders")
    assert str(draft.edited_by) == "dora"
    assert graph_now(draft).steps["charge_card"].does == "data.transform@^1"


def test_a_document_of_our_own_is_taken_too(tmp_path: Path):
    assert "small: 5 steps in the draft." in told(written(tmp_path / "small.json", SMALL))


def test_it_replaces_a_draft_that_is_there(machine: Path, tmp_path: Path):
    told(machine)
    told(written(tmp_path / "other.yaml", JSONATA), into="take_order")
    assert Workflow.objects.count() == 1
    assert "sum" in graph_now(Draft.objects.get()).steps


@pytest.mark.parametrize(
    ("document", "options", "sentence"),
    [
        ("{", {}, "Line 2"),
        ({"StartAt": "A", "States": {}}, {}, "/States"),
        ({}, {}, "choreo"),
        (ORDER, {"key": "No key"}, "cannot be a key"),
        (ORDER, {"into": "nobody"}, "There is no workflow “nobody”."),
        (ORDER, {"by": "nobody"}, "There is nobody called “nobody”."),
        (ORDER, {"bind": "/nowhere"}, "cannot be read"),
    ],
)
def test_what_cannot_be_is_said(document: Any, options: dict[str, str], sentence: str, tmp_path: Path):
    with pytest.raises(CommandError, match=sentence):
        told(written(tmp_path / "machine.json", document), **options)


def test_each_binding_that_makes_no_sense_is_said(machine: Path, tmp_path: Path):
    bind = written(tmp_path / "bind.json", {"nobody": {"way": "stub"}, "charge_card": {"way": "http"}})
    with pytest.raises(CommandError) as refused:
        told(machine, bind=str(bind))
    assert "nobody: There is no step" in str(refused.value)
    assert "charge_card.url: Give the address" in str(refused.value)


def test_the_bindings_of_the_docs_are_understood(tmp_path: Path):
    page = (Path(__file__).parents[2] / "docs" / "interop.md").read_text("utf-8")
    written_there = page.partition("```yaml\n")[2].partition("```")[0]
    keys = list(read_value(written_there))
    states = {key: task(key, Next=following) for key, following in pairwise(keys)}
    machine = {"StartAt": keys[0], "States": {**states, keys[-1]: task(keys[-1], End=True)}}
    other = import_document(document={**SMALL, "key": "shipping"}, by=None)
    publish(draft=other, note="There it is.", revision=other.revision, by=None)
    bind = written(tmp_path / "bind.yaml", written_there)
    said = told(written(tmp_path / "all.json", machine), bind=str(bind))
    assert "all: 8 steps in the draft." in said
    assert "unbound\t" not in said
