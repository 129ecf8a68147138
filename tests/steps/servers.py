"""Servers on loopback that behave as they are told, and a canary that must never be called."""

import gzip
import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

BOMB = gzip.compress(bytes(50 * 1024 * 1024))


class Canary:
    """Listens on both loopbacks at one port, and counts who comes."""

    def __init__(self) -> None:
        self.calls = 0
        self.listening = [socket.create_server(("127.0.0.1", 0))]
        self.port: int = self.listening[0].getsockname()[1]
        if socket.has_dualstack_ipv6():
            self.listening.append(socket.create_server(("::1", self.port), family=socket.AF_INET6))
        for listening in self.listening:
            threading.Thread(target=self._count, args=[listening], daemon=True).start()

    def _count(self, listening: socket.socket) -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            self.calls += 1
            connection.close()

    def close(self) -> None:
        for listening in self.listening:
            listening.close()


class Answering(BaseHTTPRequestHandler):
    """What each path answers."""

    protocol_version = "HTTP/1.1"
    server: Any

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        path, _, query = self.path.partition("?")
        headers = {name.title(): value for name, value in self.headers.items()}
        sent = {"method": self.command, "path": path, "query": query, "headers": headers}
        self.server.seen.append({**sent, "body": body.decode()})
        getattr(self, f"answer_{path.strip('/').partition('/')[0]}")(path.rpartition("/")[2])

    do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_GET

    def answer_echo(self, last: str) -> None:
        self.say(json.dumps(self.server.seen[-1]).encode(), content_type="application/json")

    def answer_status(self, last: str) -> None:
        self.say(b"as you wish", status=int(last), extra={"Retry-After": "7", "Set-Cookie": "sid=1"})

    def answer_to(self, last: str) -> None:
        """Redirects to wherever the query says."""
        self.say(b"", status=int(last), extra={"Location": self.path.partition("?")[2]})

    def answer_bomb(self, last: str) -> None:
        self.say(BOMB, extra={"Content-Encoding": "gzip"})

    def answer_packed(self, last: str) -> None:
        self.say(gzip.compress(b"hello"), content_type="text/plain", extra={"Content-Encoding": "gzip"})

    def answer_json(self, last: str) -> None:
        self.say(unquote(last).encode(), content_type="application/problem+json")

    def answer_octets(self, last: str) -> None:
        self.say(bytes.fromhex(last), content_type="application/octet-stream")

    def answer_latin(self, last: str) -> None:
        """Text, in another charset than it leaves to be thought."""
        self.say(unquote(last).encode("latin1"), content_type="text/plain")

    def answer_large(self, last: str) -> None:
        self.say(b"x" * int(last))

    def answer_drip(self, last: str) -> None:
        """A byte now and then, of the head or of the body."""
        self.close_connection = True
        head = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"
        if last == "body":
            self.wfile.write(head)
        for byte in (head + b"x" * 100_000) if last == "head" else b"x" * 100_000:
            try:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
            except OSError:
                return
            time.sleep(0.05)

    def answer_broken(self, last: str) -> None:
        self.close_connection = True
        self.wfile.write(b"no such thing as a status line\r\n\r\n")

    def say(
        self, body: bytes, status: int = 200, content_type: str = "text/plain", extra: Any = None
    ) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": content_type, **(extra or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: a test's output is its own."""


@contextmanager
def serving(tls: ssl.SSLContext | None = None) -> Iterator[Any]:
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    server.seen = []
    server.port = server.server_address[1]
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def certificate(folder: Path, host: str) -> tuple[ssl.SSLContext, Path]:
    """A server's context with a certificate for ``host``, and the file of who signed it."""
    signer_key, signer = _signed("a test", None, None)
    key, signed = _signed(host, signer, signer_key)
    (folder / "signer.pem").write_bytes(signer.public_bytes(serialization.Encoding.PEM))
    (folder / "server.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + signed.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return context, folder / "signer.pem"


def _signed(host: str, signer: Any, signer_key: Any) -> Any:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    issuer_key = (signer_key or key).public_key()
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(signer.subject if signer else name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.BasicConstraints(ca=signer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), critical=False)
        .add_extension(
            x509.KeyUsage(True, False, False, False, False, signer is None, signer is None, False, False),
            True,
        )
    )
    if signer is not None:
        alternatives: list[x509.GeneralName] = [x509.DNSName(host)]
        builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
    return key, builder.sign(signer_key or key, hashes.SHA256())
