"""What a web server serves: pages over http, live views over websockets."""

import os

from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import OriginValidator, WebsocketDenier
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "choreo_site.settings")
pages = get_asgi_application()

# These need the apps that the line above has set up.
from django.conf import settings
from django.db import connections
from django.urls import re_path

from choreo_site.socket_user import SocketUserMiddleware
from runs.live.routing import websocket_urlpatterns


def make_application(*, origins: list[str]) -> ProtocolTypeRouter:
    """Sockets are accepted only from pages of these origins, scheme and port included."""
    refused = re_path(r"", WebsocketDenier.as_asgi())
    sockets = SocketUserMiddleware(URLRouter([*websocket_urlpatterns, refused]))
    return ProtocolTypeRouter({"http": pages, "websocket": OriginValidator(sockets, origins)})


def end_connections_with_requests() -> None:
    """Under ASGI each request has a thread of its own: a connection kept for later would never be used again."""
    for database in connections.settings.values():
        database["CONN_MAX_AGE"] = 0


end_connections_with_requests()
application = make_application(origins=settings.CHOREO_ORIGINS)
