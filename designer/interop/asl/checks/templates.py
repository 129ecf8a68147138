"""How values are written that are worked out: names of payload templates, brackets of JSONata, places for results."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from designer.dataflow import Language
from designer.graph import described
from designer.interop.asl.problem import Code, Place

DYNAMIC = ".$"
TEMPLATES = ("Parameters", "ResultSelector", "Assign", "ItemSelector", "ItemBatcher", "Credentials")
# What of a JSONata state is no template of values.
ASIDE = frozenset({"Comment", "Type", "QueryLanguage", "Next", "Resource", "Branches", "Iterator", "ItemProcessor",
                   "Retry", "Choices", "Label", "Default"})  # fmt: skip
_PLACE = re.compile(r"""\$(?:\.[^\s.\[\]()'"$@,*?]+|\[\d+\]|\['[^']+'\]|\["[^"]+"\])*""")
_SPACED = re.compile(r"\{% \S(?:.*\S)? +%\}", re.DOTALL)
_ESCAPED, _HIDDEN = re.compile(r"\\(.)", re.DOTALL), "'{}\\"
_OF_NUMBERS = re.compile(r"States\.(MathAdd|MathRandom|ArrayRange)\(([^()]*)\)")


def check_templates(state: Mapping[str, Any], language: Language, place: Place) -> None:
    if language is Language.JSONPATH:
        for name in TEMPLATES:
            _check_names(state.get(name), place.at(name), stops=name != "Credentials")
        for holder, at in _with_result_path(state, place):
            _check_place(holder["ResultPath"], at.at("ResultPath"))
    else:
        for name in state.keys() - ASIDE:
            _check_brackets(state[name], place.at(name))


def _with_result_path(state: Mapping[str, Any], place: Place) -> Iterator[tuple[Mapping[str, Any], Place]]:
    if "ResultPath" in state:
        yield state, place
    catchers = state.get("Catch")
    for index, catcher in enumerate(catchers if isinstance(catchers, list) else ()):
        if isinstance(catcher, dict) and "ResultPath" in catcher:
            yield catcher, place.at("Catch", index)


def _check_place(path: Any, place: Place) -> None:
    if path is not None and not (isinstance(path, str) and _PLACE.fullmatch(path)):
        place.say(
            Code.BAD_EXPRESSION,
            f"This is one place of the input, such as $.total, or null; not {described(path)}.",
        )


def _check_names(template: Any, place: Place, *, stops: bool) -> None:
    match template:
        case dict():
            for name, value in template.items():
                here = place.at(name)
                if not name.endswith(DYNAMIC):
                    _check_names(value, here, stops=stops)
                    continue
                if name.removesuffix(DYNAMIC) in template:
                    message = f"“{name}” and “{name.removesuffix(DYNAMIC)}” give the same name a value."
                    here.say(Code.CONFLICT, message, stops=stops)
                _check_call(value, here, stops=stops)
        case list():
            for index, value in enumerate(template):
                _check_names(value, place.at(index), stops=stops)


def _check_call(call: Any, place: Place, *, stops: bool) -> None:
    if not isinstance(call, str) or not call.startswith("States."):
        return
    for found in _OF_NUMBERS.finditer(call):
        if "'" in found[2]:
            place.say(
                Code.BAD_EXPRESSION, f"States.{found[1]} takes numbers and paths, not texts.", stops=stops
            )
    if any(sign not in _HIDDEN for sign in _ESCAPED.findall(call)):
        place.say(
            Code.BAD_EXPRESSION, "In a call a backslash stands before ', {, } and itself alone.", stops=stops
        )


def _check_brackets(template: Any, place: Place) -> None:
    """An expression that is not closed leaves a doubt; one without blanks does not, though validators ask for them."""
    match template:
        case dict():
            for name, value in template.items():
                _check_brackets(value, place.at(name))
        case list():
            for index, value in enumerate(template):
                _check_brackets(value, place.at(index))
        case str() if template.startswith("{%") != template.endswith("%}"):
            message = "JSONata stands between “{% ” and “ %}”, and nothing else stands beside it."
            place.say(Code.BAD_EXPRESSION, message, stops=template.startswith("{%"))
        case str() if template.startswith("{%") and not _SPACED.fullmatch(template):
            message = "Validators want one blank behind “{%”, and blanks before “%}”."
            place.say(Code.BAD_EXPRESSION, message, stops=False)
