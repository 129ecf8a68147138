"""Expressions: CEL, and the rules that make it safe to let strangers write it.

The library is imported in this file alone. What is ours on top of it:

- An error *value* counts as an error. The library returns one, and ``plain_value()`` of it is a text, which is true.
- Whole numbers and decimal numbers may be mixed: ``2.5 * 2`` is 5.0, because JSON does not tell them apart.
- Only JSON goes in and comes out; ``now`` is a moment, and moments and durations come out as text.
- An expression that is nothing but a path is answered without the library: as it is, however large.
- For all others there are limits: length, nesting, size of what they read, rounds and bytes of their loops.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import takewhile
from operator import add, mul, sub, truediv
from typing import Any

from cel_expr_python import cel
from cel_expr_python.ext import ext_math, ext_strings

from .complaints import FALSE_ALARM, EvaluationError, ExpressionError, why_it_failed, why_not_compiled
from .contracts import Schema
from .paths import Path
from .syntax import ROOTS, Read, Refused, Syntax, read_syntax
from .values import NotAnswerable, Shape, check_cost, excerpt, look_up, outgoing, shape_of

LONGEST = 1_000  # characters
_TYPE = cel.Type
_OBJECT = _TYPE.Map(_TYPE.STRING, _TYPE.DYN)
_ROOT_TYPES = {"item": _TYPE.DYN, "output": _TYPE.DYN, "index": _TYPE.INT, "now": _TYPE.TIMESTAMP}
_MIXED = {"_+_": ("add", add), "_-_": ("subtract", sub), "_*_": ("multiply", mul), "_/_": ("divide", truediv)}
_SCHEMAS: Mapping[str, Schema] = {
    "BOOL": {"type": "boolean"},
    "INT": {"type": "integer"},
    "UINT": {"type": "integer"},
    "DOUBLE": {"type": "number"},
    "STRING": {"type": "string"},
    "TIMESTAMP": {"type": "string"},
    "DURATION": {"type": "string"},
    "LIST": {"type": "array"},
    "MAP": {"type": "object"},
    "NULL": {"type": "null"},
}
_OBJECTS = "|".join(sorted(set(ROOTS) - {"index", "now"}))
_PLAIN = re.compile(rf"(?:{_OBJECTS})(?:\.[A-Za-z_][A-Za-z0-9_]*)+")
_NO_FIELDS = frozenset({"false", "in", "null", "true"})
# What the library is known to raise; it never raises a class of its own.
_LIBRARY_ERRORS = (RuntimeError, ValueError, TypeError, OverflowError, MemoryError)


def _mixed_arithmetic() -> list[Any]:
    whole, decimal = _TYPE.INT, _TYPE.DOUBLE
    return [
        cel.FunctionDecl(
            symbol,
            [
                cel.Overload(f"{name}_int64_double", decimal, [whole, decimal], impl=operation),
                cel.Overload(f"{name}_double_int64", decimal, [decimal, whole], impl=operation),
            ],
        )
        for symbol, (name, operation) in _MIXED.items()
    ]


_ENVIRONMENT = cel.NewEnv(
    variables={root: _ROOT_TYPES.get(root, _OBJECT) for root in ROOTS},
    extensions=[
        ext_strings.ExtStrings(),
        ext_math.ExtMath(),
        cel.CelExtension("choreo.mixed_arithmetic", _mixed_arithmetic()),
    ],
)


@dataclass(frozen=True, slots=True, eq=False)
class Expression:
    """A compiled expression. Make one with `compile_expression`."""

    text: str
    paths: frozenset[Path]  # every path it reads from a root, with list indexes
    references: frozenset[tuple[str, ...]]  # the same, each up to its first index
    tested: frozenset[tuple[str, ...]]  # those that has() asks for before they are read
    schema: Schema  # what is known of its result
    _program: Any
    _syntax: Syntax
    _shape: Shape

    @property
    def plain(self) -> Path | None:
        """The path, where the expression is nothing but one."""
        return self._syntax.plain

    def evaluate(self, values: Mapping[str, Any]) -> Any:
        """The result, as JSON.

        Raises EvaluationError.
        """
        try:
            if self._syntax.plain is None:
                return outgoing(self._run(values))
            found = look_up(values, self._syntax.plain)
        except NotAnswerable as error:
            raise EvaluationError(self.text, str(error)) from None
        return outgoing(found) if isinstance(found, datetime) else found

    def _run(self, values: Mapping[str, Any]) -> Any:
        seen, size = excerpt(values, self._shape)
        check_cost(seen, size, self._syntax)
        try:
            result = self._program.eval(data=seen)
            failed = result.type() == _TYPE.ERROR
            answer = str(result.value()) if failed else result.plain_value()
        except _LIBRARY_ERRORS as error:
            failed, answer = True, str(error)
        if failed:
            raise NotAnswerable(why_it_failed(answer, values, self.paths))
        return answer


@lru_cache(maxsize=4_096)
def compile_expression(text: str) -> Expression:
    """Compile ``text``, once.

    Raises ExpressionError.
    """
    if len(text) > LONGEST:
        raise ExpressionError(text, f"it is {len(text):,} characters long, and {LONGEST:,} is the most")
    if not text.strip():
        raise ExpressionError(text, "it is empty")
    if plain := _plain_path(text):
        return _expression(text, None, Syntax(plain, [Read(plain)]), {})
    try:
        program = _compile(text)
        syntax = read_syntax(program.serialize())
        result = program.return_type().name().partition("<")[0]
    except Refused as error:
        raise ExpressionError(text, str(error)) from None
    except UnicodeEncodeError as error:
        raise ExpressionError(text, "it holds half a character", error.start) from None
    except _LIBRARY_ERRORS as error:
        raise why_not_compiled(text, str(error)) from None
    if result in ("BYTES", "TYPE"):
        raise ExpressionError(text, f"it gives {result.lower()}, which JSON cannot hold")
    return _expression(text, program, syntax, _SCHEMAS.get(result, {}))


def _plain_path(text: str) -> Path | None:
    """The path that ``text`` is, without asking the library: most expressions are no more than that."""
    parts = tuple(text.split(".")) if _PLAIN.fullmatch(text) else ()
    return parts if 2 <= len(parts) <= 30 and not _NO_FIELDS.intersection(parts) else None


def _expression(text: str, program: Any, syntax: Syntax, schema: Schema) -> Expression:
    reads = [read for read in syntax.reads if not read.local]
    references = frozenset(_up_to_index(read.path) for read in reads)
    return Expression(
        text=text,
        paths=frozenset(read.path for read in reads),
        references=references,
        tested=frozenset(_up_to_index(read.path) for read in reads if read.tested),
        schema=schema,
        _program=program,
        _syntax=syntax,
        _shape=shape_of(references),
    )


def _compile(text: str) -> Any:
    text.encode()  # the library takes half characters for the end of the text
    try:
        return _ENVIRONMENT.compile(text)
    except _LIBRARY_ERRORS as error:
        if str(error).count("ERROR: ") != str(error).count(FALSE_ALARM):
            raise
    return _ENVIRONMENT.compile(text, disable_check=True)


def _up_to_index(path: Path) -> tuple[str, ...]:
    return tuple(takewhile(lambda part: isinstance(part, str), path))  # type: ignore[arg-type]
