"""Everything the editor shows, worked out once for a page and its parts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from designer.actions.drafting import newest_edit, next_undone_edit
from designer.actions.publishing import says_the_same
from designer.drafts import graph_of_draft, problems_in, with_contracts
from designer.drawings import drawing_of_draft
from designer.forms import AddStepForm, ConnectForm, Section, find_section, section_about, sections_of
from designer.forms.rows import Move
from designer.graph import AnyStep, Change, Direction, Graph, Parallel, Problem, Rung, connections, ladder
from designer.models import Draft, Edit, Workflow
from designer.queries import (
    Canvas,
    Counts,
    LadderRow,
    Marks,
    canvas,
    changes_since_published,
    counts_by_step,
    counts_of,
    icon_of,
    ladder_rows,
    marks_of,
    outline,
    published_graph,
    telling,
    unbound_steps,
)
from designer.queries.outline import OutlinePart
from designer.requests import is_htmx

from .loading import get_step, get_workflow

CHANGES_SHOWN = 12


@dataclass(frozen=True)
class Tab:
    key: str
    heading: str
    current: bool
    counts: Counts


@dataclass(frozen=True)
class ProblemRow:
    problem: Problem
    where: str
    section: str
    number: int


@dataclass(frozen=True)
class EditorPage:
    workflow: Workflow
    draft: Draft
    graph: Graph
    step: AnyStep | None
    section: Section
    adding: AddStepForm | None = None
    connecting: ConnectForm | None = None
    refusal: str = ""

    @property
    def icon(self) -> str:
        return icon_of(self.step) if self.step else ""

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        return problems_in(self.graph, self.workflow.team_id)

    @cached_property
    def counts(self) -> Counts:
        return counts_of(self.problems)

    @cached_property
    def form(self) -> Section:
        """The open section, with the problems that are put right in it."""
        found: dict[str, list[ProblemRow]] = {}
        for row in self._problems_here:
            if row.section == self.section.key:
                found.setdefault(row.problem.field, []).append(row)
        self.section.problems = found
        if self.published:
            self.section.compare(self.published)
        return self.section

    @cached_property
    def published(self) -> Graph | None:
        graph = published_graph(self.workflow)
        return with_contracts(graph) if graph else None

    @cached_property
    def tabs(self) -> list[Tab]:
        here = self._problems_here
        return [
            Tab(
                key=one.key,
                heading=one.heading,
                current=one is type(self.section),
                counts=counts_of(row.problem for row in here if row.section == one.key),
            )
            for one in sections_of(self.step)
        ]

    @cached_property
    def rungs(self) -> tuple[Rung, ...]:
        return ladder(self.graph)

    @cached_property
    def ladder(self) -> list[LadderRow]:
        return ladder_rows(self.graph, self.rungs, counts_by_step(self.problems))

    @cached_property
    def outline(self) -> list[OutlinePart]:
        return outline(self.graph, self.rungs, counts_by_step(self.problems), self.marks)

    @cached_property
    def canvas(self) -> Canvas:
        selected = self.step.key if self.step else ""
        drawing = drawing_of_draft(self.draft.workflow_id, self.draft.revision, self.graph, Direction.DOWN)
        return canvas(self.graph, Marks(self.marks, counts_by_step(self.problems), selected), drawing)

    @cached_property
    def marks(self) -> dict[str, str]:
        """By step: whether it is new or changed since what is published."""
        return marks_of(self.changes)

    @cached_property
    def problem_rows(self) -> list[ProblemRow]:
        return [self._problem_row(number, problem) for number, problem in enumerate(self.problems)]

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        return changes_since_published(self.workflow, self.graph) if self.workflow.published else ()

    @property
    def changes_shown(self) -> tuple[Change, ...]:
        return telling(self.changes)[:CHANGES_SHOWN]

    @property
    def changes_left(self) -> int:
        return len(telling(self.changes)) - len(self.changes_shown)

    @cached_property
    def newest_edit(self) -> Edit | None:
        return newest_edit(self.draft)

    @cached_property
    def next_undone_edit(self) -> Edit | None:
        return next_undone_edit(self.draft)

    @property
    def next_number(self) -> int:
        return self.workflow.published.number + 1 if self.workflow.published else 1

    @cached_property
    def unbound(self) -> int:
        """How many steps of an imported document nothing does yet."""
        return len(unbound_steps(self.graph))

    @property
    def is_parallel(self) -> bool:
        return isinstance(self.step, Parallel)

    @property
    def why_not_published(self) -> str:
        """Why the button to publish does nothing; empty where it does."""
        return why_not_published(self.workflow, self.graph, self.problems)

    @property
    def base(self) -> str:
        return reverse("designer:edit", args=[self.workflow.key])

    @property
    def query(self) -> str:
        """What is open."""
        return query_of(self.step.key if self.step else "", self.section.key)

    @property
    def address(self) -> str:
        """Where the page shows what it shows now."""
        return f"{self.base}?{self.query}"

    @property
    def add_base(self) -> str:
        return reverse("designer:add-step", args=[self.workflow.key])

    @property
    def add_address(self) -> str:
        """Where a step is added after the open one."""
        return f"{self.add_base}?{self.query}"

    @property
    def may_lead_on(self) -> bool:
        """Whether the open step has a way out that could lead somewhere."""
        return self.step is not None and bool(connections(self.step))

    @property
    def action(self) -> str:
        """Where the open section is sent to."""
        step = [self.step.key] if self.step else []
        name = "designer:save-section" if step else "designer:save-settings"
        return reverse(name, args=[self.workflow.key, *step, self.section.key])

    @property
    def _problems_here(self) -> list[ProblemRow]:
        """Those of the open step, or of the workflow itself."""
        return [
            row for row in self.problem_rows if row.problem.step == (self.step.key if self.step else None)
        ]

    def _problem_row(self, number: int, problem: Problem) -> ProblemRow:
        step = self.graph.steps.get(problem.step or "")
        section = section_about(step, problem)
        where = [step.name if step else "Workflow", section.heading, *problem.field.split(".")[1:]]
        return ProblemRow(problem, " › ".join(where), section.key, number)


def query_of(step: str, section: str) -> str:
    return urlencode({name: said for name, said in (("step", step), ("section", section)) if said})


def edit_address(workflow: Workflow, step: str, section: str = "") -> str:
    query = query_of(step, section)
    return reverse("designer:edit", args=[workflow.key]) + (f"?{query}" if query else "")


def why_not_published(workflow: Workflow, graph: Graph, problems: Iterable[Problem]) -> str:
    """Why the draft cannot become a version now; empty where it can."""
    if errors := counts_of(problems).errors:
        return "Fix 1 error first" if errors == 1 else f"Fix {errors} errors first"
    published = workflow.published
    if published and says_the_same(published, graph):
        return f"Nothing has changed since v{published.number}"
    return ""


def open_page(
    workflow: Workflow,
    step_key: str | None,
    section_key: str = "",
    data: Mapping[str, Any] | None = None,
    move: tuple[str, Move] | None = None,
    *,
    typing: bool = False,
) -> EditorPage:
    """The editor at a step's section, or at the workflow's own. Raises Http404."""
    draft = workflow.draft
    graph = graph_of_draft(draft)
    step = get_step(graph, step_key) if step_key else None
    section = find_section(step, section_key)
    if section is None:
        raise Http404(f"There is no section “{section_key}” here.")
    form = section(graph, step, data, move, typing=typing, team=workflow.team_id)
    return EditorPage(workflow, draft, graph, step, form)


def reopened(user: Any, page: EditorPage) -> EditorPage:
    """The same place, as it is after an edit."""
    workflow = get_workflow(user, page.workflow.key)
    after = open_page(workflow, page.step.key if page.step else None, page.section.key)
    after.section.waiting, after.section.redrawn = page.section.waiting, page.section.redrawn
    return after


def show(request: HttpRequest, page: EditorPage, *, status: int = 200) -> HttpResponse:
    """The whole page."""
    return render(request, "designer/editor.html", {"page": page}, status=status)


def show_section(request: HttpRequest, page: EditorPage, *, status: int = 200) -> HttpResponse:
    """The open section, and beside it what changed with it; the whole page where no script asked."""
    if not is_htmx(request):
        return show(request, page, status=status)
    return render(request, "designer/editor/answer.html", {"page": page, "oob": True}, status=status)


def refused(request: HttpRequest, page: EditorPage, sentence: str, *, status: int = 422) -> HttpResponse:
    return show(request, replace(page, refusal=sentence), status=status)
