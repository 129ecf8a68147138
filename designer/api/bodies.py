"""What is sent: JSON of any shape, or a document as JSON or YAML."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from rest_framework.parsers import BaseParser

from designer.graph import read_document
from designer.reading import Unreadable, as_text, read_json

LARGEST_DOCUMENT = 512 * 1024


class BodyTooLarge(Exception):
    """A body over the limit; the sentence says the limit."""


class JsonBody(BaseParser):
    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, context: Any = None) -> Any:
        """Raises BodyTooLarge, Unreadable."""
        data = _read(stream, settings.CHOREO_API_BODY_LIMIT)
        if not data:
            raise Unreadable("The body is empty. Send JSON.")
        return read_json(data)


class JsonDocument(BaseParser):
    """A definition. JSON and YAML are told apart by how they begin, whatever the header says."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, context: Any = None) -> Mapping[str, Any]:
        """Raises BodyTooLarge, Unreadable, DocumentError."""
        return read_document(as_text(_read(stream, LARGEST_DOCUMENT)))


class YamlDocument(JsonDocument):
    media_type = "application/yaml"


class OldYamlDocument(JsonDocument):
    """YAML by the name it had before it was registered."""

    media_type = "application/x-yaml"


def _read(stream: Any, limit: int) -> bytes:
    data: bytes = stream.read(limit + 1)
    if len(data) > limit:
        raise BodyTooLarge(f"The body is larger than {limit // 1024} KiB, the most that is taken here.")
    return data
