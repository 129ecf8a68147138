"""Data flows in documents: the query language, and beside it ASL's fields as they were written."""

from collections.abc import Mapping
from typing import Any

from designer.dataflow import DataFlow, Language

from .flaws import Place, described
from .shapes import NOTHING, Shape, word

LANGUAGE = "language"  # ASL's own fields begin with a capital letter


def dataflow() -> Shape:
    """A flow is kept word for word, nulls included; what it says is judged by `checks`."""
    language = word(Language)

    def read(data: Any, place: Place) -> Any:
        if not isinstance(data, Mapping):
            place.flaw(f"A flow must be an object with a “{LANGUAGE}”, not {described(data)}.")
            return NOTHING
        spoken = language.read(data.get(LANGUAGE, Language.JSONPATH), place.at(LANGUAGE))
        if spoken is NOTHING:
            return NOTHING
        return DataFlow(language=spoken, fields={name: data[name] for name in data if name != LANGUAGE})

    def write(flow: DataFlow) -> dict[str, Any]:
        return {LANGUAGE: flow.language.value, **flow.fields}

    described_fields = {
        "type": "object",
        "properties": {LANGUAGE: language.schema},
        "propertyNames": {"pattern": f"^({LANGUAGE}|[A-Z].*)$"},
    }
    return Shape(read, described_fields, write)
