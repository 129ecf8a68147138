"""Secrets: which there are, what names them, and who did what to them. Their values are shown to nobody."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from choreo_site.forms import NewSecretForm, SecretValueForm
from designer.access import permission_required
from designer.actions import add_secret, remove_secret, replace_secret
from designer.models import Secret
from designer.queries.kept import audit_trail, secret_rows
from designer.refusals import Refused

from .loading import get_numbered

NEEDED = "designer.change_secret"


@require_http_methods(["GET", "POST"])
@never_cache
@sensitive_post_parameters("value")
@permission_required(NEEDED)
def secrets(request: HttpRequest) -> HttpResponse:
    form = NewSecretForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            secret = add_secret(**form.cleaned_data, by=request.user)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{secret} is kept. Nobody can read it here any more.")
            return redirect("secrets")
    return _page(request, form)


@require_POST
@never_cache
@sensitive_post_parameters("value")
@permission_required(NEEDED)
def replace(request: HttpRequest, secret_id: int) -> HttpResponse:
    secret = get_numbered(Secret, secret_id)
    form = SecretValueForm(request.POST, secret=secret)
    try:
        if form.is_valid():
            replace_secret(secret=secret, value=form.cleaned_data["value"], by=request.user)
            messages.success(
                request, f"{secret} is replaced. Attempts that begin from now on get the new value."
            )
            return redirect("secrets")
        sentence = f"{secret} was not replaced: give the new value."
    except Refused as refusal:
        sentence = str(refusal)
    return _page(request, NewSecretForm(), refusal=sentence)


@require_POST
@permission_required(NEEDED)
def remove(request: HttpRequest, secret_id: int) -> HttpResponse:
    secret = get_numbered(Secret, secret_id)
    remove_secret(secret=secret, by=request.user)
    messages.success(request, f"{secret} is removed. Steps that name it fail from now on, and say why.")
    return redirect("secrets")


def _page(request: HttpRequest, form: NewSecretForm, refusal: str = "") -> HttpResponse:
    rows = [{**row, "form": SecretValueForm(secret=row["secret"])} for row in secret_rows()]
    context = {"form": form, "rows": rows, "trail": audit_trail("secret"), "refusal": refusal}
    return render(request, "kept/secrets.html", context, status=422 if refusal or form.is_bound else 200)
