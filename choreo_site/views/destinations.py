"""Destinations: where steps may call besides the web at large."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from choreo_site.forms import DestinationForm
from designer.access import permission_required
from designer.actions import add_destination, remove_destination
from designer.models import Destination
from designer.queries.kept import audit_trail
from designer.refusals import Refused

from .loading import get_numbered

NEEDED = "designer.change_destination"


@require_http_methods(["GET", "POST"])
@never_cache
@permission_required(NEEDED)
def destinations(request: HttpRequest) -> HttpResponse:
    form = DestinationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            added = add_destination(**form.cleaned_data, by=request.user)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Steps may call {added} now.")
            return redirect("destinations")
    return _page(request, form)


@require_POST
@permission_required(NEEDED)
def remove(request: HttpRequest, destination_id: int) -> HttpResponse:
    destination = get_numbered(Destination, destination_id)
    remove_destination(destination=destination, by=request.user)
    messages.success(request, f"{destination} is not listed any more.")
    return redirect("destinations")


def _page(request: HttpRequest, form: DestinationForm) -> HttpResponse:
    context = {
        "form": form,
        "rows": Destination.objects.select_related("added_by"),
        "trail": audit_trail("destination"),
        "listed_only": settings.CHOREO_HTTP_LISTED_ONLY,
    }
    return render(request, "kept/destinations.html", context, status=422 if form.is_bound else 200)
