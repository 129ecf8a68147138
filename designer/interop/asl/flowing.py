"""Which of a state's fields are about its data: they stay as they were written."""

from collections.abc import Mapping
from typing import Any

from designer.dataflow import DataFlow, Flaw, Language, flaws

from .fields import LEADING, MENDING, TELLING

# What a step of ours says in its own words, or holds in other steps.
STRUCTURAL = TELLING | LEADING | MENDING | {
    "Resource", "Choices", "Default", "Branches", "Iterator", "ItemProcessor", "ItemReader",
}  # fmt: skip
# Not about data: nobody reads them here, and they are written back as they came.
KEPT = frozenset({"Credentials", "ResultWriter", "Label", "ProcessorConfig", "ItemReader"})
CATCHER = frozenset({"ResultPath", "Assign", "Output", "Comment"})
OPTION = frozenset({"Assign", "Output", "Comment"})


def language_of(state: Mapping[str, Any], machine: Language) -> Language:
    return Language(state["QueryLanguage"]) if "QueryLanguage" in state else machine


def data_fields(state: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that say what becomes of the data, word for word."""
    fields = {name: value for name, value in state.items() if name not in STRUCTURAL}
    if catchers := parts_of(state.get("Catch"), CATCHER):
        fields["Catch"] = catchers
    if options := parts_of(state.get("Choices"), OPTION):
        fields["Choices"] = options
    return fields


def parts_of(written: Any, names: frozenset[str]) -> list[dict[str, Any]]:
    """Of each of a list of objects, the named fields; nothing where none of them has any."""
    found = [
        {name: value for name, value in one.items() if name in names} if isinstance(one, dict) else {}
        for one in (written if isinstance(written, list) else [])
    ]
    return found if any(found) else []


def path_flaws(path: str) -> tuple[Flaw, ...]:
    """What is wrong with a path that stands alone, such as the variable of a rule."""
    return flaws(DataFlow(language=Language.JSONPATH, fields={"InputPath": path}), "Pass")


def condition_flaws(text: str) -> tuple[Flaw, ...]:
    """What is wrong with a condition in JSONata."""
    return flaws(DataFlow(language=Language.JSONATA, fields={"Output": text}), "Pass")
