"""What `up` turns into: it asks the web server whether it is there, and holds no more than it needs."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from choreo_site.keeping import Handover, answers, household


class Asked(BaseHTTPRequestHandler):
    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status if self.path == "/healthz" else 404)
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        pass


@contextmanager
def a_server(status: int) -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), type("Asked", (Asked,), {"status": status}))
    thread = threading.Thread(target=server.handle_request)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        thread.join(10)
        server.server_close()


@pytest.mark.parametrize(("status", "is_there"), [(200, True), (503, False)])
def test_the_web_server_is_there_once_it_is_healthy(status: int, is_there: bool):
    with a_server(status) as site:
        assert answers(site) is is_there


def test_nobody_listens():
    with a_server(200) as site:
        assert answers(site)
    assert not answers(site)


def test_the_web_server_alone_gets_the_listening_socket():
    commands = {"web": ["web"], "work": ["work"], "shop": ["shop"]}
    handover = Handover("http://127.0.0.1:1", "Welcome.", commands, listener=7, lock=8)
    assert {child.name: child.descriptors for child in household(handover)} == {
        "web": (7,),
        "work": (),
        "shop": (),
    }
