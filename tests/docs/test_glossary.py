"""Every word of the glossary that names a class names one that exists."""

import re
from pathlib import Path

import pytest
from django.utils.module_loading import import_string

GLOSSARY = Path(__file__).parents[2] / "docs" / "glossary.md"
ROW = re.compile(r"^\| \*\*(\w+)\*\* \|.*\|([^|]*)\|$", re.MULTILINE)
# The words of the design that the code is written in.
DECIDED = {
    *(
        "Workflow",
        "Draft",
        "Version",
        "Graph",
        "Step",
        "StepType",
        "Contract",
        "Run",
        "StepRun",
        "Attempt",
        "Event",
    ),
    *("Journal", "Command", "Timer", "Signal", "Review", "DeadLetter", "Compensation", "Status", "Reason"),
}
WORDS = dict(ROW.findall(GLOSSARY.read_text(encoding="utf-8")))


def test_the_glossary_has_every_word_that_was_decided_on():
    assert WORDS.keys() >= DECIDED


@pytest.mark.parametrize("word", [word for word, place in WORDS.items() if place.strip()])
def test_what_a_word_names_is_a_class(word: str):
    assert isinstance(import_string(WORDS[word].strip(" `")), type)
