"""What gave up and waits for a person, as the inbox and the first page tell of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from designer.graph import Action
from designer.versions import graph_of
from runs.engine import Phase
from runs.models import DeadLetter
from runs.models.people import DeadLetterStatus
from runs.wording import fault_words

from .run_page import visible_runs
from .veils import veil_of

SHOWN = 20


@dataclass(frozen=True, slots=True)
class GaveUp:
    letter: DeadLetter
    title: str
    why: str


def open_dead_letters(user: Any) -> QuerySet[DeadLetter]:
    """Those that ``user`` may resolve."""
    if not user.has_perm("runs.operate_run"):
        return DeadLetter.objects.none()
    runs = visible_runs(user).select_related(None).order_by()
    return DeadLetter.objects.filter(status=DeadLetterStatus.OPEN, run__in=runs)


def gave_up(letters: QuerySet[DeadLetter], most: int = SHOWN) -> Sequence[GaveUp]:
    """Those that wait longest."""
    of_run = (f"run__{name}" for name in ("key", "version_id", "workflow__key", "parent_id", "seq"))
    columns = ("key", "phase", "fault", "opened_at", *of_run)
    found = letters.select_related("run__workflow").order_by("opened_at").only(*columns)[:most]
    return [
        GaveUp(letter, _title(letter), veil_of(letter.run).text(fault_words(letter.fault)))
        for letter in found
    ]


def _title(letter: DeadLetter) -> str:
    step = graph_of(letter.run.version_id).step(letter.key)
    if letter.phase == Phase.UNDO and isinstance(step, Action) and step.compensate:
        return f"Undo failed: {step.compensate.name}"
    return f"{step.name} gave up"
