"""Whose a new workflow is."""

from typing import Any

from django.contrib.auth.models import Group
from rest_framework.serializers import CharField

from designer.visibility import teams_of

from .problems import Problem
from .shapes import Question


def team_field() -> CharField:
    said = "The team that alone sees the workflow; one of yours. Left out, everybody sees it."
    return CharField(required=False, max_length=150, help_text=said)


class TeamQuestion(Question):
    team = team_field()


def chosen_team(user: Any, name: str) -> Group | None:
    """Raises Problem."""
    found = teams_of(user).filter(name=name).first() if name else None
    if name and found is None:
        sentence = f"team: you are in no team “{name}”."
        raise Problem("bad-parameter", sentence, [{"parameter": "team", "detail": sentence}])
    return found
