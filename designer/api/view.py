"""What every view of the interface has: a permission for each method, strict questions, answers nobody keeps."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.http import HttpRequest
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from designer.access import check_permission

from .problems import Problem, body_flaws, parameter_flaws
from .shapes import Body, Question


class ApiView(APIView):
    """``needs`` says which permission each method asks for."""

    needs: ClassVar[Mapping[str, str]] = {}
    http_method_names = ["get", "head", "post", "put"]

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        if "CONTENT_LENGTH" not in request.META and "HTTP_TRANSFER_ENCODING" in request.META:
            # A body in chunks does not say how long it is, and without a length none would be read.
            request.META["CONTENT_LENGTH"] = "-1"
        return super().initialize_request(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        try:
            super().initial(request, *args, **kwargs)
        except (AuthenticationFailed, NotAuthenticated):
            request._not_authenticated()  # type: ignore[attr-defined]  # who failed to say who they are is a stranger, and counted as one
            self.check_throttles(request)
            raise

    def check_permissions(self, request: Request) -> None:
        """Raises NotAuthenticated, MissingPermission."""
        super().check_permissions(request)
        method = "GET" if request.method == "HEAD" else request.method or ""
        if permission := self.needs.get(method):
            check_permission(request.user, permission)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        return response

    def asked(self, shape: type[Question]) -> dict[str, Any]:
        """What the address asks for. Raises Problem."""
        given = shape(data={name: self.request.query_params[name] for name in self.request.query_params})
        if given.is_valid():
            return dict(given.validated_data)
        flaws = list(parameter_flaws(given.errors))
        raise Problem("bad-parameter", f"{flaws[0]['parameter']}: {flaws[0]['detail']}", flaws)

    def sent(self, shape: type[Body], **context: Any) -> dict[str, Any]:
        """The body, in its shape. Raises Problem."""
        given = shape(data=self.request.data, context=context)
        if given.is_valid():
            return dict(given.validated_data)
        flaws = list(body_flaws(given.errors))
        where = flaws[0]["pointer"].removeprefix("#/")
        raise Problem(
            "invalid", f"{where}: {flaws[0]['detail']}" if where != "#" else flaws[0]["detail"], flaws
        )

    def paged(self, items: list[Any], following: str | None) -> Response:
        """A page of a list, and the address of the next one in the body and in `Link`."""
        headers = {"Link": f'<{following}>; rel="next"'} if following else {}
        return Response({"items": items, "next": following}, headers=headers)
