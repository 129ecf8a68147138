"""What a document of another language left open in a draft, and what became of the rest of it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from designer.graph import Action, Contract, Graph
from designer.interop.asl import Treatment, unbound
from designer.models import Draft, Imported

WORD = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")
COMMON = frozenset(
    {"a", "an", "and", "of", "the", "to", "arn", "aws", "function", "invoke", "lambda", "latest", "states"}
)
LIKE = 2  # words in common from which a step type is probably the one


def unbound_steps(graph: Graph) -> list[Action]:
    """Those that came from another language, in definition order."""
    return [step for step in unbound(graph) if step.resource]


def likely_step_type(step: Action, offered: Mapping[str, Contract]) -> str:
    """The step type whose name says most of what the step and its resource say; empty where none says enough."""
    meant = _words(step.title) | _words(step.resource)
    scores = {
        reference: len(meant & (_words(contract.key) | _words(contract.title)))
        for reference, contract in offered.items()
    }
    best = max(scores, key=lambda reference: scores[reference], default="")
    return best if best and scores[best] >= LIKE else ""


@dataclass(frozen=True, slots=True)
class ReportLine:
    state: str
    field: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Group:
    """Lines of one treatment."""

    title: str
    meaning: str
    icon: str
    tone: str
    open: bool = True
    lines: Sequence[ReportLine] = ()


GROUPS: Mapping[str, Group] = {
    "refused": Group("Refused", "cannot be done here", "fail", "fail"),
    "unbound": Group("Unbound", "nothing did it when it was imported", "warning", "warn", open=False),
    "ignored": Group("Ignored", "says nothing here; runs are the same without it", "skipped", "idle"),
    "bound": Group("Bound", "since then", "link", "ok"),
    "carried": Group("Carried", "means what it meant", "ok", "ok", open=False),
}
AGAINST = Group("Doubtful", "what AWS would say against it", "warning", "warn")


@dataclass(frozen=True, slots=True)
class ImportReport:
    """The report as a page shows it."""

    row: Imported
    steps: int
    lines: Mapping[str, list[ReportLine]]
    problems: list[Mapping[str, Any]]

    @property
    def figures(self) -> list[tuple[str, int]]:
        return [
            ("Steps", self.steps),
            *((name.capitalize(), len(lines)) for name, lines in self.lines.items()),
        ]

    @property
    def groups(self) -> list[Group]:
        """What needs somebody first; what nobody need read is folded."""
        against = [_doubtful(one) for one in self.problems]
        found = [replace(group, lines=self.lines[name]) for name, group in GROUPS.items()]
        return [group for group in [*found[:2], replace(AGAINST, lines=against), *found[2:]] if group.lines]

    def advice_for(self, step: Action) -> str:
        """What the report says of a step that nothing is bound to."""
        return next((line.sentence for line in self.lines["unbound"] if line.state == step.title), "")


def _doubtful(problem: Mapping[str, Any]) -> ReportLine:
    if line := problem.get("line"):
        return ReportLine(f"Line {line}", problem["place"], problem["message"])
    return ReportLine(problem["place"], "", problem["message"])


def import_report(draft: Draft) -> ImportReport | None:
    """Of the newest import into ``draft``; None where it was never opened from another language."""
    row = Imported.objects.select_related("by").filter(draft=draft).first()
    if row is None:
        return None
    lines: dict[str, list[ReportLine]] = {treatment.value: [] for treatment in Treatment}
    for line in row.report["lines"]:
        lines[line["treatment"]].append(_line(line))
    return ImportReport(row, draft.steps.count(), lines, row.report["problems"])


def _line(told: Mapping[str, Any]) -> ReportLine:
    return ReportLine(told["state"], told["field"], told["sentence"])


def _words(text: str) -> frozenset[str]:
    return frozenset(_singular(word.lower() for word in WORD.findall(text))) - COMMON


def _singular(words: Iterable[str]) -> Iterable[str]:
    return (word.removesuffix("s") if len(word) > 3 else word for word in words)
