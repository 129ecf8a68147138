"""The example in docs/triggers.md: run as it stands, against the real site."""

import re
from pathlib import Path
from typing import Any

import pytest

from designer.graph import read_document
from runs.actions import create_trigger, start_run
from runs.models import Keeper, Run, Signal
from tests.actions.flows import echo, flow
from tests.factories import Hand, a_version
from tests.servers import Site

PAGE = Path(__file__).parents[2] / "docs" / "triggers.md"


@pytest.fixture
def call() -> Any:
    return call_of_the_page()


def call_of_the_page() -> Any:
    [code] = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(code, str(PAGE), "exec"), names)
    return names["call"]


def test_the_example_signs_as_it_should(live_site: Site, call: Any):
    workflow = a_version(flow(one=echo("${ input.n }"))).workflow
    trigger, secret = create_trigger(workflow=workflow, by=None, kind="webhook", title="Shop")
    address = f"{live_site.url}/hooks/{trigger.pk}/"
    first = call(address, secret, {"n": 7}, "msg_7")
    run = Run.objects.get()
    assert first == {"run": str(run.pk), "replayed": False}
    assert call(address, secret, {"n": 7}, "msg_7") == {"run": str(run.pk), "replayed": True}
    assert Keeper(run).open(run.input) == {"n": 7}


@pytest.mark.django_db
def test_what_passes_a_call_on_as_a_signal():
    [text] = re.findall(r"^```yaml\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    version = a_version(dict(read_document(text)))
    start_run(version=version, inputs={"order": "ORD-1", "amount": 12.5})
    Hand().claim()
    signal = Signal.objects.get()
    assert (signal.name, signal.key) == ("order.paid", "ORD-1")
    assert signal.data == {"order": "ORD-1", "amount": 12.5}
