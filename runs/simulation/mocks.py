"""Mocks: what answers in place of the world, by the key or the title of a step.

A document of mocks is an object. For each step stands a list of answers, one for each time that it asks (a retry
asks again), or an object: ``answers``, ``repeat_last`` (the last one answers all that follow), and ``undo``, the
answers to its compensation. An answer says what came of it: see `Answer`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from designer.graph import BadDuration, Graph, did_you_mean, parse_duration

ANYTHING: Final = object()
LONGEST_NAME, LONGEST_TEXT = 256, 32_768
LONGEST_WAIT = 366 * 86_400  # seconds
MOST_ANSWERS = 10_000  # in all
TEXTS = {"error": LONGEST_NAME, "cause": LONGEST_TEXT, "outcome": LONGEST_NAME, "arrival": LONGEST_NAME,
         "reason": LONGEST_TEXT, "by": LONGEST_NAME}  # fmt: skip
FIELDS = ("output", "timeout", "data", "after", "when", *TEXTS)


class BadMocks(ValueError):
    """The mocks are not right: each place, and a sentence about it."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        super().__init__(problems[0][1])
        self.problems = problems


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of a call: an output, an error, or nothing in time; of a review: its outcome; of a wait: a signal."""

    output: Any = None
    error: str | None = None
    cause: str = ""
    timeout: bool = False
    outcome: str = ""  # of a review
    reason: str = ""
    by: str = ""
    arrival: str = ""  # which one of those that a step waits for
    data: Any = None  # of a signal or a review
    after: timedelta = timedelta()  # how long it takes
    when: Any = ANYTHING  # the payload that alone it answers

    @property
    def fails(self) -> bool:
        return self.error is not None or bool(self.cause)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mock:
    answers: tuple[Answer, ...] = ()
    undo: tuple[Answer, ...] = ()
    repeat_last: bool = False


Mocks = Mapping[str, Mock]


@dataclass
class Deck:
    """The answers of one mock, drawn one after the other."""

    answers: tuple[Answer, ...]
    repeat_last: bool
    left: list[Answer] = field(init=False)

    def __post_init__(self) -> None:
        self.left = list(self.answers)

    def draw(self, payload: Any) -> Answer | None:
        """The first answer that is left for this payload; None where there is none."""
        for place, answer in enumerate(self.left):
            if answer.when is ANYTHING or same_json(answer.when, payload):
                return self.left.pop(place)
        fitting = [one for one in self.answers if one.when is ANYTHING or same_json(one.when, payload)]
        return fitting[-1] if self.repeat_last and fitting else None


def same_json(one: Any, other: Any) -> bool:
    """Whether two values are the same JSON: 1 is 1.0, and neither is true."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same_json(one[name], other[name]) for name in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(same_json, one, other))
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)


# --- reading -------------------------------------------------------------------------------------------------


def read_mocks(document: Any, graph: Graph) -> dict[str, Mock]:
    """The mocks that a document describes. Raises BadMocks with all that is wrong."""
    problems: list[tuple[str, str]] = []
    found = dict(_read(document, graph, problems)) if isinstance(document, Mapping) else {}
    if not isinstance(document, Mapping):
        problems.append(("", "Mocks are an object: the answers by the key or the title of each step."))
    if sum(len(mock.answers) + len(mock.undo) for mock in found.values()) > MOST_ANSWERS:
        problems.append(
            ("", f"There are more than {MOST_ANSWERS:,} answers; give fewer, and repeat the last.")
        )
    if problems:
        raise BadMocks(problems)
    return found


def _read(
    document: Mapping[str, Any], graph: Graph, problems: list[tuple[str, str]]
) -> Iterator[tuple[str, Mock]]:
    known = {name: None for step in graph.steps.values() for name in (step.key, step.title) if name}
    for name, said in document.items():
        if name not in known:
            problems.append((name, f"There is no step “{name}”.{did_you_mean(str(name), known)}"))
        elif isinstance(said, list):
            yield name, Mock(answers=_answers(said, name, problems))
        elif isinstance(said, Mapping):
            yield name, _mock(said, name, problems)
        else:
            problems.append((name, f"The mock of “{name}” is a list of answers, or an object that has one."))


def _mock(said: Mapping[str, Any], place: str, problems: list[tuple[str, str]]) -> Mock:
    _check_names(said, ("answers", "undo", "repeat_last"), place, problems)
    lists = {name: said.get(name, []) for name in ("answers", "undo")}
    for name, answers in lists.items():
        if not isinstance(answers, list):
            problems.append((f"{place}.{name}", f"“{name}” is a list of answers."))
    repeat = said.get("repeat_last", False)
    if not isinstance(repeat, bool):
        problems.append((f"{place}.repeat_last", "“repeat_last” is true or false."))
    read = {
        name: _answers(answers, f"{place}.{name}", problems)
        for name, answers in lists.items()
        if isinstance(answers, list)
    }
    return Mock(repeat_last=repeat is True, **read)


def _answers(said: list[Any], place: str, problems: list[tuple[str, str]]) -> tuple[Answer, ...]:
    return tuple(_answer(one, f"{place}[{index}]", problems) for index, one in enumerate(said))


def _answer(said: Any, place: str, problems: list[tuple[str, str]]) -> Answer:
    if not isinstance(said, Mapping):
        problems.append((place, "An answer is an object, such as {“output”: 1} or {“error”: “Declined”}."))
        return Answer()
    _check_names(said, FIELDS, place, problems)
    given: dict[str, Any] = {name: said[name] for name in ("output", "data", "when") if name in said}
    for name, longest in TEXTS.items():
        value = said.get(name)
        if value is not None and (not isinstance(value, str) or len(value) > longest):
            problems.append((f"{place}.{name}", f"“{name}” is a text of at most {longest:,} characters."))
        elif value is not None:
            given[name] = value
    if not isinstance(said.get("timeout", False), bool):
        problems.append((f"{place}.timeout", "“timeout” is true or false."))
    if "output" in said and (said.get("error") is not None or said.get("timeout")):
        problems.append((place, "An answer is an output, an error or a timeout, not two of them."))
    after = _duration(said.get("after", 0), f"{place}.after", problems)
    return Answer(timeout=said.get("timeout") is True, after=after, **given)


def _duration(said: Any, place: str, problems: list[tuple[str, str]]) -> timedelta:
    try:
        if isinstance(said, str):
            return parse_duration(said)
        if not isinstance(said, bool) and isinstance(said, int | float) and 0 <= said <= LONGEST_WAIT:
            return timedelta(seconds=said)
    except BadDuration:
        pass
    problems.append((place, "“after” is how long it takes: a number of seconds, or a text such as 30s."))
    return timedelta()


def _check_names(
    said: Mapping[str, Any], known: tuple[str, ...], place: str, problems: list[tuple[str, str]]
) -> None:
    for name in said:
        if name not in known:
            sentence = f"There is no “{name}” here.{did_you_mean(str(name), known) or f' There is {", ".join(known)}.'}"
            problems.append((f"{place}.{name}", sentence))
