"""Signing in and out."""

from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from choreo_site.forms import SignInForm
from choreo_site.sign_in import use_sign_in_link


class SignIn(LoginView):
    template_name = "registration/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

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
    elif not request.user.is_authenticated:
        return render(request, "registration/link_used.html", status=410)
    return redirect(settings.LOGIN_REDIRECT_URL)
