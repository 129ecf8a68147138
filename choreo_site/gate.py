"""The gate before every page: who is not signed in goes to the sign-in page and comes back."""

from typing import Any

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails


class SignInGate(LoginRequiredMiddleware):
    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """What somebody sees who is signed in is kept by no cache, nor by a browser that others use after them."""
        if settings.SESSION_COOKIE_NAME in request.COOKIES and not response.has_header("Cache-Control"):
            response["Cache-Control"] = "private, no-store"
        return response

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> Any:
        """A part of a page must not be answered with a sign-in page in its place: send the whole page there."""
        htmx = HtmxDetails(request)
        if htmx:
            came_from = htmx.current_url_abs_path or "/"
            return HttpResponseClientRedirect(redirect_to_login(came_from).url)
        if request.method == "POST":
            # What was typed is in the form they came from, and signing in here would lose it.
            return render(request, "signed_out.html", status=403)
        return super().handle_no_permission(request, view_func)
