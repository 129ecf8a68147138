"""The definitions in docs/steps.md are sound, and its tables name what the contracts declare."""

import re
from pathlib import Path

import pytest

from designer import catalog
from designer.drafts import with_contracts
from designer.graph import check, decode, read_document, secrets_named

PAGE = (Path(__file__).parents[2] / "docs" / "steps.md").read_text(encoding="utf-8")
DEFINITIONS = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
BUILT_IN = ("http.request", "email.send", "data.transform")


@pytest.mark.parametrize("text", DEFINITIONS, ids=lambda text: re.findall(r"key: (\w+)", text)[0])
def test_a_definition_has_no_problems(text: str):
    graph = with_contracts(decode(read_document(text)))
    assert [str(problem) for problem in check(graph, None, secrets_named(graph))] == []


def test_every_step_type_that_comes_along_has_a_section_and_an_example():
    assert re.findall(r"^## (\w+\.\w+)$", PAGE, re.MULTILINE) == list(BUILT_IN)
    assert len(DEFINITIONS) == len(BUILT_IN)


@pytest.mark.parametrize("key", BUILT_IN)
def test_every_input_and_every_error_is_named(key: str):
    contract = catalog.resolve(key).contract
    names = [*contract.input["properties"], *(error.name for error in contract.errors)]
    assert [name for name in names if f"`{name}`" not in PAGE] == []
