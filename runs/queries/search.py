"""Finding anything by a few letters: pages, workflows, steps of drafts, runs, reviews. The best match comes first."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.urls import reverse

from designer.models import Step
from designer.visibility import seen_by, visible_workflows
from runs.models import Review
from runs.models.people import ReviewStatus
from runs.wording import run_wording

from .inbox import visible_reviews
from .lists import id_ends_with
from .run_page import visible_runs

MOST = 6  # of each kind


@dataclass(frozen=True, slots=True)
class Found:
    title: str
    said: str
    icon: str
    tone: str
    address: str


@dataclass(frozen=True, slots=True)
class FoundGroup:
    title: str
    items: Sequence[Found]


@dataclass(frozen=True, slots=True)
class SitePage:
    """A page or a command, and what one needs for it."""

    title: str
    name: str  # of its address
    icon: str
    needs: str
    words: str = ""  # other words that people look for it by
    query: str = ""


PAGES = (
    SitePage("Workflows", "runs:workflows", "workflows", "designer.view_workflow", "home dashboard"),
    SitePage("Runs", "runs:runs", "runs", "runs.view_run", "executions"),
    SitePage("Runs in flight", "runs:runs", "runs", "runs.view_run", "running active", "?status=in-flight"),
    SitePage("Runs that wait for people", "runs:runs", "runs", "runs.view_run", "stuck", "?status=waiting"),
    SitePage("Runs that failed", "runs:runs", "runs", "runs.view_run", "errors gave up", "?status=failed"),
    SitePage("Reviews", "runs:reviews", "reviews", "runs.view_review", "inbox decide"),
    SitePage("New workflow", "designer:new", "plus", "designer.change_workflow", "create make"),
    SitePage(
        "Import a workflow",
        "designer:import",
        "upload",
        "designer.change_workflow",
        "document yaml json file",
    ),
    SitePage("People and roles", "people", "reviews", "auth.change_user", "users access permissions"),
    SitePage("Teams", "teams", "reviews", "auth.change_user", "groups visibility who sees"),
    SitePage("Audit trail", "trail", "clock", "designer.view_trail", "history who did what log"),
)


def search(user: Any, text: str) -> list[FoundGroup]:
    """As far as ``user`` may see it. Without a text: where one can go."""
    groups = [FoundGroup(title, list(find(user, text))) for title, find in KINDS]
    return [group for group in groups if group.items]


def _pages(user: Any, text: str) -> Iterator[Found]:
    for page in _ranked(PAGES, text, lambda page: (page.title, *page.words.split())):
        if user.has_perm(page.needs):
            yield Found(page.title, "", page.icon, "", reverse(page.name) + page.query)


def _workflows(user: Any, text: str) -> Iterator[Found]:
    if not text or not user.has_perm("designer.view_workflow"):
        return
    like = Q(key__icontains=text) | Q(title__icontains=text)
    found = visible_workflows(user).filter(like).select_related("published").defer("published__document")[:50]
    for workflow in _ranked(found, text, lambda one: (one.key, one.title))[:MOST]:
        said = f"v{workflow.published.number}" if workflow.published else "draft"
        address = reverse("designer:workflow", args=[workflow.key])
        yield Found(workflow.key, f"{workflow.title} · {said}", "workflows", "", address)


def _steps(user: Any, text: str) -> Iterator[Found]:
    if len(text) < 2 or not user.has_perm("designer.change_workflow"):
        return
    like = Q(key__icontains=text) | Q(title__icontains=text)
    steps = seen_by(Step.objects.filter(like), user, "draft__workflow")
    found = steps.select_related("draft__workflow").order_by("draft", "position")[:50]
    for step in _ranked(found, text, lambda one: (one.key, one.title))[:MOST]:
        workflow = step.draft.workflow.key
        address = reverse("designer:edit", args=[workflow]) + f"?step={step.key}"
        yield Found(step.title or step.key, f"step of {workflow}", f"kind-{step.kind}", "", address)


def _runs(user: Any, text: str) -> Iterator[Found]:
    if len(text) < 2:
        return
    runs = visible_runs(user).select_related(None).prefetch_related("workflow").order_by("-id")
    columns = ("key", "status", "reason", "workflow_id")
    found = runs.only(*columns).filter(Q(key__icontains=text) | id_ends_with(text))[:50]
    for run in sorted(found, key=lambda one: _rank(text.lower(), (one.key, one.short_id)))[:MOST]:
        wording = run_wording(run.status, run.reason)
        address = reverse("runs:run", args=[run.pk])
        yield Found(run.name, f"{wording.word} · {run.workflow.key}", wording.icon, wording.tone, address)


def _reviews(user: Any, text: str) -> Iterator[Found]:
    if len(text) < 2:
        return
    like = Q(title__icontains=text) | Q(run__key__icontains=text)
    found: Iterable[Review] = visible_reviews(user).filter(like, status=ReviewStatus.OPEN)[:50]
    for review in _ranked(found, text, lambda one: (one.title, one.run.key))[:MOST]:
        address = reverse("runs:review", args=[review.pk])
        yield Found(review.title, f"review of {review.run.name}", "review", "review", address)


KINDS: Sequence[tuple[str, Callable[[Any, str], Iterator[Found]]]] = (
    ("Go to", _pages),
    ("Workflows", _workflows),
    ("Steps", _steps),
    ("Runs", _runs),
    ("Reviews", _reviews),
)


def _ranked[T](items: Iterable[T], text: str, names: Callable[[T], Iterable[str]]) -> list[T]:
    """Those that match: the same word first, then what begins so, then what has it inside. Else as they came."""
    ranked = [(rank, item) for item in items if (rank := _rank(text.lower(), names(item))) < len(RANKS)]
    return [item for _, item in sorted(ranked, key=lambda pair: pair[0])]


RANKS: Sequence[Callable[[str, str], bool]] = (
    lambda name, text: name == text,
    lambda name, text: name.startswith(text),
    lambda name, text: any(word.startswith(text) for word in name.replace("_", " ").split()),
    lambda name, text: text in name,
)


def _rank(text: str, names: Iterable[str]) -> int:
    lowered = [name.lower() for name in names]
    fits = (rank for rank, test in enumerate(RANKS) if any(test(name, text) for name in lowered))
    return next(fits, len(RANKS)) if text else 0
