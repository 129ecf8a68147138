"""Signing in and out."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import AbstractUser
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from choreo_site.forms import SignInForm
from choreo_site.sign_in import end_sessions, note_sign_in, use_sign_in_link


class SignIn(LoginView):
    template_name = "registration/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_valid(self, form: Any) -> HttpResponse:
        answer = super().form_valid(form)
        note_sign_in(user=form.get_user(), how="password", address=address_of(self.request))
        return answer

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(
            self.get_context_data(form=form), status=429 if form.throttled else 422
        )


@login_not_required
@never_cache
@require_safe
def follow_sign_in_link(request: HttpRequest, token: str) -> HttpResponse:
    user = use_sign_in_link(token=token)
    if user is not None:
        login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
        note_sign_in(user=user, how="link", address=address_of(request))
    elif not request.user.is_authenticated:
        return render(request, "registration/link_used.html", status=410)
    return redirect(settings.LOGIN_REDIRECT_URL)


@require_POST
def sign_out_everywhere(request: HttpRequest) -> HttpResponse:
    """Of whoever asks; this browser stays signed in."""
    assert isinstance(request.user, AbstractUser)
    ended = end_sessions(by=request.user, but=request.session.session_key)
    places = {0: "You were signed in nowhere else.", 1: "You are signed out in one other place."}
    messages.success(request, places.get(ended, f"You are signed out in {ended} other places."))
    return redirect("tokens")


def address_of(request: HttpRequest) -> str:
    """Where the request comes from, as the server or the proxy in front of it says."""
    return str(request.META.get("REMOTE_ADDR", ""))
