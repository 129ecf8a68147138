"""Refusals as pages."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from choreo_site.roles import sentence_for
from designer.access import MissingPermission


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403, with the sentence which role is needed."""
    said = sentence_for(exception.permission) if isinstance(exception, MissingPermission) else str(exception)
    return render(request, "403.html", {"exception": said}, status=403)
