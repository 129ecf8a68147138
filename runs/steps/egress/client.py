"""One call: sent, followed through a few redirects, and read up to a limit."""

import ssl
import zlib
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import httpcore
import httpx

from .failures import CallFailed, address_refused, connection_failed, redirect_refused, timed_out, too_large
from .network import CheckedNetwork, Deadline, Resolve, ask_name_server
from .policy import Policy

SCHEMES = ("http", "https")
MOST_REDIRECTS = 3
# What goes on to another host. All else may hold what was meant for the first one.
HARMLESS = {"accept", "accept-encoding", "accept-language", "host", "user-agent"}
PACKED = {"gzip": 31, "x-gzip": 31, "deflate": 15}  # zlib's word for each


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    method: str
    url: str
    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    total: float = 30.0
    connect: float = 5.0
    read: float = 15.0
    body: int = 1024 * 1024  # bytes, unpacked


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    headers: httpx.Headers
    content: bytes
    url: str  # whose answer it is, after redirects


class PinnedTransport(httpx.BaseTransport):
    """httpx on a network of ours. No proxy is asked of the environment, and nothing is sent twice."""

    def __init__(self, network: CheckedNetwork, tls: ssl.SSLContext) -> None:
        self.pool = httpcore.ConnectionPool(ssl_context=tls, network_backend=network, retries=0)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        told = httpcore.Request(
            request.method,
            target,
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        reply = self.pool.handle_request(told)
        return httpx.Response(reply.status, headers=reply.headers, stream=Stream(reply))

    def close(self) -> None:
        self.pool.close()


class Stream(httpx.SyncByteStream):
    def __init__(self, reply: httpcore.Response) -> None:
        self.reply = reply

    def __iter__(self) -> Iterator[bytes]:
        yield from self.reply.iter_stream()

    def close(self) -> None:
        self.reply.close()


def fetch(
    call: Call,
    policy: Policy,
    limits: Limits | None = None,
    *,
    tls: ssl.SSLContext | None = None,
    resolve: Resolve = ask_name_server,
) -> Answer:
    """The answer, whatever its status. Raises CallFailed."""
    limits = limits or Limits()
    network = CheckedNetwork(policy, Deadline(limits.total), resolve)
    timeout = httpx.Timeout(limits.read, connect=limits.connect)
    transport = PinnedTransport(network, tls or _known_signers())
    with _named(), httpx.Client(transport=transport, trust_env=False, timeout=timeout) as client:
        return _followed(client, _request(client, call), limits)


@cache
def _known_signers() -> ssl.SSLContext:
    """Those that httpx knows, or SSL_CERT_FILE names. Reading them takes as long as a call."""
    return httpx.create_ssl_context()


def _request(client: httpx.Client, call: Call) -> httpx.Request:
    headers = {"User-Agent": "Choreo", "Accept-Encoding": "gzip", **call.headers}
    url = httpx.URL(call.url)
    if call.query:
        url = url.copy_merge_params(dict(call.query))
    return client.build_request(call.method, url, headers=headers, content=call.content or None)


def _followed(client: httpx.Client, request: httpx.Request, limits: Limits) -> Answer:
    for _ in range(MOST_REDIRECTS + 1):
        check_url(request.url)
        with closing(client.send(request, stream=True)) as reply:
            if reply.next_request is None:
                content = _content(reply, limits.body)
                return Answer(
                    status=reply.status_code, headers=reply.headers, content=content, url=str(request.url)
                )
            request = _onward(request, reply.next_request)
    raise redirect_refused(f"The call was redirected more than {MOST_REDIRECTS} times.")


def check_url(url: httpx.URL) -> None:
    """Raises CallFailed."""
    if url.scheme not in SCHEMES:
        raise address_refused(f"Only http and https can be called, and this is {url.scheme or 'no URL'}.")
    if url.userinfo:
        raise address_refused("The URL holds a user name or password. Send them in a header instead.")
    if not url.host:
        raise address_refused("The URL names no host.")


def _onward(before: httpx.Request, after: httpx.Request) -> httpx.Request:
    """The request that a redirect asks for. What was meant for one host is not handed to another."""
    if _origin(before) == _origin(after):
        return after
    if before.url.scheme == "https" and after.url.scheme == "http":
        raise redirect_refused("The answer leads from https to http, where everybody could read along.")
    if "content-length" in after.headers or "transfer-encoding" in after.headers:
        raise redirect_refused(
            "The answer would have the body sent on to another host. Call that one itself."
        )
    kept = {name: value for name, value in after.headers.items() if name.lower() in HARMLESS}
    return httpx.Request(after.method, after.url, headers=kept, extensions=after.extensions)


def _origin(request: httpx.Request) -> tuple[str, str, int | None]:
    return request.url.scheme, request.url.host, request.url.port


def _content(reply: httpx.Response, most: int) -> bytes:
    """The body, unpacked no further than the limit."""
    coding = reply.headers.get("content-encoding", "identity").strip().lower()
    if coding not in (*PACKED, "identity", ""):
        raise connection_failed("The answer is packed in a way that was not asked for.")
    packed = zlib.decompressobj(PACKED[coding]) if coding in PACKED else None
    content, received = bytearray(), 0
    for chunk in reply.iter_raw():
        received += len(chunk)
        content += packed.decompress(chunk, most + 1 - len(content)) if packed else chunk
        if max(len(content), received) > most:
            raise too_large(most)
    return bytes(content)


@contextmanager
def _named() -> Iterator[None]:
    """What httpx and httpcore raise, by our names. Neither the URL's path nor its query is repeated: secrets may
    stand in them."""
    try:
        yield
    except CallFailed:
        raise
    except (httpcore.TimeoutException, httpx.TimeoutException) as error:
        raise timed_out("The other side did not answer in time.") from error
    except (httpcore.NetworkError, httpx.NetworkError) as error:
        raise connection_failed(
            f"The other side could not be reached, or broke off: {_said(error)}."
        ) from error
    except (httpcore.ProtocolError, httpx.RemoteProtocolError, httpx.DecodingError, zlib.error) as error:
        raise connection_failed("What the other side answered is not HTTP as it should be.") from error
    except (httpx.InvalidURL, httpcore.UnsupportedProtocol, UnicodeError, ValueError) as error:
        raise address_refused("That is not a URL that can be called.") from error


def _said(error: Exception) -> str:
    return str(error).rstrip(".") or type(error).__name__
