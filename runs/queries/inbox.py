"""The inbox: reviews by the time that is left for them, a page at a time, and on the first what gave up."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from designer.graph import spoken
from designer.people import initials_of
from designer.visibility import seen_by
from runs.actions import check_claim
from runs.models import DeadLetter, Review
from runs.models.people import ReviewStatus
from runs.refusals import refusal_of

from .evidence import amount_of, first_number_of, subject_of
from .gave_up import GaveUp, gave_up, open_dead_letters
from .veils import veiled_review

WHICH = ("open", "mine", "done")
SOON = timedelta(hours=1)
PAGE = 50
KINDS_OFFERED = 40
PLACES_COUNTED = 500  # further down nobody is told which of how many it is


@dataclass(frozen=True, slots=True)
class InboxItem:
    review: Review
    amount: str
    subject: str
    why: str
    used: int  # percent of the time that is gone
    tone: str

    @property
    def id(self) -> str:
        return str(self.review.pk)

    @property
    def claimed(self) -> bool:
        return self.review.is_claimed

    @property
    def holder(self) -> str:
        return initials_of(self.review.claimed_by)

    @property
    def answer(self) -> str:
        return self.review.title_of(self.review.outcome)


@dataclass(frozen=True, slots=True)
class InboxGroup:
    title: str
    tone: str
    count: int
    items: Sequence[InboxItem]


@dataclass(frozen=True, slots=True)
class Kind:
    """A step of a workflow that asks people, and how many of its reviews are open."""

    value: str  # workflow.step
    title: str
    workflow: str
    count: int


@dataclass(frozen=True, slots=True)
class Inbox:
    which: str
    kind: str
    groups: Sequence[InboxGroup]
    counts: Mapping[str, int]
    kinds: Sequence[Kind]
    after: str = ""  # where this page begins; empty for the first
    next: str = ""  # where the next one does; empty after the last
    done_today: int = 0
    gave_up: Sequence[GaveUp] = ()
    gave_up_count: int = 0

    @property
    def kind_title(self) -> str:
        return next((known.title for known in self.kinds if known.value == self.kind), "") or (
            spoken(self.kind.partition(".")[2])
        )


@dataclass(frozen=True, slots=True)
class Place:
    """Where a review stands among those that are open."""

    number: int = 0
    count: int = 0
    before: UUID | None = None
    next: UUID | None = None


@dataclass(frozen=True, slots=True)
class Filter:
    """What the address asks for; nonsense counts as nothing."""

    which: str = "open"
    kind: str = ""
    after: str = ""


def visible_reviews(user: Any) -> QuerySet[Review]:
    """The reviews that ``user`` may see. Whether they may decide is asked for each."""
    if not user.has_perm("runs.view_review"):
        return Review.objects.none()
    found = Review.objects.select_related("run__workflow", "run__version", "claimed_by", "decided_by")
    return seen_by(found, user, "run__workflow").defer(
        *(f"run__{name}" for name in ("version__document", "state", "input", "output", "fault"))
    )


def find_review(user: Any, review_id: UUID) -> Review | None:
    review = visible_reviews(user).filter(pk=review_id).first()
    return veiled_review(review, user) if review else None


def waiting_count(user: Any) -> int:
    """How much of what the inbox shows is open."""
    return visible_reviews(user).filter(status=ReviewStatus.OPEN).count() + open_dead_letters(user).count()


def inbox(user: Any, asked: Filter | None = None) -> Inbox:
    asked = asked or Filter()
    reviews = visible_reviews(user)
    kind = asked.kind if _kind_parts(asked.kind) else ""
    found, groups, more = _page(_of_kind(reviews, kind), user, asked)
    letters = _of_kind(open_dead_letters(user), kind)
    counts, gave_up_count = _counts(_of_kind(reviews, kind), user), letters.count()
    is_start = asked.which == "open" and not asked.after
    return Inbox(
        which=asked.which,
        kind=kind,
        groups=groups,
        counts={**counts, "open": counts["open"] + gave_up_count},
        kinds=_kinds(reviews),
        after=asked.after,
        next=_cursor(found[-1], asked.which) if more else "",
        done_today=_done_today(reviews, user),
        gave_up=gave_up(letters) if gave_up_count and is_start else (),
        gave_up_count=gave_up_count,
    )


def place_of(user: Any, review: Review, kind: str = "") -> Place:
    """The reviews before and after this one, in the order of the list."""
    ids = list(_waiting(_of_kind(visible_reviews(user), kind)).values_list("pk", flat=True)[:PLACES_COUNTED])
    if review.pk not in ids:
        return Place(0, len(ids), None, ids[0] if ids else None)
    at = ids.index(review.pk)
    return Place(at + 1, len(ids), ids[at - 1] if at else None, ids[at + 1] if at + 1 < len(ids) else None)


def next_for(user: Any, decided: Review, kind: str = "") -> Review | None:
    """The first of the list that ``user`` may claim: where to go on once a review is decided."""
    held = Q(claimed_until__gt=timezone.now()) & ~Q(claimed_by=user)
    waiting = _waiting(_of_kind(visible_reviews(user), kind)).exclude(pk=decided.pk).exclude(held)
    return next((review for review in waiting[:PAGE] if not refusal_of(check_claim, review, user)), None)


def _page(reviews: QuerySet[Review], user: Any, asked: Filter) -> tuple[list[Review], list[InboxGroup], bool]:
    if asked.which == "done":
        done = _after_done(reviews.exclude(status=ReviewStatus.OPEN), asked.after)
        found = list(done.order_by(F("decided_at").desc(nulls_last=True), "-id")[: PAGE + 1])
        items = [_item(veiled_review(review, user)) for review in found[:PAGE]]
        return found[:PAGE], [InboxGroup("Done", "", 0, items)] if items else [], len(found) > PAGE
    waiting = _waiting(reviews)
    if asked.which == "mine":
        waiting = waiting.filter(claimed_by=user, claimed_until__gt=timezone.now())
    found = list(_after_waiting(waiting, asked.after)[: PAGE + 1])
    shown = [veiled_review(review, user) for review in found[:PAGE]]
    return shown, _groups(waiting, shown), len(found) > PAGE


def _waiting(reviews: QuerySet[Review]) -> QuerySet[Review]:
    return reviews.filter(status=ReviewStatus.OPEN).order_by(F("due_at").asc(nulls_last=True), "id")


def _groups(waiting: QuerySet[Review], found: Iterable[Review]) -> list[InboxGroup]:
    now = timezone.now()
    late, soon = Q(due_at__lte=now), Q(due_at__gt=now, due_at__lte=now + SOON)
    counts = waiting.order_by().aggregate(
        late=Count("pk", filter=late), soon=Count("pk", filter=soon), all=Count("pk")
    )
    held: dict[str, list[InboxItem]] = {"late": [], "soon": [], "later": []}
    for review in found:
        due = review.due_at
        held["later" if due is None or due > now + SOON else "soon" if due > now else "late"].append(
            _item(review)
        )
    counts["later"] = counts["all"] - counts["late"] - counts["soon"]
    titles = (("late", "Past the limit", "fail"), ("soon", "Due within the hour", ""), ("later", "Later", ""))
    return [InboxGroup(title, tone, counts[name], held[name]) for name, title, tone in titles if held[name]]


def _item(review: Review) -> InboxItem:
    told = (amount_of(review.evidence), subject_of(review.evidence), first_number_of(review.evidence))
    used = max(1, min(100, round(100 * time_used(review)))) if review.due_at else 0
    return InboxItem(review, *told, used, urgency_of(review))


def time_used(review: Review) -> float:
    """What part of its time is gone: more than 1 when it is late, none where it has no limit."""
    if review.due_at is None:
        return 0.0
    return (timezone.now() - review.opened_at) / max(review.due_at - review.opened_at, timedelta(seconds=1))


def urgency_of(review: Review) -> str:
    """The tone of what is left of its time."""
    used = time_used(review)
    return "fail" if used >= 1 else "warn" if used >= 0.5 else "idle"


def _counts(reviews: QuerySet[Review], user: Any) -> Mapping[str, int]:
    mine = Q(claimed_by=user, claimed_until__gt=timezone.now())
    waiting = reviews.filter(status=ReviewStatus.OPEN).order_by()
    return waiting.aggregate(open=Count("pk"), mine=Count("pk", filter=mine))


def _kinds(reviews: QuerySet[Review]) -> list[Kind]:
    waiting = reviews.filter(status=ReviewStatus.OPEN).order_by()
    rows = (
        waiting.values_list("run__workflow__key", "key", "title")
        .annotate(count=Count("pk"))
        .order_by("run__workflow__key", "key")
    )
    kinds: dict[str, Kind] = {}
    for workflow, step, title, count in rows[:KINDS_OFFERED]:
        value = f"{workflow}.{step}"
        count += kinds[value].count if value in kinds else 0  # versions may differ in the title
        kinds[value] = Kind(value, title, workflow, count)
    return list(kinds.values())


def _done_today(reviews: QuerySet[Review], user: Any) -> int:
    morning = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    return reviews.filter(decided_by=user, decided_at__gte=morning).count()


def _of_kind[M: Review | DeadLetter](found: QuerySet[M], kind: str) -> QuerySet[M]:
    parts = _kind_parts(kind)
    return found.filter(run__workflow__key=parts[0], key=parts[1]) if parts else found


def _kind_parts(kind: str) -> tuple[str, str] | None:
    workflow, _, step = kind.partition(".")
    return (workflow, step) if workflow and step else None


def _cursor(last: Review, which: str) -> str:
    moment = last.decided_at if which == "done" else last.due_at
    return f"{moment.isoformat() if moment else ''}~{last.pk}"


def _read_cursor(cursor: str) -> tuple[datetime | None, UUID] | None:
    written, _, pk = cursor.partition("~")
    try:
        moment = datetime.fromisoformat(written) if written else None
        return (moment, UUID(pk)) if moment is None or moment.tzinfo else None
    except ValueError:
        return None


def _after_waiting(waiting: QuerySet[Review], cursor: str) -> QuerySet[Review]:
    if (read := _read_cursor(cursor)) is None:
        return waiting
    moment, pk = read
    if moment is None:
        return waiting.filter(due_at=None, id__gt=pk)
    return waiting.filter(Q(due_at__gt=moment) | Q(due_at=moment, id__gt=pk) | Q(due_at=None))


def _after_done(done: QuerySet[Review], cursor: str) -> QuerySet[Review]:
    if (read := _read_cursor(cursor)) is None:
        return done
    moment, pk = read
    if moment is None:
        return done.filter(decided_at=None, id__lt=pk)
    return done.filter(Q(decided_at__lt=moment) | Q(decided_at=moment, id__lt=pk) | Q(decided_at=None))
