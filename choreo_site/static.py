"""Static files for ASGI: WhiteNoise finds and caches them, we hand them over in one piece."""

from django.http import HttpRequest, HttpResponse
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile
from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFilesMiddleware(WhiteNoiseMiddleware):
    @staticmethod
    def serve(static_file: StaticFile, request: HttpRequest) -> HttpResponse:
        """Not a stream: under ASGI Django reads a synchronous stream whole anyway, and warns each time."""
        found = static_file.get_response(request.method, request.META)
        if found.file is None:
            content = b""
        else:
            with found.file as file:
                content = file.read()
        response = HttpResponse(content, status=int(found.status))
        del response["Content-Type"]
        for name, value in found.headers:
            response[name] = value
        return response


class HashedStaticFiles(CompressedManifestStaticFilesStorage):
    # Our own scripts are ES modules that import one another.
    support_js_module_import_aggregation = True
