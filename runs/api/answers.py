"""Rows in the shapes that are answered."""

from collections.abc import Mapping, Sequence
from html import unescape
from types import SimpleNamespace
from typing import Any

from django.utils.html import strip_tags
from rest_framework.request import Request
from rest_framework.reverse import reverse

from designer.graph import AnyStep
from designer.visibility import seen_by
from runs.models import DeadLetter, Review, Run, StepRun
from runs.queries import run_page
from runs.queries.review_page import ReviewPage
from runs.queries.sentences import sentences
from runs.queries.step_panel import StepPanel
from runs.queries.veils import veiled, veiled_letter, veiled_review

from .shapes import DeadLetterShape, ReviewDetail, ReviewShape, RunDetail, RunShape, StepDetail
from .values import told_value

BLANK = dict.fromkeys(("no", "status", "reason", "fault", "started_at", "ended_at", "due_at")) | {
    "tries": 0,
    "undo_order": None,
    "undo_tries": 0,
    "undo_fault": None,
}


class Row:
    """A row, and what is told beside its columns."""

    def __init__(self, row: Any, **beside: Any) -> None:
        self.row = row
        self.__dict__.update(beside)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.row, name)


MOST_CHILDREN = 100


def told_runs(runs: Sequence[Run], request: Request) -> list[Any]:
    said = sentences(runs)
    rows = [Row(run, why=plain(said[run.pk]), page=run_address(run, request)) for run in runs]
    return list(RunShape(rows, many=True).data)


def told_run(run: Run, request: Request) -> Any:
    page = run_page(run, request.user)
    row = Row(
        run,
        why=plain(page.sentence),
        page=run_address(run, request),
        input=told_value(run, run.input, request),
        output=told_value(run, run.output, request),
        children=seen_by(run.children.select_related("workflow"), request.user).order_by("-id")[
            :MOST_CHILDREN
        ],
        steps=[step_row(step, page.newest.get(step.key)) for step in page.graph.steps.values()],
    )
    return veiled(run, RunDetail(row).data)


def told_step(panel: StepPanel, request: Request) -> Any:
    run, step = panel.run, panel.step_run
    row = Row(
        step_row(panel.definition, step),
        idempotency_key=panel.idempotency_key,
        input=told_value(run, step.input if step else None, request),
        output=told_value(run, step.output if step else None, request),
        attempts=panel.attempts,
    )
    return veiled(run, StepDetail(row).data)


def step_row(step: AnyStep, entered: StepRun | None) -> Any:
    known: Mapping[str, Any] = {name: getattr(entered, name) for name in BLANK} if entered else BLANK
    return SimpleNamespace(key=step.key, title=step.name, kind=step.kind, **known)


def told_reviews(reviews: Sequence[Review], request: Request) -> list[Any]:
    seen = [veiled_review(review, request.user) for review in reviews]
    return [veiled(one.run, ReviewShape(review_row(one, request)).data) for one in seen]


def told_review(review: Review, request: Request) -> Any:
    page = ReviewPage(review, request.user)
    row = review_row(
        review,
        request,
        data=review.data,
        data_schema=page.schema,
        outcomes=page.consequences,
        trail=page.trail,
        claim_refused=page.claim_refused,
        decide_refused=page.decide_refused,
    )
    return veiled(review.run, ReviewDetail(row).data)


def review_row(review: Review, request: Request, **beside: Any) -> Row:
    """A claim that has ended is nobody's."""
    free = {} if review.is_claimed else {"claimed_by": None, "claimed_until": None}
    page = reverse("runs:review", [review.pk], request=request)
    return Row(review, page=page, **free, **beside)


def told_dead_letter(letter: DeadLetter, request: Request) -> Any:
    row = Row(veiled_letter(letter, request.user), page=reverse("runs:resolve", [letter.pk], request=request))
    return veiled(letter.run, DeadLetterShape(row).data)


def run_address(run: Run, request: Request) -> str:
    return str(reverse("runs:run", [run.pk], request=request))


def plain(sentence: str) -> str:
    return unescape(strip_tags(sentence))
