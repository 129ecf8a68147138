"""What is wrong with a state machine, where, and whether it can be opened all the same."""

from dataclasses import dataclass, field
from enum import StrEnum


class Code(StrEnum):
    """The kinds of problem, for programs that read them."""

    NOT_A_MACHINE = "NOT_A_MACHINE"  # no JSON, no YAML, or no object
    TOO_LARGE = "TOO_LARGE"
    MISSING_FIELD = "MISSING_FIELD"
    UNKNOWN_FIELD = "UNKNOWN_FIELD"
    WRONG_TYPE = "WRONG_TYPE"
    WRONG_VALUE = "WRONG_VALUE"
    CONFLICT = "CONFLICT"  # two fields of which one may stand
    UNKNOWN_TARGET = "UNKNOWN_TARGET"
    UNREACHABLE = "UNREACHABLE"
    NO_END = "NO_END"
    DUPLICATE_NAME = "DUPLICATE_NAME"
    WRONG_LANGUAGE = "WRONG_LANGUAGE"  # a field of the other query language
    BAD_EXPRESSION = "BAD_EXPRESSION"  # a path, an intrinsic or a JSONata expression that cannot be read
    BAD_RULE = "BAD_RULE"
    BAD_ERROR_NAMES = "BAD_ERROR_NAMES"
    BAD_RESOURCE = "BAD_RESOURCE"
    NOT_IN_EXPRESS = "NOT_IN_EXPRESS"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that the language does not allow.

    Most leave open what was meant, and stop the import. Some do not: a state that nobody reaches, a field that nobody
    reads, a resource that no service has.
    """

    code: Code
    place: str  # /States/Charge/Next; empty for the whole
    message: str
    stops: bool = True
    line: int | None = None  # of the text that it came in, where that is known

    def __str__(self) -> str:
        line = "" if self.line is None else f"Line {self.line}: "
        return f"{line}{self.place}: {self.message}" if self.place else f"{line}{self.message}"


class BadAsl(ValueError):
    """The document is no state machine that means one thing; each problem says what would be right."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(" ".join(map(str, problems)))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a document we are, and what was found so far (shared by all places of a document)."""

    path: str = ""
    found: list[Problem] = field(default_factory=list)

    def at(self, *names: str | int) -> "Place":
        path = self.path + "".join(f"[{name}]" if isinstance(name, int) else f"/{name}" for name in names)
        return Place(path, self.found)

    def say(self, code: Code, message: str, *, stops: bool = True) -> None:
        self.found.append(Problem(code, self.path, message, stops))
