"""Whether a run came out as it was recorded: the rules of the corpus, to the letter."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from runs.simulation import Simulated

PLACEHOLDER = re.compile(r"<[A-Za-z][^<>]*>")


def differences(case: Mapping[str, Any], came: Simulated) -> Iterator[str]:
    """What is not as expected; nothing where all is."""
    expected, alike = case["expected"], Alike(case)
    if came.status.value.upper() != expected["status"]:
        yield f"status: {came.status.value}, not {expected['status']} ({came.error}: {came.cause}; {came.why})"
        return
    if (came.error or None) != (expected.get("error") or None):
        yield f"error: {came.error}, not {expected.get('error')} ({came.cause})"
    if "output" in expected and not alike(expected["output"], came.output):
        yield f"output: {came.output}, not {expected['output']}"
    yield from _visited(expected, came)
    yield from _calls(case, came, alike)


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


def _calls(case: Mapping[str, Any], came: Simulated, alike: "Alike") -> Iterator[str]:
    sent: dict[str, list[Any]] = {}
    for call in came.calls:
        sent.setdefault(call.title, []).append(call.payload)
    in_order = not case["flags"].get("mock_order_sensitive")
    for state, mocks in (case["mocks"] or {}).items():
        pairs = zip([mock.get("request") for mock in mocks], sent.get(state, []), strict=False)
        for number, (request, payload) in enumerate(pairs, start=1):
            if in_order and request is not None and not alike.anywhere(request, payload):
                yield f"call {number} of {state}: {payload}, not {request}"
    if case["expected"]["visited_check"] != "outer-exact":
        repeats = case.get("mock_mode") == "repeat_last"
        counted = {state: len(mocks) for state, mocks in (case["mocks"] or {}).items() if not repeats}
        for state, count in case["expected"].get("task_calls", counted).items():
            if len(sent.get(state, [])) != count:
                yield f"calls of {state}: {len(sent.get(state, []))}, not {count}"


class Alike:
    """Same JSON: 1 is 1.0, true is no number, and a placeholder that no mock has given stands for anything."""

    def __init__(self, case: Mapping[str, Any]) -> None:
        self.case = case
        self.wildcards = set(case["expected"].get("wildcard_values") or ())
        self.given = set(
            texts([mock["result"] for mocks in (case["mocks"] or {}).values() for mock in mocks])
        )

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

    def anywhere(self, expected: Any, found: Any) -> bool:
        """For what is sent: a placeholder stands for anything there, also where a mock gives it back later."""
        return Alike({**self.case, "mocks": None})(expected, found)

    def _is_anything(self, text: str) -> bool:
        return text in self.wildcards or (bool(PLACEHOLDER.search(text)) and text not in self.given)


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from texts(inner)
