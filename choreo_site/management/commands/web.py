import gc
import socket
from argparse import ArgumentParser
from typing import Any

import uvicorn
from django.conf import settings
from django.core.management.base import BaseCommand

from choreo_site.lifeline import watch_lifeline
from choreo_site.listening import listening_socket

# A page's socket only ever says hello and asks for its cursor.
LARGEST_SOCKET_MESSAGE = 64 * 1024


class Command(BaseCommand):
    help = "Serve pages and live views. `up` starts it; in production your process supervisor does."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--fd", type=int, help="a listening socket to take over")

    def handle(self, *args: Any, fd: int | None, **options: Any) -> None:
        watch_lifeline()
        if fd is None:
            listener = listening_socket(settings.CHOREO_HOST, settings.CHOREO_PORT)
        else:
            listener = socket.socket(fileno=fd)
        server = uvicorn.Server(server_settings())
        server.config.load()
        # What is loaded by now stays. To look through it for garbage would hold every page up for a moment.
        gc.collect()
        gc.freeze()
        server.run(sockets=[listener])


def server_settings() -> uvicorn.Config:
    return uvicorn.Config(
        "choreo_site.asgi:application",
        # Plain uvicorn serves no websockets; this class is the maintained one.
        ws="websockets-sansio",
        ws_max_size=LARGEST_SOCKET_MESSAGE,
        lifespan="off",
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=3,
    )
