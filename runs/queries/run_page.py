"""The run page, as a value: everything its template prints, read in a handful of queries."""

from collections.abc import Collection, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Q, QuerySet, Sum
from django.utils import timezone
from django.utils.safestring import SafeString

from designer.drawings import drawing_of
from designer.graph import Direction, Emit, Graph, awaited_signals
from designer.versions import graph_of
from designer.visibility import seen_by
from runs.actions import check_cancel
from runs.engine import OVER
from runs.models import DeadLetter, Review, Run, StepRun
from runs.models.people import DeadLetterStatus, ReviewStatus
from runs.refusals import refusal_of

from .chart import Chart, chart
from .course import Course, course_of
from .facts import WaitingOn, waiting_on
from .focus import Focus
from .graph import Picture
from .items import ItemsCard, items_cards
from .journal import JournalLine, journal_lines
from .ladder import LadderRow, ladder_rows
from .looks import UndoChip, undo_chips
from .sentences import APART, sentences
from .step_panel import StepPanel
from .story import story_of
from .turns import turn_of, visits_in
from .values import ShownValue, shown_value
from .veils import read_for
from .visits import Walked, walked

EVENTS_SHOWN = 200
MANY = EVENTS_SHOWN // 4  # lines of so many entries, where most are told by others
UNDOS_SHOWN = 60
VARIABLES_SHOWN = 100
OF_MANY = ("ScopeSkipped",)  # entries that change more steps than the one they are about
OF_TURN = r":[0-9]+$"  # how the scopes of items and rounds end
TOLD_SINCE = ("lines", "picture")  # what depends on how far the reader has come
PLAIN: Mapping[str, str] = {}  # an address that asks for nothing


def visible_runs(user: Any) -> QuerySet[Run]:
    """The runs that ``user`` may see. Everything that shows a run goes through here."""
    if not user.has_perm("runs.view_run"):
        return Run.objects.none()
    found = Run.objects.select_related("workflow", "version", "started_by").defer("version__document")
    return seen_by(found, user)


def find_run(user: Any, run_id: UUID) -> Run | None:
    found = visible_runs(user).select_related("trigger", "parent__workflow").filter(pk=run_id)
    return read_for(user, found.first())


def run_page(run: Run, user: Any, asked: Mapping[str, str] = PLAIN, *, after: int = 0) -> "RunPage":
    """As ``user`` sees it. ``asked`` is what the address says; ``after`` is the newest journal entry they have."""
    graph = graph_of(run.version_id)
    return RunPage(run, user, graph, Focus.of(asked, graph), timezone.now(), after)


@dataclass
class RunPage:
    run: Run
    user: Any
    graph: Graph
    focus: Focus
    now: datetime
    after: int = 0

    def since(self, after: int) -> "RunPage":
        """The same moment, as readers see it who have come to entry ``after``. What hangs on that is read anew."""
        page = copy(self)
        for name in TOLD_SINCE:
            vars(page).pop(name, None)
        page.after, page.walked = after, self.walked  # a long way, and the same for all
        return page

    def for_another(self, user: Any) -> "RunPage":
        """The same, as somebody sees it from whom the same is hidden, and who may do other things."""
        page = copy(self)
        page.user = user
        return page

    @property
    def chosen(self) -> str:
        return self.focus.step

    @property
    def tab(self) -> str:
        return self.focus.tab

    @cached_property
    def newest(self) -> Mapping[str, StepRun]:
        """The newest step run of each step: as many as the graph has steps, however long the run."""
        newest = self.run.step_runs.order_by().values("key").annotate(newest=Max("no")).values("newest")
        return {step.key: step for step in self.run.step_runs.filter(no__in=newest).defer(*APART)}

    @cached_property
    def sentence(self) -> SafeString:
        return sentences([self.run])[self.run.pk]

    @cached_property
    def story(self) -> Mapping[str, Sequence[Run]]:
        """The other runs that signals have made one story with this one, by their key."""
        steps = self.graph.steps.values()
        heard = self.run.trigger_id or any(isinstance(step, Emit) or awaited_signals(step) for step in steps)
        return story_of(self.run, visible_runs(self.user)) if heard else {}

    @cached_property
    def rows(self) -> Sequence[LadderRow]:
        return ladder_rows(self.graph, self.newest, over=self.is_over, course=self.course)

    @cached_property
    def items(self) -> Sequence[ItemsCard]:
        """A card for each map that was entered."""
        return items_cards(self.run, self.graph, self.newest, only_failed=self.focus.shows_failed_items)

    @cached_property
    def course(self) -> Course:
        return course_of(self.run, self.graph, self.newest, self.items)

    @cached_property
    def lanes(self) -> int:
        return max((row.lanes for row in self.rows), default=1)

    @cached_property
    def walked(self) -> Walked:
        return walked(self.run)

    @cached_property
    def picture(self) -> Picture:
        return Picture(
            graph=self.graph,
            drawing=drawing_of(self.run.version_id, Direction.ACROSS),
            newest=self.newest,
            walked=self.walked,
            status=self.run.status,
            over=self.is_over,
            chosen=self.chosen,
            undos={chip.key: chip for chip in reversed(self.undo_order)},
            changed=self._changed,
            course=self.course,
        )

    @property
    def _changed(self) -> Collection[str] | None:
        """The steps that the journal tells of after entry ``after``; None where it tells of the run itself."""
        if not self.after:
            return None
        entries = self.run.journal.filter(seq__gt=self.after, seq__lte=self.run.seq).order_by()
        of_many = entries.filter(Q(no=None) | Q(kind__in=OF_MANY))
        if of_many.exclude(kind="ScopeEnded", data__scope__regex=OF_TURN).exists():
            return None
        nos = entries.exclude(no=None).values("no").distinct()
        changed = set(self.run.step_runs.filter(no__in=nos).values_list("key", flat=True))
        return changed | set(self.course.progress)  # a scope that has ended is counted there

    @cached_property
    def chart(self) -> Chart:
        folded, every = not self.focus.is_true_scale, self.focus.shows_every_row
        return chart(self.run, self.graph, self.newest, self.now, folded=folded, every=every)

    @cached_property
    def undo_order(self) -> Sequence[UndoChip]:
        undone = self.run.step_runs.exclude(undo_order=None).order_by("undo_order").defer(*APART)
        shown = list(undone[:UNDOS_SHOWN])
        waiting = list(self.run.ledger.defer(*APART)[: UNDOS_SHOWN - len(shown)])
        return undo_chips(self.graph, shown, waiting, self.run.status)

    @cached_property
    def lines(self) -> Sequence[JournalLine]:
        return journal_lines(
            self.run,
            self.graph,
            after=self.after,
            before=self.focus.before,
            which=self.focus.events,
            limit=EVENTS_SHOWN,
        )

    @property
    def oldest(self) -> int:
        """The entry of the oldest line; 0 where there is nothing older."""
        return self.lines[-1].seq if len(self.lines) >= MANY and self.lines[-1].seq > 1 else 0

    @property
    def begins_anew(self) -> bool:
        """Whether more may have been told since entry ``after`` than is shown at once: the lines would leave a gap."""
        return bool(self.after and self.oldest) and self.run.seq - self.after > EVENTS_SHOWN

    @cached_property
    def reviews(self) -> Sequence[Review]:
        return list(self.run.reviews.filter(status=ReviewStatus.OPEN).order_by("opened_at"))

    @cached_property
    def dead_letters(self) -> Sequence[tuple[str, DeadLetter]]:
        """Those that are open, each with its step's name."""
        letters = self.run.dead_letters.filter(status=DeadLetterStatus.OPEN).order_by("opened_at")
        return [(self.graph.step(letter.key).name, letter) for letter in letters]

    @cached_property
    def waiting_on(self) -> WaitingOn | None:
        return waiting_on(self.graph, self.newest.values(), self.reviews, self.dead_letters)

    @property
    def waits_for_many(self) -> bool:
        """More than the head of the page has buttons for."""
        return len(self.reviews) + len(self.dead_letters) > 1

    @property
    def may_operate(self) -> bool:
        return self.user.has_perm("runs.operate_run")

    @property
    def may_start(self) -> bool:
        return self.user.has_perm("runs.start_run")

    @property
    def may_see_reviews(self) -> bool:
        return self.user.has_perm("runs.view_review")

    @property
    def cancel_refused(self) -> str:
        return refusal_of(check_cancel, self.run)

    @cached_property
    def cancel_said(self) -> str:
        return cancel_words(self.run, self.graph)

    @property
    def is_over(self) -> bool:
        return self.run.status in OVER

    @property
    def deadline(self) -> datetime | None:
        """When the run runs out of time, if it does."""
        begun, length = self.run.started_at, self.graph.deadline
        return begun + length if begun and length else None

    @cached_property
    def _attempts(self) -> Mapping[str, int | None]:
        return self.run.step_runs.aggregate(
            all=Sum("attempt"), steps=Count("pk", filter=Q(attempt__gt=0)), undos=Count("undo_order")
        )

    @property
    def attempts(self) -> int:
        return self._attempts["all"] or 0

    @property
    def retries(self) -> int:
        return self.attempts - (self._attempts["steps"] or 0) - (self._attempts["undos"] or 0)

    @cached_property
    def step(self) -> StepPanel | None:
        if not self.chosen:
            return None
        entered = visits_in(self.run, self.graph, self.chosen, self.focus.turn, self.focus.opened_by)
        newest = entered.order_by("-no").first()
        turn = turn_of(self.run, self.graph, self.chosen, newest, self.focus.turn, self.focus.opened_by)
        return StepPanel(self.run, self.graph, self.chosen, newest, entered.count(), turn)

    @property
    def neighbours(self) -> tuple[str, str]:
        """The steps before and after the chosen one, as the timeline shows them."""
        keys = list(dict.fromkeys(track.key for track in self.chart.tracks))
        if not keys:
            return "", ""
        if self.chosen not in keys:
            return keys[-1], keys[0]
        place = keys.index(self.chosen)
        return keys[place - 1] if place else "", keys[place + 1] if place + 1 < len(keys) else ""

    @cached_property
    def values(self) -> Sequence[ShownValue]:
        """Input, variables and output."""
        run = self.run
        variables = run.variables.order_by("scope", "name")
        told = [(f"{v.name} ({v.scope})" if v.scope else v.name, v) for v in variables[:VARIABLES_SHOWN]]
        return [
            shown_value(run, "Input", "input", run.input),
            *(shown_value(run, title, f"variable-{v.pk}", v.value, name=v.name) for title, v in told),
            *([] if run.output is None else [shown_value(run, "Output", "output", run.output)]),
        ]


def cancel_words(run: Run, graph: Graph) -> str:
    """What cancelling does, for whoever is about to."""
    names = [graph.name_of(key) for key in run.ledger.values_list("key", flat=True)[:UNDOS_SHOWN]]
    if not names:
        return "Nothing new is started. No finished step has anything to undo."
    listed = ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
    return f"Nothing new is started. Then these are undone, the newest first: {listed}."
