"""What a wait waits for, told apart: signals by arrival, and the one question that its persons are asked."""

from collections.abc import Mapping

from .model import AnyStep, Review, Wait
from .parts import Arrival, Awaited, Outcome, Reviewers


def awaited_signals(step: AnyStep) -> Mapping[str, Awaited]:
    """By the name of the arrival; a wait for one signal alone has it under the empty name."""
    if not isinstance(step, Wait):
        return {}
    if step.signal is not None:
        return {"": step.signal}
    return {one.name: one.signal for one in step.first if one.signal is not None}


def find_arrival(step: AnyStep, name: str) -> Arrival | None:
    return next((one for one in step.first if one.name == name), None) if isinstance(step, Wait) else None


def question_of(step: AnyStep) -> Review | None:
    """What people are asked: a review itself, or the one that the persons among a wait's arrivals make up.

    Each of these arrivals is an answer. Who may decide it is one of those who may give any of them; what an
    arrival says of its own people is said of its answer.
    """
    if isinstance(step, Review):
        return step
    asked = [(one, one.person) for one in getattr(step, "first", ()) if one.person is not None]
    if not asked:
        return None
    groups = [person.groups for _, person in asked]
    anybody = not all(groups)
    return Review(
        key=step.key,
        scope=step.scope,
        title=step.title,
        owner=step.owner,
        deadline=step.deadline,
        reviewers=Reviewers(
            groups=() if anybody else tuple(dict.fromkeys(name for some in groups for name in some)),
            four_eyes=any(person.four_eyes for _, person in asked),
        ),
        outcomes=tuple(
            Outcome(one.name, one.next, one.title, approvals=person.approvals, groups=person.groups)
            for one, person in asked
        ),
    )
