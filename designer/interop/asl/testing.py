"""One state alone, tried with an input and with what its work would have given: what comes out, and by which way.

Nothing is called and nothing is stored. The stages of its data are told one by one, as AWS's TestState tells them.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from designer import dataflow
from designer.dataflow import DataFlow, FlowError, HandedOn, Language, Seen
from designer.graph import matches

from .mending import read_retry

_WORKING = ("Task", "Parallel", "Map")
_NUMBERS = ("MaxConcurrency", "ToleratedFailureCount", "ToleratedFailurePercentage")
_AWAITED = (".waitForTaskToken", ".sync", ".sync:2")
_ABSENT: Any = object()


class Untestable(ValueError):
    """The state cannot be tried like this: a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mock:
    """What the work of the state gives: a result, or an error."""

    result: Any = _ABSENT
    error: str | None = None
    cause: str = ""
    tries: int = 0  # how often its retrier has tried again already


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What came of it."""

    status: str  # SUCCEEDED, FAILED, CAUGHT_ERROR, RETRIABLE
    output: Any = None
    error: str | None = None
    cause: str | None = None
    next: str | None = None
    stages: Mapping[str, Any] = field(default_factory=dict)


def try_state(
    document: Mapping[str, Any], seen: Seen, *, name: str | None = None, mock: Mock | None = None
) -> Tried:
    """Try one state: the document itself, or the one of that name within a machine.

    Raises Untestable.
    """
    state, language = _find_state(document, name)
    _check(state, seen, mock)
    return _Trial(state, DataFlow(language=language, fields=state), seen, mock or Mock()).run()


def _find_state(document: Mapping[str, Any], name: str | None) -> tuple[Mapping[str, Any], Language]:
    state = document
    if name is not None or "States" in document:
        found = dict(_all_states(document)).get(name or "")
        if found is None:
            raise Untestable("State not found in definition")
        state = found
    return state, Language(state.get("QueryLanguage", document.get("QueryLanguage", "JSONPath")))


def _all_states(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    waiting = [document]
    while waiting:
        for name, state in waiting.pop().get("States", {}).items():
            yield name, state
            waiting += [state[key] for key in ("ItemProcessor", "Iterator") if key in state]
            waiting += state.get("Branches", ())


def _check(state: Mapping[str, Any], seen: Seen, mock: Mock | None) -> None:
    kind = state.get("Type")
    if kind == "Parallel" and not state.get("Branches"):
        raise Untestable("Branches cannot be empty")
    if mock is None and kind in ("Map", "Parallel"):
        raise Untestable("A Map or Parallel state needs a mock")
    if mock is not None and kind not in _WORKING:
        raise Untestable(f"State type '{kind}' is not supported when a mock is specified")
    if mock is not None and mock.result is not _ABSENT and mock.error is not None:
        raise Untestable("A test mock should have only one of the following fields: [result, errorOutput].")
    if (
        kind == "Parallel"
        and mock
        and isinstance(mock.result, list)
        and len(mock.result) != len(state["Branches"])
    ):
        raise Untestable(
            "Mocked result must contain the same number of items as number of Parallel branches."
        )
    if "Task" in seen.context and not str(state.get("Resource", "")).endswith(_AWAITED):
        raise Untestable("Context object contains 'Task' when state does not wait for a token")


class _Trial:
    def __init__(self, state: Mapping[str, Any], flow: DataFlow, seen: Seen, mock: Mock) -> None:
        self.state, self.flow, self.seen, self.mock = state, flow, seen, mock
        self.kind = state.get("Type")
        self.stages: dict[str, Any] = {"input": seen.input}
        if seen.variables:
            self.stages["variables"] = dict(seen.variables)

    def run(self) -> Tried:
        try:
            return self._work()
        except FlowError as error:
            return self._failed(error.error, error.cause, final=error.final)

    def _work(self) -> Tried:
        if self.kind == "Fail":
            self._tell_input()
            return self._ended("FAILED", error=self._value("Error"), cause=self._value("Cause"))
        if self.kind == "Choice":
            return self._choose()
        self._tell_before()
        if self.mock.error is not None:
            return self._failed(self.mock.error, self.mock.cause)
        if self.kind not in _WORKING:
            if self.kind == "Pass":
                self._tell_of_pass()
            handed = dataflow.handed_on(self.flow, self.seen)
        else:
            result = {} if self.mock.result is _ABSENT else self.mock.result
            if self.kind == "Task":
                self.stages["result"] = result
            self._tell_after(result)
            handed = dataflow.handed_on(self.flow, self.seen, result)
        return self._ended("SUCCEEDED", handed, self.state.get("Next"))

    def _choose(self) -> Tried:
        self._tell_input()
        rules = self.state.get("Choices", [])
        texts = [rule["Condition"] if "Condition" in rule else json.dumps(rule) for rule in rules]
        index, handed = dataflow.chosen(self.flow, texts, self.seen)
        way = self.state.get("Default") if index is None else rules[index].get("Next")
        if way is None:
            return self._failed("States.NoChoiceMatched", "No choice rule holds, and there is no Default.")
        return self._ended("SUCCEEDED", handed, way)

    def _tell_before(self) -> None:
        self._tell_input()
        if self._of_paths:
            if self.kind == "Pass" and "Result" not in self.flow.fields or "Parameters" in self.flow.fields:
                self._tell("afterParameters", "InputPath", "Parameters")
        elif "Arguments" in self.flow.fields:
            self.stages["afterArguments"] = dataflow.given(self.flow, self.seen)
        if self.kind == "Map":
            self._tell_of_map()

    def _tell_input(self) -> None:
        if self._of_paths:
            self._tell("afterInputPath", "InputPath")

    def _tell_of_pass(self) -> None:
        if not self._of_paths:
            return
        if "Result" in self.flow.fields:
            self.stages["result"] = self.flow.fields["Result"]
        self._tell_after(self.stages.get("result", self.stages.get("afterParameters")))

    def _tell_of_map(self) -> None:
        if self._of_paths and "ItemsPath" in self.flow.fields:
            found = dataflow.items(self._part("InputPath", "ItemsPath"), self.seen)
            self.stages["afterItemsPath"] = json.dumps(found)
        for name in _NUMBERS:
            found_number = self._value(name)
            if found_number is not None or name == "MaxConcurrency":
                self.stages[name[0].lower() + name[1:]] = found_number or 0

    def _tell_after(self, result: Any) -> None:
        if self._of_paths:
            for stage, fields in (
                ("afterResultSelector", ("ResultSelector",)),
                ("afterResultPath", ("ResultSelector", "ResultPath")),
            ):
                self.stages[stage] = dataflow.handed_on(self._part(*fields), self.seen, result).output

    def _failed(self, error: str, cause: str, *, final: bool = False) -> Tried:
        told: dict[str, Any] = {"error": error, "cause": cause}
        retriers = () if final else read_retry(self.state.get("Retry")).rules
        for index, rule in enumerate(retriers):
            if rule.on and rule.covers(error, retryable=True):
                self.stages["errorDetails"] = {"retryIndex": index}
                wait = replace(rule, jitter=False).again(
                    tries=self.mock.tries + 1, error=error, retryable=True, key=""
                )
                if wait is not None:
                    self.stages["errorDetails"]["retryBackoffIntervalSeconds"] = wait.total_seconds()
                    return self._ended("RETRIABLE", **told)
                break
        for index, catcher in enumerate(() if final else self.state.get("Catch", ())):
            if matches(tuple(catcher["ErrorEquals"]), error):
                handed = dataflow.caught(self.flow, index, self.seen, error, cause)
                self.stages["errorDetails"] = {"catchIndex": index}
                return self._ended("CAUGHT_ERROR", handed, catcher.get("Next"), **told)
        return self._ended("FAILED", **told)

    def _ended(
        self, status: str, handed: HandedOn | None = None, way: str | None = None, **told: Any
    ) -> Tried:
        output = None if handed is None else handed.output
        return Tried(status=status, output=output, next=way, stages=self.stages, **told)

    @property
    def _of_paths(self) -> bool:
        return self.flow.language is Language.JSONPATH

    def _part(self, *names: str) -> DataFlow:
        fields = {name: self.flow.fields[name] for name in names if name in self.flow.fields}
        return DataFlow(language=self.flow.language, fields=fields)

    def _tell(self, stage: str, *names: str) -> None:
        self.stages[stage] = dataflow.given(self._part(*names), self.seen)

    def _value(self, name: str) -> Any:
        return dataflow.value(self.flow, name, self.seen)
