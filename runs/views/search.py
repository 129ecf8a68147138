from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from designer.requests import is_htmx
from runs.queries.search import search

from .loading import asked


@require_GET
def find_anything(request: HttpRequest) -> HttpResponse:
    """The palette's list; a page of its own where no script asks for it. Each kind is shown to those who may see it."""
    text = asked(request, "q")
    part = "#found" if is_htmx(request) else ""
    return render(request, f"runs/search.html{part}", {"text": text, "groups": search(request.user, text)})
