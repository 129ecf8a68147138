"""One state as one step: what both have in their own words is taken over, what is about data stays as it is written."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from designer.dataflow import DataFlow, Language, said
from designer.graph import (
    Action,
    AnyStep,
    Branch,
    Choice,
    Fail,
    Map,
    Option,
    Parallel,
    SetVariables,
    Succeed,
    Wait,
)

from .fields import TYPES
from .flowing import KEPT, OPTION, data_fields
from .mending import MOST_TRIES, read_catch, read_retry
from .report import Line, Treatment
from .resources import read_resource, resource_text
from .suggesting import advice

_PATH = re.compile(r"\$(?:\$|\w+)?(?:\.[\w-]+|\[[\w*'\"-]+\])*\.(?P<last>[A-Za-z_][\w-]*)(?![\w(\[.])")
LONGEST_TITLE, LONGEST_NOTES, LONGEST_WAIT = 200, 10_000, 366 * 24 * 3600
MOST_AT_A_TIME = 1_000  # items of a map


@dataclass(slots=True)
class State:
    """A state on its way in."""

    name: str
    key: str
    scope: str
    written: Mapping[str, Any]
    language: Language
    keys: Mapping[str, str]  # by name: the step that a way to this state leads to
    lines: list[Line]
    data: dict[str, Any] = field(default_factory=dict)  # what stays as it is written

    def __post_init__(self) -> None:
        known = TYPES[self.kind].of(self.language) | {"Catch", "Choices"}
        self.data = {name: value for name, value in data_fields(self.written).items() if name in known}
        for name in sorted(self.written.keys() - known - {"Retry"}):
            self.say(Treatment.IGNORED, name, f"A {self.kind} has no field “{name}”; nobody would read it.")

    @property
    def kind(self) -> str:
        return str(self.written["Type"])

    def say(self, treatment: Treatment, name: str, sentence: str) -> None:
        self.lines.append(Line(treatment, self.name, name, sentence))

    def take(self, name: str) -> Any:
        """A field that a step of ours says itself."""
        self.say(Treatment.CARRIED, name, "Means the same here.")
        return self.data.pop(name)

    def takes_whole(self, name: str, most: int) -> bool:
        value = self.data.get(name)
        return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most

    def shared(self) -> dict[str, Any]:
        """What all kinds of step have."""
        written = self.written
        told = {"key": self.key, "scope": self.scope, "title": self.name[:LONGEST_TITLE]}
        if written.get("Comment"):
            told["notes"] = written["Comment"][:LONGEST_NOTES]
        if TYPES[self.kind].leads_on and "Next" in written:
            told["next"] = self.keys[written["Next"]]
        return {**told, **self._mended(), "flow": self._flow()}

    def _mended(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if self.written.get("Retry"):
            found["retry"] = read_retry(self.written["Retry"])
            self.say(Treatment.CARRIED, "Retry", _said_of_retry(self.written["Retry"]))
        if self.written.get("Catch"):
            found["catch"] = read_catch(self.written["Catch"], self.keys)
            self.say(Treatment.CARRIED, "Catch", "The first fallback whose errors match leads on.")
        return found

    def _flow(self) -> DataFlow:
        for name in self.data.keys() - {"Catch", "Choices"}:
            if name in KEPT:
                self.say(Treatment.IGNORED, name, _IGNORED[name])
            else:
                self.say(Treatment.CARRIED, name, f"Kept as it is written, in {self.language.value}.")
        return DataFlow(language=self.language, fields=self.data)


_IGNORED = {
    "Credentials": "Roles of AWS mean nothing here: what a step may do is settled by what it is bound to.",
    "ResultWriter": "The results stay in the run: the step hands on their list, not where it was written to.",
    "Label": "A label names the runs of items at AWS; here they are part of the run.",
    "ProcessorConfig": "Items are worked on within the run, in either mode.",
    "ItemReader": "What it reads is read by the step before this one.",
}


def _said_of_retry(written: list[Mapping[str, Any]]) -> str:
    if any(entry.get("MaxAttempts", 0) >= MOST_TRIES for entry in written):
        return f"Tried again as before, but at most {MOST_TRIES - 1} times."
    if any(entry.get("JitterStrategy") == "FULL" for entry in written):
        return "Tried again as before; chance shortens a wait by up to a half, not down to nothing."
    return "Tried again after the same errors, as often and after the same waits."


# --- by type -----------------------------------------------------------------------------------------------


def read_action(state: State) -> Action:
    timeout = None
    if state.takes_whole("TimeoutSeconds", LONGEST_WAIT):
        timeout = timedelta(seconds=state.take("TimeoutSeconds"))
    resource = resource_text(state.written["Resource"])
    state.say(Treatment.UNBOUND, "Resource", advice(read_resource(resource)))
    return Action(**state.shared(), resource=resource, timeout=timeout)


def read_pass(state: State) -> SetVariables:
    return SetVariables(**state.shared())


def read_wait(state: State) -> Wait:
    duration = until = ""
    if state.takes_whole("Seconds", LONGEST_WAIT):
        duration = f"{state.take('Seconds')}s"
    timestamp = state.data.get("Timestamp")
    if isinstance(timestamp, str) and not timestamp.startswith("{%"):
        until = state.take("Timestamp")
    return Wait(**state.shared(), duration=duration, until=until)


def read_choice(state: State) -> Choice:
    options = tuple(_option(written, state) for written in state.written["Choices"])
    state.say(Treatment.CARRIED, "Choices", "The first rule that holds leads on, as it is written.")
    otherwise = state.keys[state.written["Default"]] if "Default" in state.written else None
    return Choice(**state.shared(), options=options, otherwise=otherwise)


def _option(written: Mapping[str, Any], state: State) -> Option:
    when = rule_text(written)
    return Option(when=when, next=state.keys[written["Next"]], label=label_of(when))


def label_of(when: str) -> str:
    """A condition in the few words that a line of a drawing has room for: of a path, its last name."""
    return _PATH.sub(lambda path: path["last"], said(when))[:LONGEST_TITLE]


def rule_text(written: Mapping[str, Any]) -> str:
    """A rule as the condition of an option: JSONata as it is, a rule of JSONPath as the text of its JSON."""
    if "Condition" in written:
        condition = written["Condition"]
        return condition if isinstance(condition, str) else f"{{% {json.dumps(condition)} %}}"
    rule = {name: value for name, value in written.items() if name not in OPTION | {"Next"}}
    return json.dumps(rule, ensure_ascii=False)


def read_parallel(state: State) -> Parallel:
    count = len(state.written["Branches"])
    state.say(Treatment.CARRIED, "Branches", f"{count} branches, side by side; all must end well.")
    branches = tuple(Branch(f"branch_{number}") for number in range(1, count + 1))
    return Parallel(**state.shared(), branches=branches)


def read_map(state: State) -> Map:
    at_a_time = MOST_AT_A_TIME
    if state.takes_whole("MaxConcurrency", 2**31):
        at_a_time = min(state.take("MaxConcurrency") or MOST_AT_A_TIME, MOST_AT_A_TIME)
    processor = state.written.get("ItemProcessor", state.written.get("Iterator"))
    assert processor is not None
    if "ProcessorConfig" in processor:
        state.data["ProcessorConfig"] = processor["ProcessorConfig"]
    return Map(**state.shared(), max_concurrency=at_a_time)


def read_succeed(state: State) -> Succeed:
    return Succeed(**state.shared())


def read_fail(state: State) -> Fail:
    error = message = ""
    if _is_literal(state.data.get("Error"), LONGEST_TITLE):
        error = state.take("Error")
    if _is_literal(state.data.get("Cause"), LONGEST_NOTES):
        message = state.take("Cause")
    return Fail(**state.shared(), error=error, message=message)


def _is_literal(value: Any, most: int) -> bool:
    return isinstance(value, str) and 0 < len(value) <= most and not value.startswith("{%")


READERS: Mapping[str, Callable[[State], AnyStep]] = {
    "Task": read_action,
    "Pass": read_pass,
    "Wait": read_wait,
    "Choice": read_choice,
    "Parallel": read_parallel,
    "Map": read_map,
    "Succeed": read_succeed,
    "Fail": read_fail,
}


def read_items_step(state: State, key: str, after: str) -> Action:
    """What a Map reads its items with, as a step of its own that leads to it. It leaves its list in a variable."""
    reader = state.written["ItemReader"]
    resource = resource_text(reader["Resource"])
    sentence = f"{advice(read_resource(resource))} It gives the list of items that “{state.name}” works on."
    state.say(Treatment.UNBOUND, "ItemReader", sentence)
    data: dict[str, Any] = {}
    if state.language is Language.JSONATA:
        data |= {"Output": "{% $states.input %}", "Assign": {key: "{% $states.result %}"}}
    else:
        data |= {"ResultPath": None, "Assign": {f"{key}.$": "$"}}
        data |= {"InputPath": state.written["InputPath"]} if "InputPath" in state.written else {}
    data |= {name: reader[name] for name in ("Parameters", "Arguments") if name in reader}
    if "Catch" in state.data:
        data["Catch"] = state.data["Catch"]
    return Action(
        key=key,
        scope=state.scope,
        title=f"{state.name[: LONGEST_TITLE - 10]}: items",
        next=after,
        resource=resource,
        retry=read_retry(state.written.get("Retry")),
        catch=read_catch(state.written.get("Catch"), state.keys),
        flow=DataFlow(language=state.language, fields=data),
    )


def with_read_items(state: State, variable: str) -> None:
    """Let a Map work on what the step before it has read."""
    state.data["ItemReader"] = state.written["ItemReader"]
    if state.language is Language.JSONATA:
        state.data["Items"] = f"{{% ${variable} %}}"
    else:
        state.data["ItemsPath"] = f"${variable}"
