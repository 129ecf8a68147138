"""Tokens: make one, see which there are, end one."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from choreo_site.forms import NewTokenForm
from choreo_site.tokens import NewToken, TokenRefused, create_token, is_over, revoke_token, tokens_of

from .loading import LARGEST_NUMBER


@require_http_methods(["GET", "POST"])
@never_cache
def tokens(request: HttpRequest) -> HttpResponse:
    form, made = NewTokenForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        try:
            made = create_token(by=request.user, **form.cleaned_data)
        except TokenRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            form = NewTokenForm()
    return _page(request, form, made)


@require_POST
def revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    name = revoke_token(token_id=token_id, by=request.user) if token_id <= LARGEST_NUMBER else None
    if name is None:
        raise Http404("There is no such token, or it is not yours.")
    messages.success(request, f"“{name}” has ended. Programs that use it are refused from now on.")
    return redirect("tokens")


def _page(request: HttpRequest, form: NewTokenForm, made: NewToken | None) -> HttpResponse:
    rows = [{"token": token, "over": is_over(token)} for token in tokens_of(request.user)]
    context = {"form": form, "made": made, "rows": rows, "site": request.build_absolute_uri("/")}
    return render(request, "api/tokens.html", context, status=422 if form.is_bound else 200)
