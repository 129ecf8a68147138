"""People: add somebody, say what they may do, and give them a link to come in by."""

from typing import Any

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
    return render(request, "people/link.html", {"person": user, "link": link})


def _list(request: HttpRequest, form: Any, *, status: int, refusal: str = "") -> HttpResponse:
    everybody = get_user_model().objects.prefetch_related("groups").order_by("username")
    rows = [{"person": one, "form": AccessForm(user=one)} for one in everybody]
    context = {"rows": rows, "form": form, "roles": SAID, "refusal": refusal}
    return render(request, "people/people.html", context, status=status)
