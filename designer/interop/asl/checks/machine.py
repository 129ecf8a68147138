"""A whole machine, and those in its branches and items: where each begins, where its states lead, how it ends."""

from collections.abc import Iterator, Mapping
from typing import Any

from designer.dataflow import Language
from designer.graph import described
from designer.interop.asl.fields import LONGEST_SECONDS, MACHINE, SUB_MACHINE, TYPES
from designer.interop.asl.problem import Code, Place

from .shapes import listing, one_of, required, text, whole_number
from .states import check_machine_fields, check_state

ENDS = ("Succeed", "Fail")


def check_machine(machine: Mapping[str, Any], place: Place, *, express: bool) -> None:
    """Note everything that is wrong with ``machine``."""
    check_machine_fields(machine, MACHINE, place)
    language = Language.JSONPATH
    written = machine.get("QueryLanguage", language)
    if one_of(written, Language, place.at("QueryLanguage")):
        language = Language(written)
    if "Comment" in machine:
        text(machine["Comment"], place.at("Comment"))
    if machine.get("Version", "1.0") != "1.0":
        place.at("Version").say(Code.WRONG_VALUE, "The version of the language is “1.0”.", stops=False)
    if "TimeoutSeconds" in machine:
        whole_number(machine["TimeoutSeconds"], (1, LONGEST_SECONDS), place.at("TimeoutSeconds"))
    _Checking(language, express, {}).check_scope(machine, place)


class _Checking:
    """One walk over a machine and what lies in it; names are unique throughout."""

    def __init__(self, language: Language, express: bool, named: dict[str, str]) -> None:
        self.language = language
        self.express = express
        self.named = named

    def check_scope(self, machine: Mapping[str, Any], place: Place) -> None:
        if not required(machine, ("StartAt", "States"), place):
            return
        states = machine["States"]
        if not isinstance(states, dict):
            place.at("States").say(
                Code.WRONG_TYPE, f"“States” is an object by name, not {described(states)}."
            )
            return
        if not states:
            place.at("States").say(Code.WRONG_VALUE, "There is no state.")
        sound: dict[str, Mapping[str, Any]] = {}
        for name, state in states.items():
            here = place.at("States", name)
            if not isinstance(state, dict):
                here.say(Code.WRONG_TYPE, f"A state is an object with a “Type”, not {described(state)}.")
                continue
            sound[name] = state
            self.check_name(name, here)
            check_state(name, state, self.language, here, express=self.express)
            self.check_language(state, machine, here)
            self.check_inside(state, here)
        if text(machine["StartAt"], place.at("StartAt")) and machine["StartAt"] not in states:
            place.at("StartAt").say(
                Code.UNKNOWN_TARGET, f"There is no state {described(machine['StartAt'])} here."
            )
        _check_ways(machine["StartAt"], sound, place)

    def check_language(self, state: Mapping[str, Any], machine: Mapping[str, Any], place: Place) -> None:
        """Of states within others validators say different things, so only those of the machine itself are judged."""
        if (
            machine.get("QueryLanguage") == Language.JSONATA
            and state.get("QueryLanguage") == Language.JSONPATH
        ):
            message = "A state cannot go back to JSONPath in a machine that is in JSONata."
            place.at("QueryLanguage").say(Code.WRONG_LANGUAGE, message, stops=False)

    def check_name(self, name: str, place: Place) -> None:
        if name in self.named:
            message = f"There is another state {described(name)}, at {self.named[name]}; names are unique throughout."
            place.say(Code.DUPLICATE_NAME, message, stops=False)
        self.named.setdefault(name, place.path)

    def check_inside(self, state: Mapping[str, Any], place: Place) -> None:
        """The machines that a Parallel or a Map holds."""
        if state.get("Type") == "Parallel" and "Branches" in state:
            branches = listing(state["Branches"], place.at("Branches"), "branches")
            for index, branch in enumerate(branches):
                self.check_part(branch, place.at("Branches", index))
        if state.get("Type") == "Map":
            for name in ("ItemProcessor", "Iterator"):
                if name in state:
                    self.check_part(state[name], place.at(name))

    def check_part(self, part: Any, place: Place) -> None:
        if not isinstance(part, dict):
            place.say(
                Code.WRONG_TYPE, f"This is an object with “StartAt” and “States”, not {described(part)}."
            )
            return
        check_machine_fields(part, SUB_MACHINE, place)
        self.check_scope(part, place)


def _check_ways(start: Any, states: Mapping[str, Mapping[str, Any]], place: Place) -> None:
    ways = {name: list(ways_out(state)) for name, state in states.items()}
    for name, found in ways.items():
        for field, target in found:
            if target not in states:
                message = f"There is no state {described(target)} here. A state leads to one beside it."
                place.at("States", name, field).say(Code.UNKNOWN_TARGET, message)
    reached = _reached(start, ways)
    for name in states:
        if isinstance(start, str) and start in states and name not in reached:
            place.at("States", name).say(Code.UNREACHABLE, "No way leads to this state.", stops=False)
    if states and not any(_ends(state) for state in states.values()):
        place.at("States").say(Code.NO_END, "No state ends the machine: one needs “End”: true.", stops=False)


def ways_out(state: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Where a state leads, each with the field that says so."""
    kind = state.get("Type")
    if (
        isinstance(kind, str)
        and kind in TYPES
        and TYPES[kind].leads_on
        and isinstance(state.get("Next"), str)
    ):
        yield "Next", state["Next"]
    if kind == "Choice" and isinstance(state.get("Default"), str):
        yield "Default", state["Default"]
    for field in ("Choices", "Catch"):
        entries = state.get(field)
        for index, entry in enumerate(entries if isinstance(entries, list) else ()):
            if isinstance(entry, dict) and isinstance(entry.get("Next"), str):
                yield f"{field}[{index}]", entry["Next"]


def _ends(state: Mapping[str, Any]) -> bool:
    return state.get("Type") in ENDS or state.get("End") is True


def _reached(start: Any, ways: Mapping[str, list[tuple[str, str]]]) -> set[str]:
    waiting = [start] if isinstance(start, str) and start in ways else []
    found = set(waiting)
    while waiting:
        for _, target in ways[waiting.pop()]:
            if target in ways and target not in found:
                found.add(target)
                waiting.append(target)
    return found
