from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from designer.catalog import Contract, Effect, ErrorSpec, Level, compatibility
from designer.graph import violations

TEXT, NUMBER, WHOLE = {"type": "string"}, {"type": "number"}, {"type": "integer"}


def shape(required: str = "", **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": required.split(),
        "additionalProperties": False,
    }


OLD = Contract(
    key="acme.send",
    version="1.0.0",
    input=shape("to", to=TEXT, size=WHOLE, mode={"enum": ["a", "b"]}),
    output=shape("id", id=TEXT, cost=NUMBER, mode={"enum": ["a", "b"]}),
    errors=(ErrorSpec("Busy", True),),
    idempotent=True,
)


def asking(changed: dict[str, Any]) -> dict[str, Any]:
    return shape("to", **OLD.input["properties"] | changed)


def giving(changed: dict[str, Any]) -> dict[str, Any]:
    return shape("id", **OLD.output["properties"] | changed)


@pytest.mark.parametrize(
    ("changes", "level", "sentence"),
    [
        ({}, Level.PATCH, ""),
        ({"title": "Send it", "owner": "else"}, Level.PATCH, ""),
        (
            {"input": shape("to", **OLD.input["properties"], more=TEXT)},
            Level.MINOR,
            "input.more is new and optional.",
        ),
        (
            {"input": shape("to more", **OLD.input["properties"], more=TEXT)},
            Level.MAJOR,
            "input.more is now required.",
        ),
        ({"input": shape("to size", **OLD.input["properties"])}, Level.MAJOR, "input.size is now required."),
        ({"input": shape("to", to=TEXT, size=WHOLE)}, Level.MAJOR, "input.mode is no longer accepted."),
        ({"input": asking({"size": NUMBER})}, Level.MINOR, "input.size accepts the same or more."),
        ({"input": asking({"to": WHOLE})}, Level.MAJOR, "input.to accepts other values than before."),
        ({"input": asking({"to": TEXT | {"maxLength": 3}})}, Level.MAJOR, "input.to accepts other values"),
        ({"input": asking({"mode": {"enum": ["a"]}})}, Level.MAJOR, "input.mode accepts other values"),
        (
            {"input": asking({"mode": {"enum": ["a", "b", "c"]}})},
            Level.MINOR,
            "input.mode accepts the same or more.",
        ),
        ({"output": shape("id", **OLD.output["properties"], more=TEXT)}, Level.MINOR, "output.more is new."),
        ({"output": shape("id", id=TEXT, cost=NUMBER)}, Level.MAJOR, "output.mode is no longer given."),
        (
            {"output": shape("", **OLD.output["properties"])},
            Level.MAJOR,
            "output.id is no longer always given.",
        ),
        ({"output": giving({"cost": WHOLE})}, Level.MINOR, "output.cost gives the same or more."),
        ({"output": giving({"cost": TEXT})}, Level.MAJOR, "output.cost gives other values than before."),
        ({"output": giving({"mode": {"enum": ["a", "c"]}})}, Level.MAJOR, "output.mode gives other values"),
        ({"idempotent": False}, Level.MAJOR, "It is no longer idempotent."),
        (
            {"effect": Effect.UNDOABLE, "undone_by": "acme.recall"},
            Level.MAJOR,
            "Its effect was none and is undoable by acme.recall.",
        ),
        ({"errors": ()}, Level.MINOR, "The error Busy no longer happens."),
        ({"errors": (*OLD.errors, ErrorSpec("Refused", False))}, Level.MINOR, "The error Refused is new."),
        ({"errors": (ErrorSpec("Busy", False),)}, Level.MAJOR, "The error Busy is no longer worth a retry."),
    ],
)
def test_a_change_has_a_level_and_a_sentence(changes, level, sentence):
    found, said = compatibility(OLD, replace(OLD, **changes))
    assert found is level
    assert sentence in " ".join(change.sentence for change in said)


def test_an_open_input_goes_on_taking_what_it_no_longer_names():
    opened = {"type": "object", "properties": {"to": TEXT}}
    assert compatibility(replace(OLD, input=opened), replace(OLD, input={"type": "object"})) == (
        Level.PATCH,
        (),
    )


leaves = st.sampled_from([TEXT, WHOLE, NUMBER, {"enum": ["a", 1]}, {"type": ["string", "null"]}, {}])
values: st.SearchStrategy[Any] = st.sampled_from(["a", "z", 1, 2, 1.5, None, True, []])
schemas = st.builds(
    lambda properties, required: shape(
        " ".join(name for name in properties if name in required), **properties
    ),
    st.dictionaries(st.sampled_from("abc"), leaves),
    st.sets(st.sampled_from("abc")),
)


@given(schemas, schemas, st.dictionaries(st.sampled_from("abc"), values))
def test_what_the_old_input_takes_a_compatible_new_one_takes(old, new, value):
    level, _ = compatibility(replace(OLD, input=old), replace(OLD, input=new))
    if level < Level.MAJOR and not violations(old, value):
        assert violations(new, value) == ()
