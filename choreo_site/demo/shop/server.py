"""The shop's front door: HTTP in, a call to the desk, JSON out."""

import json
import re
import sqlite3
import sys
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from choreo_site.demo.shop import books
from choreo_site.demo.shop.answers import Answer, Refused
from choreo_site.demo.shop.desk import Desk, Silence
from choreo_site.demo.shop.ledger import Ledger

LARGEST_BODY = 1_000_000
CALLS = {
    "/orders/validate": "orders.validate",
    "/stock/reservations": "stock.reserve",
    "/stock/reservations/ID/release": "stock.release",
    "/prices/quote": "pricing.quote",
    "/risk/score": "risk.score",
    "/payments/charges": "payments.charge",
    "/payments/charges/ID/refund": "payments.refund",
    "/courier/bookings": "courier.book",
    "/courier/bookings/ID/cancel": "courier.cancel",
    "/courier/bookings/ID/confirm": "courier.await_pod",
    "/billing/invoices": "billing.invoice",
    "/billing/invoices/ID/void": "billing.void",
    "/mail/messages": "mail.order_placed",
    "/mail/messages/ID/apologise": "mail.apology",
}
BEHAVIOUR = re.compile(r"/orders/([^/]+)/behaviour")
SUBJECT = re.compile(r"(/\w+/\w+)/(\w+)/(\w+)")


class Shop(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, port: int, database: Path | str) -> None:
        super().__init__(("127.0.0.1", port), Conversation)
        self.ledger = Ledger(database)
        self.desk = Desk(self.ledger)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


def open_shop(port: int, database: Path) -> None:
    """Serve until the process ends. A port in use or a folder that cannot be written ends it at once."""
    try:
        shop = Shop(port, database)
    except sqlite3.Error as problem:
        sys.exit(f"The shop cannot open its database {database}: {problem}.")
    except OSError as problem:
        sys.exit(
            f"The shop cannot listen on port {port}: {problem.strerror}. Choose another in CHOREO_SHOP_PORT."
        )
    with shop:
        print(f"The demo shop is open at {shop.address}", flush=True)
        with suppress(KeyboardInterrupt):
            shop.serve_forever()


class Conversation(BaseHTTPRequestHandler):
    server: Shop
    protocol_version = "HTTP/1.1"
    # One write and no waiting for more: else each answer on a kept-alive connection would cost 40 ms.
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._answer(self._read_books)

    def do_PUT(self) -> None:
        self._answer(self._be_told)

    def do_POST(self) -> None:
        self._answer(self._take_call)

    def log_message(self, format: str, *args: Any) -> None:
        """The `calls` table is the log."""

    def _read_books(self, path: str, query: dict[str, list[str]]) -> Answer:
        order_id = query.get("order", [None])[0]
        if path == "/ledger":
            return (
                books.ledger_of_order(self.server.ledger, order_id)
                if order_id
                else books.summary(self.server.ledger)
            )
        if path == "/calls":
            return books.calls(self.server.ledger, order_id)
        if path == "/stock":
            return books.stock(self.server.ledger)
        if path == "/health":
            return Answer(200, {"shop": "open"})
        raise _no_such_page(path)

    def _be_told(self, path: str, query: dict[str, list[str]]) -> Answer:
        match, told = BEHAVIOUR.fullmatch(path), self._body()
        if match is None:
            raise _no_such_page(path)
        return self.server.desk.behave(unquote(match[1]), told)

    def _take_call(self, path: str, query: dict[str, list[str]]) -> Answer | Silence:
        match = SUBJECT.fullmatch(path)
        pattern, subject_id = (f"{match[1]}/ID/{match[3]}", match[2]) if match else (path, None)
        body = self._body()
        if pattern not in CALLS:
            raise _no_such_page(path)
        if not isinstance(body, dict):
            raise Refused(400, "BodyRefused", "The body must be a JSON object.")
        return self.server.desk.take(
            CALLS[pattern], self.headers.get("Idempotency-Key", ""), body, subject_id
        )

    def _body(self) -> Any:
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > LARGEST_BODY:
            self.close_connection = True
            raise Refused(
                413, "BodyRefused", f"The body may have {LARGEST_BODY} bytes at most, and must say how many."
            )
        content = self.rfile.read(int(length))
        if len(content) < int(length):
            self.close_connection = True
            raise Refused(400, "BodyRefused", "The body ended too soon.")  # who called died over it
        try:
            return json.loads(content or b"{}")
        except ValueError:
            raise Refused(400, "BodyRefused", "The body is not JSON.") from None

    def _answer(self, ask: Any) -> None:
        url = urlsplit(self.path)
        try:
            answer = ask(url.path, parse_qs(url.query))
        except Refused as refused:
            answer = refused.answer
        if isinstance(answer, Silence):
            time.sleep(answer.after)
            self.close_connection = True
            return
        self._send(answer)

    def _send(self, answer: Answer) -> None:
        content = json.dumps(answer.body).encode()
        self.send_response(answer.status)
        for name, value in {"Content-Type": "application/json", **answer.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def _no_such_page(path: str) -> Refused:
    return Refused(404, "NotFound", f"The shop has no page {path}.")
