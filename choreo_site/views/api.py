"""The docs of the REST interface, as a page."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from choreo_site.api.docs import docs


@login_not_required
@require_safe
def api_docs(request: HttpRequest) -> HttpResponse:
    """Open to everybody, as the description is."""
    site = request.build_absolute_uri("/").rstrip("/")
    context = {"docs": docs(), "site": site, "rate": settings.CHOREO_API_RATE}
    return render(request, "api/docs.html", context)
