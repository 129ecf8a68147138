"""The step types that Choreo brings along. They register by the same door as a stranger's."""

from . import http_request, mail, transform

__all__ = ["http_request", "mail", "transform"]
