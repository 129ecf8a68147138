"""One state: its fields, each of the kind it should be."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from designer.dataflow import DataFlow, Flaw, Language, flaws
from designer.graph import described
from designer.interop.asl.fields import EITHER, LONGEST_NAME, MACHINE, NUMBERS, TYPES, WAITS
from designer.interop.asl.flowing import KEPT, data_fields
from designer.interop.asl.problem import Code, Place
from designer.interop.asl.resources import Pattern, read_resource, resource_flaw

from .mending import check_mending
from .rules import check_choices, is_timestamp
from .shapes import is_expression, is_number, one_of, required, text, whole_number
from .templates import DYNAMIC, check_templates

FORBIDDEN_IN_LABELS = frozenset('?*<>{}[]:;,\\|^~$#%&`"')
LONGEST_LABEL = 40
LONGEST_ERROR = 10_000


def check_state(
    name: str, state: Mapping[str, Any], machine: Language, place: Place, *, express: bool
) -> None:
    if not name or len(name) > LONGEST_NAME:
        message = f"A state’s name has 1 to {LONGEST_NAME} characters; this one has {len(name)}."
        place.say(Code.WRONG_VALUE, message, stops=not name)
    kind = state.get("Type")
    if not required(state, ("Type",), place) or not one_of(kind, TYPES, place.at("Type")):
        return
    assert isinstance(kind, str)
    language = _language(state, machine, place)
    if language is None:
        return
    _check_names(state, kind, language, place)
    _check_leads_on(state, kind, place)
    _check_either(state, kind, place)
    _check_values(state, language, place)
    if kind in _CHECKS:
        _CHECKS[kind](state, language, place)
    if kind == "Task":
        _check_resource(state.get("Resource"), place.at("Resource"), express=express)
    if kind in ("Task", "Parallel", "Map"):
        check_mending(state, language, place)
    check_templates(state, language, place)
    _check_flow(state, kind, language, place)


def _language(state: Mapping[str, Any], machine: Language, place: Place) -> Language | None:
    written = state.get("QueryLanguage", machine.value)
    if not one_of(written, Language, place.at("QueryLanguage")):
        return None
    return Language(written)


def _check_names(state: Mapping[str, Any], kind: str, language: Language, place: Place) -> None:
    fields = TYPES[kind]
    required(state, fields.required, place)
    for name in state.keys() - fields.of(language):
        if name in fields.of_other(language):
            other = next(one for one in Language if one is not language)
            place.at(name).say(
                Code.WRONG_LANGUAGE,
                f"“{name}” belongs to {other.value}, and this state is in {language.value}.",
            )
        else:
            place.at(name).say(Code.UNKNOWN_FIELD, f"A {kind} has no field “{name}”.", stops=False)


def _check_leads_on(state: Mapping[str, Any], kind: str, place: Place) -> None:
    if "Comment" in state:
        text(state["Comment"], place.at("Comment"))
    if not TYPES[kind].leads_on:
        for name in state.keys() & {"Next", "End"}:
            place.at(name).say(Code.CONFLICT, f"A {kind} has no “{name}”.")
        return
    end = state.get("End", False)
    if not isinstance(end, bool):
        place.at("End").say(Code.WRONG_TYPE, f"“End” is true or false, not {described(end)}.")
    elif "Next" in state and end:
        place.say(Code.CONFLICT, "A state leads on (“Next”) or ends (“End”), not both.")
    elif "Next" not in state and not end:
        place.say(Code.MISSING_FIELD, "A state needs a “Next”, or “End”: true.")
    if "Next" in state:
        text(state["Next"], place.at("Next"), least=1)


def _check_either(state: Mapping[str, Any], kind: str, place: Place) -> None:
    for one, other in EITHER.get(kind, ()):
        if one in state and other in state:
            place.say(Code.CONFLICT, f"“{one}” and “{other}” say the same thing; one of them may stand.")


def _check_values(state: Mapping[str, Any], language: Language, place: Place) -> None:
    for name in NUMBERS.keys() & state.keys():
        value = state[name]
        if language is Language.JSONATA and is_expression(value):
            continue
        if name == "ToleratedFailurePercentage" and is_number(value):
            if not 0 <= value <= 100:
                place.at(name).say(
                    Code.WRONG_VALUE, f"A percentage is from 0 to 100, not {described(value)}."
                )
        else:
            whole_number(value, NUMBERS[name], place.at(name))
    timeout, heartbeat = state.get("TimeoutSeconds"), state.get("HeartbeatSeconds")
    if isinstance(timeout, int) and isinstance(heartbeat, int) and heartbeat >= timeout:
        message = "The heartbeat is shorter than the timeout, or it is never missed."
        place.at("HeartbeatSeconds").say(Code.WRONG_VALUE, message, stops=False)


def _check_flow(state: Mapping[str, Any], kind: str, language: Language, place: Place) -> None:
    known = TYPES[kind].of(language) | {"Catch", "Choices"}
    fields = {name: value for name, value in data_fields(state).items() if name in known - KEPT}
    for flaw in flaws(DataFlow(language=language, fields=fields), kind):
        # What CloudFormation fills in may make a path of it.
        _at_flaw(place, flaw).say(Code.BAD_EXPRESSION, flaw.message, stops="${" not in flaw.message)


def _at_flaw(place: Place, flaw: Flaw) -> Place:
    path, dynamic = flaw.path.removesuffix(DYNAMIC), flaw.path.endswith(DYNAMIC)
    *outer, last = path.split(".")
    return place.at(*outer, f"{last}{DYNAMIC}" if dynamic else last)


# --- by type -----------------------------------------------------------------------------------------------


def _check_wait(state: Mapping[str, Any], language: Language, place: Place) -> None:
    given = [name for name in WAITS if name in state]
    if len(given) != 1:
        place.say(Code.CONFLICT, f"A Wait has one of {', '.join(WAITS)}; this one has {len(given)} of them.")
    timestamp = state.get("Timestamp")
    if "Timestamp" not in state or (language is Language.JSONATA and is_expression(timestamp)):
        return
    if not is_timestamp(timestamp):
        message = f"This is a moment such as 2030-01-31T08:00:00Z, not {described(timestamp)}."
        place.at("Timestamp").say(Code.WRONG_VALUE, message)


def _check_choice(state: Mapping[str, Any], language: Language, place: Place) -> None:
    if "Choices" in state:
        check_choices(state["Choices"], language, place.at("Choices"))
    if "Default" in state:
        text(state["Default"], place.at("Default"), least=1)


def _check_fail(state: Mapping[str, Any], language: Language, place: Place) -> None:
    for name in ("Error", "Cause"):
        if name in state and text(state[name], place.at(name)) and len(state[name]) > LONGEST_ERROR:
            place.at(name).say(Code.TOO_LARGE, f"This text has more than {LONGEST_ERROR} characters.")


def _check_call(state: Mapping[str, Any], language: Language, place: Place) -> None:
    if "Credentials" not in state:
        return
    written, here = state["Credentials"], place.at("Credentials")
    if not isinstance(written, dict):
        here.say(
            Code.WRONG_TYPE,
            f"Credentials are an object with a “RoleArn”, not {described(written)}.",
            stops=False,
        )
        return
    resource = read_resource(str(state.get("Resource", "")))
    if resource.service and not {"RoleArn", "RoleArn.$"} & written.keys():
        here.say(Code.MISSING_FIELD, "“RoleArn” is needed here and missing.", stops=False)
    if language is Language.JSONPATH:
        for flaw in flaws(DataFlow(language=language, fields={"Parameters": written}), "Pass"):
            _at_flaw(here, replace(flaw, path=flaw.path.removeprefix("Parameters."))).say(
                Code.BAD_EXPRESSION, flaw.message, stops=False
            )


def _check_map(state: Mapping[str, Any], language: Language, place: Place) -> None:
    if "Iterator" not in state and "ItemProcessor" not in state:
        place.say(
            Code.MISSING_FIELD, "“ItemProcessor” is needed here and missing: what is done for each item."
        )
    if "Label" in state:
        _check_label(state["Label"], place.at("Label"))
    for name, inner in (("ItemReader", "ReaderConfig"), ("ItemBatcher", "")):
        held = state.get(name)
        part = held.get(inner) if inner and isinstance(held, dict) else held
        if name in state and not isinstance(held, dict):
            place.at(name).say(Code.WRONG_TYPE, f"This is an object, not {described(held)}.")
        settings = part if isinstance(part, dict) else {}
        for setting in settings:
            if f"{setting}Path" in settings:
                place.at(name).say(Code.CONFLICT, f"“{setting}” and “{setting}Path” say the same thing.")
    if isinstance(state.get("ItemReader"), dict):
        required(state["ItemReader"], ("Resource",), place.at("ItemReader"))


def _check_label(label: Any, place: Place) -> None:
    """A label only names runs at AWS; no import stops for it."""
    bad = (
        {sign for sign in label if sign in FORBIDDEN_IN_LABELS or not sign.isprintable() or sign.isspace()}
        if (isinstance(label, str))
        else set()
    )
    if not isinstance(label, str) or not label or len(label) > LONGEST_LABEL:
        place.say(Code.WRONG_VALUE, f"A label is a text of 1 to {LONGEST_LABEL} characters.", stops=False)
    elif bad:
        shown = " ".join(sorted(repr(sign)[1:-1] for sign in bad))
        place.say(Code.WRONG_VALUE, f"A label cannot hold {shown}.", stops=False)


_CHECKS = {
    "Task": _check_call,
    "Wait": _check_wait,
    "Choice": _check_choice,
    "Fail": _check_fail,
    "Map": _check_map,
}


def _check_resource(written: Any, place: Place, *, express: bool) -> None:
    if isinstance(written, dict) and len(written) == 1:
        return  # CloudFormation fills it in
    if not isinstance(written, str):
        if written is not None:
            place.say(Code.WRONG_TYPE, f"A resource is text, not {described(written)}.")
        return
    if flaw := resource_flaw(written):
        place.say(Code.BAD_RESOURCE, flaw, stops=False)
    if express and read_resource(written).pattern is not Pattern.ANSWER:
        message = "An express machine cannot wait: it has no .sync, no .waitForTaskToken and no activities."
        place.say(Code.NOT_IN_EXPRESS, message, stops=False)


def check_machine_fields(machine: Mapping[str, Any], known: frozenset[str], place: Place) -> None:
    for name in machine.keys() - known:
        where = "A state machine" if known is MACHINE else "A part of a state machine"
        place.at(name).say(Code.UNKNOWN_FIELD, f"{where} has no field “{name}”.", stops=False)
