"""Addresses below `/api/` that lead nowhere."""

from django.http import Http404
from django.urls import Resolver404, resolve
from rest_framework.permissions import AllowAny
from rest_framework.request import Request

from designer.api.view import ApiView


class Nowhere(ApiView):
    """A problem like any other; the most common reason is named."""

    permission_classes = [AllowAny]
    authentication_classes = []
    http_method_names = ["get", "head", "post", "put", "patch", "delete", "options", "trace"]

    def initial(self, request: Request, *args: str, **kwargs: str) -> None:
        super().initial(request, *args, **kwargs)
        path = request.path + "/"
        if not request.path.endswith("/") and leads_somewhere(path):
            raise Http404(
                f"There is nothing at this address. Did you mean {path}? Addresses end with a slash."
            )
        raise Http404("There is nothing at this address. /api/v1/docs/ lists all there are.")


def leads_somewhere(path: str) -> bool:
    try:
        return resolve(path).url_name != "api-nowhere"
    except Resolver404:
        return False
