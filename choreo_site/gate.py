"""The gate before every page: who is not signed in goes to the sign-in page and comes back."""

from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django_htmx.http import HttpResponseClientRedirect


class SignInGate(LoginRequiredMiddleware):
    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> HttpResponse:
        """A part of a page must not be answered with a sign-in page in its place: send the whole page there."""
        if not request.htmx:
            return super().handle_no_permission(request, view_func)
        came_from = request.htmx.current_url_abs_path or "/"
        return HttpResponseClientRedirect(redirect_to_login(came_from).url)
