"""People: add somebody, say what they may do, and give them a link to come in by."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from choreo_site.forms import AccessForm, AddPersonForm
from choreo_site.people import PeopleRefused, add_person, set_access, sign_in_link_for
from choreo_site.roles import SAID
from designer.access import permission_required
from designer.actions import can_confirm, confirm_grant, hurry_grant, settle_grants
from designer.models import Grant
from designer.refusals import Refused

from .loading import LARGEST_NUMBER


@require_http_methods(["GET", "POST"])
@never_cache
@permission_required("auth.change_user")
def people(request: HttpRequest) -> HttpResponse:
    form = AddPersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return _link_page(request, add_person(**form.cleaned_data, by=request.user))
        except PeopleRefused as refusal:
            form.add_error("username", str(refusal))
    return _list(request, form, status=422 if form.is_bound else 200)


@require_POST
@permission_required("auth.change_user")
def change_access(request: HttpRequest, user_id: int) -> HttpResponse:
    user = _get_user(user_id)
    form = AccessForm(request.POST, user=user)
    try:
        if form.is_valid():
            set_access(user=user, **form.cleaned_data, by=request.user)
            messages.success(request, f"{user}: saved.")
            return redirect("people")
        sentence = str(next(iter(form.non_field_errors()), "That is not one of the roles."))
    except PeopleRefused as refusal:
        sentence = str(refusal)
    return _list(request, AddPersonForm(), status=422, refusal=sentence)


@require_POST
@permission_required("auth.change_user")
def grant(request: HttpRequest, grant_id: int) -> HttpResponse:
    """Confirm what another administrator gave, or let it hold at once and say why."""
    known = min(grant_id, LARGEST_NUMBER)
    try:
        if "reason" in request.POST:
            given = hurry_grant(grant_id=known, by=request.user, reason=request.POST["reason"])
        else:
            given = confirm_grant(grant_id=known, by=request.user)
    except Refused as refusal:
        return _list(request, AddPersonForm(), status=409, refusal=str(refusal))
    messages.success(request, f"{given.person} is {given.group} from now on.")
    return redirect("people")


@require_POST
@never_cache
@permission_required("auth.change_user")
def make_link(request: HttpRequest, user_id: int) -> HttpResponse:
    try:
        return _link_page(request, _get_user(user_id))
    except PeopleRefused as refusal:
        return _list(request, AddPersonForm(), status=422, refusal=str(refusal))


def _get_user(user_id: int) -> User:
    user = get_user_model().objects.filter(pk=user_id).first() if user_id <= LARGEST_NUMBER else None
    if user is None:
        raise Http404("There is nobody with this number.")
    return user


def _link_page(request: HttpRequest, user: User) -> HttpResponse:
    token = sign_in_link_for(user=user, by=request.user)
    link = request.build_absolute_uri(reverse("sign-in-link", args=[token]))
    coming = Grant.objects.filter(person=user).select_related("group")
    return render(request, "people/link.html", {"person": user, "link": link, "coming": coming})


def _list(request: HttpRequest, form: Any, *, status: int, refusal: str = "") -> HttpResponse:
    settle_grants()
    people = get_user_model().objects.order_by("username")
    everybody = people.prefetch_related("groups", "grants__group", "grants__by")
    rows = [
        {"person": one, "form": AccessForm(user=one), "coming": _coming(one, request.user)}
        for one in everybody
    ]
    context = {
        "rows": rows,
        "minutes": settings.CHOREO_GRANT_MINUTES,
        "form": form,
        "roles": SAID,
        "refusal": refusal,
    }
    return render(request, "people/people.html", context, status=status)


def _coming(person: Any, by: Any) -> list[tuple[Grant, bool]]:
    """What somebody was given that does not hold yet, and whether ``by`` may confirm it."""
    return [(grant, can_confirm(grant, by)) for grant in person.grants.all()]
