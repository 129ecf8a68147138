"""Who may do what: Django's permissions, and a refusal that says which one is missing."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse


class MissingPermission(PermissionDenied):
    """A person without the permission that a page or an action needs."""

    def __init__(self, permission: str) -> None:
        super().__init__(permission)
        self.permission = permission


type View[**P] = Callable[Concatenate[HttpRequest, P], HttpResponse]


def permission_required[**P](permission: str) -> Callable[[View[P]], View[P]]:
    """Django's decorator of this name with ``raise_exception``, whose refusal names the permission."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            check_permission(request.user, permission)
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def check_permission(user: Any, permission: str) -> None:
    """Raises MissingPermission."""
    if not user.has_perm(permission):
        raise MissingPermission(permission)
