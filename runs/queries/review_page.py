"""The decision page, as a value: why it is here, the evidence, what each answer leads to, what happened so far."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings

from designer.durations import length_text
from designer.graph import Following, Graph, corrections_schema, outlook, question_of, spoken, stops
from designer.graph import Review as ReviewStep
from designer.versions import graph_of
from runs.actions import check_change, check_claim, check_decide, check_may_give, other_reviewers
from runs.models import Review
from runs.models.people import ReviewStatus
from runs.refusals import refusal_of

from .evidence import Evidence, amount_of, evidence_of, subject_of
from .inbox import urgency_of
from .review_trail import Told, so_far, trail_of
from .review_way import Passing, Way, passing_of, way_to
from .veils import check_sees_corrections

CORRECT = "correct:"  # before the name of an outcome: with corrected data
KEPT_KEYS = ("j", "k", "c")  # next, previous, claim


@dataclass(frozen=True, slots=True)
class Answer:
    """One of the cards to choose from."""

    value: str  # what the form sends: the outcome's name, with CORRECT before it where data is corrected
    title: str
    then: str
    key: str
    reason_required: bool
    follows: Sequence[Following]
    locked: str = ""  # why it cannot be given by this person

    @property
    def name(self) -> str:
        return self.value.removeprefix(CORRECT)

    @property
    def corrects(self) -> bool:
        return self.value.startswith(CORRECT)


@dataclass(frozen=True, slots=True)
class Correction:
    """A value that a reviewer has corrected."""

    name: str
    was: Any
    now: Any


@dataclass
class ReviewPage:
    """As ``user`` sees it."""

    review: Review
    user: Any

    @cached_property
    def graph(self) -> Graph:
        return graph_of(self.review.run.version_id)

    @cached_property
    def step(self) -> ReviewStep | None:
        found = self.graph.steps.get(self.review.key)
        return question_of(found) if found else None

    @property
    def is_open(self) -> bool:
        return self.review.status == ReviewStatus.OPEN

    @cached_property
    def claim_refused(self) -> str:
        return refusal_of(check_claim, self.review, self.user)

    @cached_property
    def decide_refused(self) -> str:
        return refusal_of(check_decide, self.review, self.user)

    @property
    def is_mine(self) -> bool:
        return not self.decide_refused

    @property
    def urgency(self) -> str:
        return urgency_of(self.review)

    @property
    def limit(self) -> str:
        """How long it had: 30 min, 1 d 4 h."""
        due, opened = self.review.due_at, self.review.opened_at
        return length_text((due - opened).total_seconds()) if due else ""

    @property
    def claim_length(self) -> str:
        return length_text(settings.CHOREO_CLAIM_SECONDS)

    @cached_property
    def others(self) -> Sequence[Any]:
        """Whom it may be handed to."""
        return other_reviewers(self.review, self.user) if self.is_open and not self.claim_refused else []

    @property
    def amount(self) -> str:
        return amount_of(self.review.evidence)

    @property
    def subject(self) -> str:
        return subject_of(self.review.evidence)

    @cached_property
    def way(self) -> Way | None:
        """The choice that led here."""
        return way_to(self.review, self.graph)

    @cached_property
    def passing(self) -> Sequence[Passing]:
        return passing_of(self.review, self.graph)

    @cached_property
    def evidence(self) -> Sequence[Evidence]:
        return evidence_of(self.graph, self.step, self.review.evidence)

    @property
    def reasons(self) -> Sequence[Evidence]:
        """The numbers: what moved it here."""
        return [line for line in self.evidence if line.shape in ("gauge", "bars")]

    @property
    def lines(self) -> Sequence[Evidence]:
        return [line for line in self.evidence if line.shape == "plain"]

    @property
    def rest(self) -> Sequence[Evidence]:
        return [line for line in self.evidence if line.shape in ("rows", "json")]

    @cached_property
    def schema(self) -> Mapping[str, Any]:
        """Of what may be corrected; empty where nothing may."""
        if not self.review.editable or self.step is None:
            return {}
        return corrections_schema(self.graph, self.step, self.review.editable)

    @cached_property
    def answers(self) -> Sequence[Answer]:
        return _answers(self)

    @cached_property
    def corrections(self) -> Sequence[Correction]:
        """What was corrected, of a review that is decided."""
        return _corrections(self.review.editable, self.review.data, "")

    @property
    def chosen_title(self) -> str:
        """What was answered, in the words of its card."""
        return self.review.title_of(self.review.outcome)

    @property
    def consequences(self) -> Sequence[Answer]:
        """What each outcome leads to, without the cards that correct data."""
        return [answer for answer in self.answers if not answer.corrects]

    @cached_property
    def trail(self) -> Sequence[Told]:
        """What happened to the review itself, the newest first."""
        return trail_of(self.review, self.user)

    @cached_property
    def so_far(self) -> Sequence[Told]:
        """The trail, and around it what the journal says of the run."""
        return so_far(self.review, self.graph, self.trail)


def _answers(page: ReviewPage) -> list[Answer]:
    review, graph = page.review, page.graph
    undoable = list(review.run.ledger.values_list("key", flat=True))
    entered = set(review.run.step_runs.order_by().values_list("key", flat=True).distinct())
    taken = {*KEPT_KEYS, *("e" if review.editable else "")}
    corrected = _corrected(page)
    answers = []
    for outcome in review.outcomes:
        title, scope = review.title_of(outcome["name"]), page.step.scope if page.step else ""
        seen = outlook(graph, scope, outcome["next"], undoable, entered)
        key = next((letter for letter in title.lower() if letter.isalpha() and letter not in taken), "")
        taken.add(key)
        locked = refusal_of(check_may_give, outcome, page.user)
        then = seen.sentence + _agreement(page, outcome)
        plain = Answer(outcome["name"], title, then, key, outcome["reason_required"], seen.follows, locked)
        answers.append(plain)
        if outcome["name"] == corrected:
            answers.append(_correcting(page, plain))
    return answers


def _corrected(page: ReviewPage) -> str:
    """The answer that can be given with corrected data: the first that lets the run go on."""
    if not page.schema or page.step is None:
        return ""
    return next((one.name for one in page.step.outcomes if not stops(page.graph, one)), "")


def _correcting(page: ReviewPage, plain: Answer) -> Answer:
    what = " and ".join(name.replace("_", " ") for name in page.review.editable)
    first = Following("pencil", f"{what.capitalize()}: as you correct it")
    return Answer(
        value=CORRECT + plain.value,
        title=f"Change data and {plain.title[:1].lower()}{plain.title[1:]}",
        then=f"Correct {what} below. {plain.then}",
        key="e",
        reason_required=plain.reason_required,
        follows=[first, *plain.follows],
        locked=plain.locked
        or refusal_of(check_change, page.review)
        or refusal_of(check_sees_corrections, page.review, page.user),
    )


def _agreement(page: ReviewPage, outcome: Mapping[str, Any]) -> str:
    """What else it takes, where one person is not enough."""
    needed = outcome["approvals"]
    if needed < 2:
        return ""
    given = page.review.given.filter(outcome=outcome["name"]).count()
    left = needed - given - 1
    if left < 1:
        return f" ({needed} of {needed} people)"
    return f", once {left} more {'person agrees' if left == 1 else 'people agree'} ({given + 1} of {needed})"


def _corrections(was: Any, now: Any, name: str) -> list[Correction]:
    """Each place where the two differ, by its name."""
    if isinstance(was, dict) and isinstance(now, dict):
        parts = [(_named(name, key), was.get(key), now.get(key)) for key in {**was, **now}]
        return [one for part, before, after in parts for one in _corrections(before, after, part)]
    return [] if was == now else [Correction(name, was, now)]


def _named(name: str, key: str) -> str:
    return f"{name}, {key.replace('_', ' ')}" if name else spoken(key)
