"""Who may decide a review, and who may give which of its answers."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth import get_user_model

from designer.visibility import hidden_workflows, those_who_see
from runs.models import Review
from runs.models.people import ReviewStatus
from runs.refusals import NotAllowed

MOST_OFFERED = 200


def check_reviewer(review: Review, user: Any) -> None:
    """Whether ``user`` is one who may decide this review. Administrators are no exception. Raises NotAllowed."""
    if not user.has_perm("runs.decide_review"):
        raise NotAllowed("Your role does not decide reviews.")
    if review.run.workflow_id in hidden_workflows(user):
        raise NotAllowed("Only the team whose workflow it is may decide this review.")
    if review.groups and not user.groups.filter(name__in=review.groups).exists():
        raise NotAllowed(f"Only {_either(review.groups)} may decide this review.")
    if review.four_eyes and review.run.started_by_id == user.pk:
        raise NotAllowed("You started this run, so somebody else must decide.")
    if review.status == ReviewStatus.OPEN and review.given.filter(by=user).exists():
        raise NotAllowed("You have given your answer; another person's is needed.")


def check_may_give(outcome: Mapping[str, Any], user: Any) -> None:
    """Whether this answer is one that ``user`` may give. Raises NotAllowed."""
    if outcome["groups"] and not user.groups.filter(name__in=outcome["groups"]).exists():
        raise NotAllowed(f"Only {_either(outcome['groups'])} may give this answer.")


def other_reviewers(review: Review, user: Any) -> list[Any]:
    """Who else may decide this review, by name: those it may be handed to."""
    people = get_user_model().objects.with_perm(
        "runs.decide_review", backend="django.contrib.auth.backends.ModelBackend"
    )
    people = those_who_see(people, review.run.workflow.team_id)
    if review.groups:
        people = people.filter(groups__name__in=review.groups).distinct()
    if review.four_eyes and review.run.started_by_id:
        people = people.exclude(pk=review.run.started_by_id)
    answered = review.given.filter(by__isnull=False).values("by")
    return list(people.exclude(pk=user.pk).exclude(pk__in=answered).order_by("username")[:MOST_OFFERED])


def _either(groups: Sequence[str]) -> str:
    return " or ".join(groups)
