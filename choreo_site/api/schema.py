"""`/api/v1/schema/`."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from designer.api.view import ApiView
from designer.graph import write_yaml

from .openapi import described


class YamlSchema(BaseRenderer):
    media_type = "application/yaml"
    format = "yaml"
    charset = "utf-8"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> Any:
        return write_yaml(data)


class Schema(ApiView):
    """Open to everybody: it says what there is, not what is in it, and programs read it before they have a token."""

    permission_classes = [AllowAny]
    authentication_classes = []
    renderer_classes = [JSONRenderer, YamlSchema]

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        return Response(described())
