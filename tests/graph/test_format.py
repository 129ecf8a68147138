"""The published format: its JSON Schema and its page agree with the codec."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from designer.graph import (
    FORMAT_SCHEMA,
    DocumentError,
    Graph,
    check_schema,
    decode,
    encode,
    read_document,
    schema_text,
    violations,
    write_yaml,
)

from .strategies import fewer, flawed_graphs, graphs

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/definition.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
DEMOS = sorted((ROOT / "choreo_site/demo/definitions").glob("*.yaml"))


def wrong(document: Any) -> str:
    return " ".join(f"{one.path} {one.message}" for one in violations(FORMAT_SCHEMA, document))


def test_the_committed_schema_is_the_codecs() -> None:
    assert (ROOT / "docs/definition.schema.json").read_text(encoding="utf-8") == schema_text()


def test_the_schema_is_one() -> None:
    assert not check_schema(json.loads(schema_text()))


@fewer
@given(graphs() | flawed_graphs())
def test_every_document_that_is_written_satisfies_the_schema(graph: Graph) -> None:
    assert not wrong(encode(graph))


@pytest.mark.parametrize("text", EXAMPLES, ids=lambda text: re.findall(r"key: (\w+)", text)[0])
def test_the_examples_of_the_page_are_definitions(text: str) -> None:
    document = read_document(text)
    graph = decode(document)
    assert not wrong(document)
    assert graph.start in graph.steps
    assert decode(read_document(write_yaml(encode(graph)))) == graph


def test_the_page_shows_every_field() -> None:
    shown = set(re.findall(r"\w+", PAGE))
    named = {
        name
        for schema in [FORMAT_SCHEMA, *FORMAT_SCHEMA["$defs"].values()]
        for name in schema.get("properties", {})
        if schema is not FORMAT_SCHEMA["$defs"]["contract"]
    }
    assert named - shown == set()


@pytest.mark.parametrize("path", DEMOS, ids=lambda path: path.stem)
def test_the_demonstrations_are_definitions(path: Path) -> None:
    document = read_document(path.read_text(encoding="utf-8"))
    assert not wrong(document)
    assert decode(encode(decode(document))) == decode(document)


@pytest.mark.parametrize(
    "document",
    [
        {"key": "demo"},
        {"choreo": 2, "key": "demo"},
        {"choreo": 1},
        {"choreo": 1, "key": "Demo"},
        {"choreo": 1, "key": "demo", "stps": {}},
        {"choreo": 1, "key": "demo", "steps": {"A": {"kind": "set"}}},
        {"choreo": 1, "key": "demo", "steps": {"a": {}}},
        {"choreo": 1, "key": "demo", "steps": {"a": {"kind": "job"}}},
        {"choreo": 1, "key": "demo", "steps": {"a": {"kind": "choice", "next": "b"}}},
        {"choreo": 1, "key": "demo", "steps": {"a": {"kind": "action", "retry": {"attempts": 0}}}},
        {
            "choreo": 1,
            "key": "demo",
            "steps": {"a": {"kind": "parallel", "branches": {"b": {"steps": {"c": {}}}}}},
        },
    ],
)
def test_what_the_codec_refuses_the_schema_refuses(document: Any) -> None:
    assert wrong(document)
    with pytest.raises(DocumentError):
        decode(document)
