"""Answering with a refusal: the sentence, the right status, and nothing lost."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from runs.refusals import NotAllowed, Refused


def refused(request: HttpRequest, refusal: Refused, template: str, context: dict[str, Any]) -> HttpResponse:
    """403 for a person who may not, 409 for a moment that has passed."""
    status = 403 if isinstance(refusal, NotAllowed) else 409
    return render(request, template, {**context, "refused": str(refusal)}, status=status)
