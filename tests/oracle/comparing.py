"""Whether a run came out as it was recorded: the rules of the corpus, to the letter."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from runs.simulation import Simulated

PLACEHOLDER = re.compile(r"<[A-Za-z][^<>]*>")


def differences(case: Mapping[str, Any], came: Simulated) -> Iterator[str]:
    """What is not as expected; nothing where all is."""
    expected = case["expected"]
    alike = Alike(wildcards_of(case), set(texts(mocked_results(case))))
    if came.status.value.upper() != expected["status"]:
        yield f"status: {came.status.value}, not {expected['status']} ({came.error}: {came.cause}; {came.why})"
        return
    if (came.error or None) != (expected.get("error") or None):
        yield f"error: {came.error}, not {expected.get('error')} ({came.cause})"
    if "output" in expected and not alike(expected["output"], came.output):
        yield f"output: {came.output}, not {expected['output']}"
    yield from _visited(expected, came)
    yield from _calls(case, came)


def _visited(expected: Mapping[str, Any], came: Simulated) -> Iterator[str]:
    visited: Any = list(came.visited)
    wanted = expected.get("visited")
    match expected["visited_check"]:
        case "none":
            return
        case "multiset":
            visited, wanted = Counter(visited), Counter(wanted)
        case "outer-exact":
            visited = [visit.title for visit in came.visits if not visit.scope]
            wanted = expected["visited_outer"]
    if visited != wanted:
        yield f"visited: {visited}, not {wanted}"


def _calls(case: Mapping[str, Any], came: Simulated) -> Iterator[str]:
    """What was sent, each payload held to what the mocks had given by then; and how often each state has asked."""
    mocks, wildcards = case["mocks"] or {}, wildcards_of(case)
    asked: Counter[str] = Counter()
    given: set[str] = set()
    for call in came.calls:
        number, answers = asked[call.title], mocks.get(call.title, ())
        asked[call.title] += 1
        if number >= len(answers) or case["flags"].get("mock_order_sensitive"):
            continue
        request = answers[number].get("request")
        if request is not None and not Alike(wildcards, given)(request, call.payload):
            yield f"call {number + 1} of {call.title}: {call.payload}, not {request}"
        given |= set(texts(answers[number]["result"]))
    repeats = case.get("mock_mode") == "repeat_last"
    counted = {state: len(mocks) for state, mocks in (case["mocks"] or {}).items() if not repeats}
    for state, count in case["expected"].get("task_calls", counted).items():
        if asked[state] != count:
            yield f"calls of {state}: {asked[state]}, not {count}"


class Alike:
    """Same JSON: 1 is 1.0, true is no number, and a placeholder that no mock has given stands for anything."""

    def __init__(self, wildcards: set[str], given: set[str]) -> None:
        self.wildcards, self.given = wildcards, given

    def __call__(self, expected: Any, found: Any) -> bool:
        if isinstance(expected, str) and self._is_anything(expected):
            return True
        if isinstance(expected, dict):
            same = isinstance(found, dict) and expected.keys() == found.keys()
            return same and all(self(expected[name], found[name]) for name in expected)
        if isinstance(expected, list):
            same = isinstance(found, list) and len(expected) == len(found)
            return same and all(map(self, expected, found))
        return bool(expected == found) and isinstance(expected, bool) == isinstance(found, bool)

    def _is_anything(self, text: str) -> bool:
        return text in self.wildcards or (bool(PLACEHOLDER.search(text)) and text not in self.given)


def wildcards_of(case: Mapping[str, Any]) -> set[str]:
    return set(case["expected"].get("wildcard_values") or ())


def mocked_results(case: Mapping[str, Any]) -> list[Any]:
    return [mock["result"] for mocks in (case["mocks"] or {}).values() for mock in mocks]


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from texts(inner)
