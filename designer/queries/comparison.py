"""Two states of a workflow beside each other: what changed, and what that means for those who use it."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from designer.catalog import Change as ContractChange
from designer.catalog import Level, compatibility
from designer.graph import Action, Change, Contract, Graph, describe_changes
from designer.versioning import reasons

VERDICTS = {
    Level.PATCH: ("ok", "Compatible", "Whoever starts the workflow or reads its result sees no difference."),
    Level.MINOR: ("warn", "Compatible, with news", "It takes what it took and gives what it gave."),
    Level.MAJOR: (
        "fail",
        "Not compatible",
        "Those who start the workflow or read its result have to follow.",
    ),
}


@dataclass(frozen=True, slots=True)
class StepChanges:
    """The changes of one step, or of the workflow itself where ``key`` is empty."""

    key: str
    name: str
    sign: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Pin:
    """A step type that is another one than before."""

    key: str
    was: str
    now: str
    level: Level
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class Comparison:
    before: Graph
    after: Graph

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        return describe_changes(self.before, self.after)

    @cached_property
    def by_step(self) -> list[StepChanges]:
        held: dict[str, list[Change]] = {}
        for change in self.changes:
            held.setdefault(change.step, []).append(change)
        return [_of_step(key, found) for key, found in held.items()]

    @cached_property
    def marks(self) -> dict[str, str]:
        return marks_of(self.changes)

    @cached_property
    def reasons(self) -> tuple[ContractChange, ...]:
        return reasons(self.before, self.after)

    @property
    def level(self) -> Level:
        return max((reason.level for reason in self.reasons), default=Level.PATCH)

    @property
    def verdict(self) -> tuple[str, str, str]:
        """Its tone, its word, and what it means."""
        return VERDICTS[self.level]

    @cached_property
    def pins(self) -> list[Pin]:
        """The step types of which another version would be called than before."""
        before, after = (_contracts(graph) for graph in (self.before, self.after))
        found = []
        for key in sorted(before.keys() & after.keys()):
            if before[key].version != after[key].version:
                level, changes = compatibility(before[key], after[key])
                sentences = tuple(change.sentence for change in changes)
                found.append(Pin(key, before[key].version, after[key].version, level, sentences))
        return found


def telling(changes: Iterable[Change]) -> tuple[Change, ...]:
    """The changes without those that only follow: where a step leads when another one came or went beside it."""
    changes = tuple(changes)
    new, gone = ({one.name for one in changes if one.sign == sign} for sign in "+-")
    return tuple(one for one in changes if not (one.leads and (one.now in new or one.was in gone)))


def marks_of(changes: Iterable[Change]) -> dict[str, str]:
    """By step: whether it is new, changed or removed."""
    words = {"+": "new", "-": "removed", "~": "changed"}
    return {change.step: words[change.sign] for change in telling(changes) if change.step}


def _of_step(key: str, changes: list[Change]) -> StepChanges:
    return StepChanges(key, changes[0].name, changes[0].sign, tuple(changes))


def _contracts(graph: Graph) -> dict[str, Contract]:
    called = {step.does for step in graph.steps.values() if isinstance(step, Action)}
    return {contract.key: contract for reference, contract in graph.contracts.items() if reference in called}
