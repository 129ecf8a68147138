"""A database that does not answer is not a mistake in a page: say so, and when to come back."""

import logging

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.deprecation import MiddlewareMixin

logger = logging.getLogger(__name__)


class OutageMiddleware(MiddlewareMixin):
    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """503 where the database is locked for too long, or gone. The page must not ask it anything."""
        if not isinstance(exception, OperationalError | InterfaceError):
            return None
        logger.error("The database did not answer.", extra={"path": request.path, "problem": str(exception)})
        return HttpResponse(render_to_string("503.html"), status=503, headers={"Retry-After": "5"})
