"""What a decision may read: values that live in rows, named by reference.

The engine never loads anything. When a rule reads a value that is not at hand it raises `Needed`; `decide`
answers with what it needs, and is called again with more.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from msgspec import Struct, field
from msgspec.structs import replace


class RunInput(Struct, frozen=True):
    pass


class StepOutput(Struct, frozen=True):
    """The newest output of a step, in a scope of the run."""

    key: str
    scope: str


class OutputOf(Struct, frozen=True):
    """The output of one step run."""

    no: int


class TokenOf(Struct, frozen=True):
    """What a step run handed on: its output, or what its fallback is given."""

    no: int


class GivenTo(Struct, frozen=True):
    """What the scopes inside a step run begin with."""

    no: int


class Variable(Struct, frozen=True):
    """A variable of exactly this scope."""

    name: str
    scope: str


class ItemsOf(Struct, frozen=True):
    """All items of a map's step run. Known only in the decision that lists them."""

    no: int


class ItemOf(Struct, frozen=True):
    """One item of a map's step run."""

    no: int
    index: int


class ResultOf(Struct, frozen=True):
    """What became of one item: the step run whose output is its, and its fault. Learned, never looked up."""

    no: int
    index: int


class ResultsOf(Struct, frozen=True):
    """The outputs of a map's items, in their order; None for those that have none."""

    no: int


class FaultsOf(Struct, frozen=True):
    """What the failed items of a map failed of: number to `Fault`."""

    no: int


class NextUnfinished(Struct, frozen=True):
    """The number of the first item after ``after`` that has not succeeded, or ABSENT."""

    no: int
    after: int


class NewestSuccess(Struct, frozen=True):
    """The newest success that can be undone, of those journaled before ``below``. A `LedgerEntry`, or ABSENT."""

    below: int | None


class LedgerEntry(Struct, frozen=True, kw_only=True):
    no: int
    key: str
    scope: str
    completed: int  # the journal entry of its success
    attempt: int  # the newest attempt it had


Reference = (
    RunInput
    | StepOutput
    | OutputOf
    | TokenOf
    | GivenTo
    | Variable
    | ItemsOf
    | ItemOf
    | ResultOf
    | ResultsOf
    | FaultsOf
    | NextUnfinished
    | NewestSuccess
)

ABSENT: Final = object()  # a reference that was looked up and is not there


class Needed(Exception):
    """A rule read values that are not at hand."""

    def __init__(self, references: Iterable[Reference]):
        self.references = frozenset(references)


class Values(Struct, frozen=True):
    """What has been looked up so far, and what this very decision has brought about.

    ``run`` describes the run to expressions. ``fresh`` are successes that no row tells of yet. ``largest`` is how
    many bytes of JSON one value may have, ``most_events`` how long a journal may be when a step is entered, and
    ``most_at_once`` how many steps may be under way.
    """

    run: Mapping[str, Any] = field(default_factory=dict)
    known: Mapping[Reference, Any] = field(default_factory=dict)
    fresh: tuple[LedgerEntry, ...] = ()
    largest: int = 50 * 1024 * 1024
    most_events: int = 100_000
    most_at_once: int = 1_000

    def of(self, references: Iterable[Reference]) -> Mapping[Reference, Any]:
        """Raises Needed for those that have not been looked up yet."""
        wanted = set(references)
        if missing := [reference for reference in wanted if reference not in self.known]:
            raise Needed(missing)
        return {reference: self.known[reference] for reference in wanted}

    def get(self, reference: Reference) -> Any:
        if reference not in self.known:
            raise Needed([reference])
        return self.known[reference]

    def newest_success(self, below: int | None) -> LedgerEntry | None:
        """Raises Needed."""
        recorded = self.get(NewestSuccess(below))
        candidates = [entry for entry in self.fresh if below is None or entry.completed < below]
        if recorded is not ABSENT:
            candidates.append(recorded)
        return max(candidates, key=lambda entry: entry.completed, default=None)

    def beginning_again(self, no: int, total: int) -> "Values":
        """Those of a map all whose items are to be done again: none has ended yet, whatever rows still tell."""
        left = {of: value for of, value in self.known.items() if not isinstance(of, ResultOf) or of.no != no}
        return replace(self, known={**left, ResultsOf(no): [None] * total, FaultsOf(no): {}})

    def learning(self, found: Mapping[Reference, Any], *fresh: LedgerEntry) -> "Values":
        return replace(self, known={**self.known, **found}, fresh=(*self.fresh, *fresh))
