"""Milestones: a step may be made only while a condition holds."""

from runs.engine.situation import Situation
from runs.engine.state import ActiveStep, Fault

NOT_ALLOWED = "NotAllowed"


def objection(sit: Situation, step: ActiveStep) -> Fault | None:
    """Why the step may not be made now. Raises EvaluationError, Needed."""
    condition = sit.definition(step).only_while
    if not condition or sit.holds(condition, step.scope):
        return None
    message = f"It is made only while {condition}, and that does not hold."
    return Fault(name=NOT_ALLOWED, message=message, step=step.key, retryable=False)
