"""JSONata: the library, and the rules that make it safe to let strangers write it.

Both libraries are imported in this file alone. What is ours on top of them:

- Steps, nesting and size are counted (see `jsonata_bounds`), and no clock decides when an expression has run too long.
- Regular expressions are RE2's: linear in time. Look-around and back references are refused.
- Python's limit of recursion is raised only while something is evaluated (see `recursing`).
- `$eval` is refused, as on AWS. `$now`, `$millis`, `$random`, `$shuffle` and `$uuid` follow the seen moment and seed.
- Nothing is undefined in a result: an expression that gives nothing fails, as on AWS.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

import re2
from jsonata import Functions, JException, Jsonata, Utils

from .flow import FlowError, Seen
from .functions import Unfit
from .jsonata_bounds import MOST_SIZE, Meter, TooMuch
from .jsonata_functions import (
    check_picture,
    check_replacing,
    distinct,
    draws,
    hash_of,
    identifiers,
    join,
    pad,
    parse,
    partition,
    shuffled,
    steps,
)
from .recursing import ROOM

LONGEST = 10_000  # characters
QUERY_ERROR = "States.QueryEvaluationError"
_NULL = Utils.NULL_VALUE
_MADE = frozenset({"unary", "function", "apply", "transform", "path"})
_VARIABLE = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)")
_KINDS = {str: "string", bool: "boolean", int: "number", float: "number", list: "array", dict: "object"}


def is_expression(value: Any) -> bool:
    return isinstance(value, str) and len(value) >= 4 and value.startswith("{%") and value.endswith("%}")


def bare(text: str) -> str:
    """The expression without its {% and %}."""
    return text[2:-2].strip()


def names_in(text: str) -> frozenset[str]:
    """The names an expression may read. Its functions and own variables are among them: whoever asks knows which."""
    return frozenset(_VARIABLE.findall(text)) - {"states"}


def kind_of(value: Any) -> str:
    return "null" if value is None else _KINDS[type(value)]


def flaw_of(expression: str) -> str | None:
    """Why an expression cannot be read, or None."""
    try:
        with ROOM:
            _compile(expression, Meter())
    except Exception as error:
        return f"The JSONata expression '{expression}' cannot be read: {error}."
    return None


class Evaluation:
    """Expressions of one field, with what they see and one budget for all of them."""

    def __init__(self, states: Mapping[str, Any], seen: Seen) -> None:
        self._seen = seen
        self._meter = Meter()
        self._states = _incoming(dict(states))
        self._ours = _functions(seen)

    def evaluate(self, expression: str, field: str) -> Any:
        """The value, as JSON.

        Raises FlowError.
        """
        about = f"The JSONata expression '{expression}' specified for the field '{field}'"
        found = self._run(expression, about)
        if found is None:
            raise FlowError(QUERY_ERROR, f"{about} returned nothing (undefined).")
        try:
            return _outgoing(found, [0])
        except (Unfit, RecursionError):
            raise FlowError(QUERY_ERROR, f"{about} returned an unsupported result type.") from None

    def _run(self, expression: str, about: str) -> Any:
        self._meter.depth = 0
        try:
            with ROOM:
                compiled = _compile(expression, self._meter)
                return compiled.evaluate(None, self._bindings(expression))
        except Exception as error:  # the library raises whatever went wrong in it, classes of all kinds
            why = self._meter.refusal or _said(error)
            raise FlowError(QUERY_ERROR, f"{about} threw an error during evaluation. {why}") from None

    def _bindings(self, expression: str) -> dict[str, Any]:
        variables = self._seen.variables
        read = {name: _incoming(variables[name]) for name in names_in(expression) if name in variables}
        return {**self._ours, **read, "states": self._states}


class _Bounded(Jsonata):
    """The library's interpreter, with every step counted."""

    meter: Meter

    def eval(self, expr: Any, input: Any, environment: Any) -> Any:
        self.meter.enters()
        result = super().eval(expr, input, environment)
        self.meter.leaves(result, made=getattr(expr, "type", None) in _MADE)
        return result


def _compile(expression: str, meter: Meter) -> Jsonata:
    """Compiled anew each time: evaluating changes what was compiled, and threads would share it."""
    if len(expression) > LONGEST:
        raise Unfit(f"it has more than {LONGEST:,} characters")
    compiled = _Bounded(expression, lambda pattern, flags: _Searched(_linear(pattern, flags), meter))
    compiled.meter = meter
    compiled.set_output_convert_nulls(False)
    return compiled


class _Searched:
    """A regular expression that counts the text it looks through."""

    def __init__(self, pattern: Any, meter: Meter) -> None:
        self._pattern, self._meter = pattern, meter

    def search(self, text: str) -> Any:
        return self._over(text).search(text)

    def finditer(self, text: str) -> Any:
        return self._over(text).finditer(text)

    def sub(self, replacement: Any, text: str, count: int = 0) -> Any:
        return self._over(text).sub(replacement, text, count)

    def split(self, text: str, most: int = 0) -> Any:
        return self._over(text).split(text, most)

    def _over(self, text: str) -> Any:
        self._meter.looks_through(text)
        return self._pattern


def _linear(pattern: str, flags: Any) -> Any:
    marks = "i" * flags.case_insensitive + "m" * flags.multiline
    try:
        return re2.compile(f"(?{marks}){pattern}" if marks else pattern, _QUIET)
    except re2.error as error:
        raise JException("S0302", 0) from error


_QUIET = re2.Options()
_QUIET.log_errors = False
_QUIET.max_mem = 1 << 20


def _said(error: Exception) -> str:
    code = error.error if isinstance(error, JException) else ""
    return f"{code}: {error}" if code else str(error) or type(error).__name__


def _incoming(value: Any) -> Any:
    """A copy in which null is the library's null: None is its word for nothing."""
    match value:
        case None:
            return _NULL
        case dict():
            return {name: _incoming(inner) for name, inner in value.items()}
        case list() | tuple():
            return [_incoming(inner) for inner in value]
        case _:
            return value


def _outgoing(value: Any, count: list[int]) -> Any:
    """A result as plain JSON."""
    count[0] += 1
    if count[0] > MOST_SIZE:
        raise Unfit("the value is too large")
    if value is None or value is _NULL:
        return None
    if isinstance(value, dict):
        return {str(name): _outgoing(inner, count) for name, inner in value.items()}
    if isinstance(value, list):
        return [_outgoing(inner, count) for inner in value]
    if isinstance(value, float) and value - value != 0:
        raise Unfit("it is not a number that JSON knows")
    if isinstance(value, str | bool | int | float):
        return value
    raise Unfit("functions are no values")


def _functions(seen: Seen) -> dict[str, Any]:
    drawn, made = draws(seen.seed), identifiers(seen.seed)
    millis = int(seen.now.timestamp() * 1000)

    def random(seed: Any = None) -> float:
        return next(drawn) if seed is None else next(draws(f"{seed}"))

    def moment(value: Any, picture: Any = None, zone: Any = None) -> Any:
        check_picture(picture)
        return Functions.datetime_from_millis(value, picture, zone)

    def to_millis(text: Any, picture: Any = None) -> Any:
        check_picture(picture)
        if picture is not None and "[Y" not in picture:
            raise Unfit("a picture without a year would ask the clock for it")
        return Functions.datetime_to_millis(text, picture)

    return {
        name: Jsonata.JFunction(Jsonata.JLambda(function), signature)
        for name, (signature, function) in {
            **_PURE,
            "random": ("<n?:n>", random),
            "shuffle": ("<a:a>", lambda values: shuffled(values, lambda: next(drawn))),
            "uuid": ("<:s>", lambda: next(made)),
            "millis": ("<:n>", lambda: millis),
            "now": ("<s?s?:s>", lambda picture=None, zone=None: moment(millis, picture, zone)),
            "fromMillis": ("<n-s?s?:s>", moment),
            "toMillis": ("<s-s?:n>", to_millis),
        }.items()
    }


def _replace(text: Any, pattern: Any, replacement: Any, limit: Any = None) -> Any:
    check_replacing(text, pattern, replacement, limit)
    if isinstance(text, str) and isinstance(pattern, str) and pattern and isinstance(replacement, str):
        return text.replace(pattern, replacement, -1 if limit is None else int(limit))
    return Functions.replace(text, pattern, replacement, limit)


def _refused(*_: Any) -> Any:
    raise Unfit("$eval is not supported: $parse reads JSON")


def _sequence(found: Any) -> Any:
    """A list of one item is that item in the end, as for what JSONata's own functions make."""
    return Utils.create_sequence_from_iter(found) if found else found


_PURE: dict[str, tuple[str, Callable[..., Any]]] = {
    "partition": ("<an:a>", lambda values, size: _NULL if size == 0 else partition(values, size)),
    "range": ("<nnn:a>", lambda first, last, step: _sequence(steps(first, last, step))),
    "hash": ("<s-s?:s>", hash_of),
    "parse": ("<s-:x>", lambda text: None if text is None else _incoming(parse(text))),
    "pad": ("<s-ns?:s>", pad),
    "join": ("<a<s>s?:s>", join),
    "replace": ("<s-(sf)(sf)n?:s>", _replace),
    "distinct": ("<x:x>", distinct),
    "eval": ("<sx?:x>", _refused),
}

__all__ = ["QUERY_ERROR", "Evaluation", "TooMuch", "bare", "flaw_of", "is_expression", "kind_of", "names_in"]
