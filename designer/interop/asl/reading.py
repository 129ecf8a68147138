"""A machine of the Amazon States Language as a graph, with a report of what became of its parts."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from designer.dataflow import Language
from designer.graph import (
    ROOT,
    AnyStep,
    DocumentError,
    Graph,
    Map,
    OnFailure,
    Parallel,
    decode,
    encode,
    spoken,
    suggest_key,
    words_of,
)

from .checks import check_machine
from .flowing import language_of
from .incoming import LONGEST_NOTES, LONGEST_TITLE, READERS, State, read_items_step, with_read_items
from .mending import seconds
from .plain import read_machine
from .problem import BadAsl, Code, Place, Problem
from .report import Imported, Line, Report, Treatment

MOST_VISITS = 25_000  # AWS ends a run after as many entries in its history


def read_asl(document: Any, *, key: str, title: str = "") -> Imported:
    """The graph that a state machine, as JSON, YAML or a value, describes.

    Raises BadAsl with everything that is wrong with it. An unknown resource is never wrong: it becomes a step that
    nothing is bound to yet.
    """
    machine = read_machine(document)
    place = Place()
    check_machine(machine, place, express=False)
    problems = tuple(place.found)
    if any(problem.stops for problem in problems):
        raise BadAsl(problems)
    graph, lines = _Reading(machine).whole(key, title)
    try:
        decode(encode(graph))
    except DocumentError as error:
        refused = (Problem(Code.TOO_LARGE, flaw.path, flaw.message) for flaw in error.problems)
        raise BadAsl((*problems, *refused)) from None
    return Imported(graph, Report(tuple(lines)), problems)


class _Reading:
    """One walk over a sound machine."""

    def __init__(self, machine: Mapping[str, Any]) -> None:
        self.machine = machine
        self.language = Language(machine.get("QueryLanguage", Language.JSONPATH))
        self.steps: dict[str, AnyStep] = {}
        self.taken: set[str] = set()
        self.lines: list[Line] = []

    def whole(self, key: str, title: str) -> tuple[Graph, list[Line]]:
        start = self.scope(self.machine, ROOT)
        comment = self.machine.get("Comment", "")
        graph = Graph(
            key=key,
            title=(title or spoken(key))[:LONGEST_TITLE],
            notes=comment[:LONGEST_NOTES],
            start=start,
            on_failure=OnFailure.KEEP,  # the language knows no undoing but the ways that a machine draws itself
            visit_limit=MOST_VISITS,
            steps=self.steps,
        )
        if "TimeoutSeconds" in self.machine:
            sentence = "A run that takes longer fails with States.Timeout."
            self.lines.insert(0, Line(Treatment.CARRIED, "", "TimeoutSeconds", sentence))
            graph = replace(graph, deadline=seconds(self.machine["TimeoutSeconds"]))
        return graph, self.lines

    def scope(self, machine: Mapping[str, Any], scope: str) -> str:
        """Read the states of a machine, and what lies in them. Gives the key of the first step."""
        states: Mapping[str, Mapping[str, Any]] = machine["States"]
        keys = {name: self.free_key(name) for name in states}
        readers = {
            name: self.free_key(f"{keys[name]}_items") for name in states if "ItemReader" in states[name]
        }
        entered = {**keys, **readers}
        for name, written in states.items():
            language = language_of(written, self.language)
            state = State(name, keys[name], scope, written, language, entered, self.lines)
            if name in readers:
                self.steps[readers[name]] = read_items_step(state, readers[name], keys[name])
                with_read_items(state, readers[name])
            self.add(state)
        return entered[machine["StartAt"]]

    def add(self, state: State) -> None:
        step = READERS[state.kind](state)
        self.lines.append(
            Line(Treatment.CARRIED, state.name, "", f"Became the {step.kind} step “{step.key}”.")
        )
        self.steps[step.key] = step
        match step:
            case Parallel():
                for branch, part in zip(step.branches, state.written["Branches"], strict=True):
                    start = self.scope(part, step.scope_of(branch.name))
                    step = step.beginning(branch.name, start)
            case Map():
                part = state.written.get("ItemProcessor", state.written.get("Iterator"))
                step = step.beginning(Map.BODY, self.scope(part, step.scope_of(Map.BODY)))
        self.steps[step.key] = step

    def free_key(self, name: str) -> str:
        key = suggest_key(words_of(name), self.taken)
        self.taken.add(key)
        return key
