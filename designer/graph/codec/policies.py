"""The tables of policies: what is said of trying again, of fallbacks, of undoing and of joins."""

import re
from typing import Any

from designer.graph.limits import MOST_ITEMS
from designer.graph.policies import (
    AfterFailedUndo,
    Catch,
    Compensate,
    Join,
    OnBranchFailure,
    Rest,
    Retry,
    Undoing,
    UndoOrder,
)

from .flaws import Place, described
from .shapes import (
    NOTHING,
    Field,
    Shape,
    boolean,
    duration,
    integer,
    mapping,
    number,
    record,
    several,
    template,
    text,
    word,
)

REFERENCE = text(hint=" that names a step")
SHARE = "(100|[1-9]?[0-9])%"


def _how_many(least: int, *words: str, said: str) -> Shape:
    """A number, a share such as 60%, or one of ``words``."""

    def read(data: Any, place: Place) -> Any:
        counted = isinstance(data, int) and not isinstance(data, bool) and least <= data <= MOST_ITEMS
        shared = isinstance(data, str) and re.fullmatch(SHARE, data)
        if counted or shared or data in words:
            return data
        place.flaw(f"{said}, not {described(data)}.")
        return NOTHING

    number_of = {"type": "integer", "minimum": least, "maximum": MOST_ITEMS}
    share_of = {"type": "string", "pattern": f"^{SHARE}$"}
    return Shape(read, {"anyOf": [*([{"enum": list(words)}] if words else []), number_of, share_of]})


INPUTS = Field("with", mapping(template()), "inputs")
RULE = (
    Field("attempts", integer(1, 1_000)),
    Field("wait", duration()),
    Field("factor", number(1, 1_000)),
    Field("longest", duration()),
    Field("jitter", boolean()),
    Field("on", several(text())),
    Field("never_on", several(text())),
)
RETRY = (*RULE, Field("others", several(record(Retry, "A rule of “retry”", *RULE).shape())))
UNDOING = record(
    Undoing,
    "“undoing”",
    Field("failed_step", boolean()),
    Field("order", word(UndoOrder)),
    Field("after_failure", word(AfterFailedUndo)),
)
COMPENSATE = record(
    Compensate,
    "“compensate”",
    Field("does", text()),
    INPUTS,
    Field("timeout", duration()),
    Field("retry", record(Retry, "“retry”", *RULE, base=Compensate().retry).shape()),
)
CATCH = record(Catch, "A catch", Field("on", several(text())), Field("next", REFERENCE))
JOIN = record(
    Join,
    "“join”",
    Field(
        "wait_for",
        _how_many(
            1, "all", "any", said="A join waits for “all”, “any”, a number from 1 or a share such as 60%"
        ),
    ),
    Field("tolerate", _how_many(0, said="Failures are tolerated by number or by share such as 20%")),
    Field("on_failure", word(OnBranchFailure)),
    Field("rest", word(Rest)),
)
