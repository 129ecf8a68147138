"""A stage for app.js: one page, its parts and its socket, all played by the test. No Django, no database."""

import asyncio
import mimetypes
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn

ROOT = Path(__file__).parents[2]
SELF = ("script-src", "style-src", "img-src", "font-src", "connect-src", "form-action")
POLICY = "; ".join(["default-src 'none'", *(f"{kind} 'self'" for kind in SELF)])
PAGE = """<!doctype html><html lang="en" data-now="{now}"><head><title>Stage</title>
<link rel="stylesheet" href="/static/css/reset.css"><link rel="stylesheet" href="/static/css/tokens.css">
<link rel="stylesheet" href="/static/css/base.css"><link rel="stylesheet" href="/static/css/run.css">
<meta name="htmx-config" content='{{"morphIgnore": ["data-htmx-powered", "open"]}}'>
<script src="/static/js/app.js" type="module"></script></head>
<body><main id="main">{body}</main><div id="toasts"></div>
<script src="/static/vendor/htmx.min.js"></script><script src="/static/vendor/hx-ws.min.js"></script></body></html>"""


@dataclass
class Stage:
    url: str = ""
    body: str = ""
    now: float = 1_000_000.0
    answers: dict[str, tuple[int, dict[str, str], str]] = field(default_factory=dict)
    requests: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    sockets: list[str] = field(default_factory=list)
    accepting: bool = True
    loop: asyncio.AbstractEventLoop | None = None
    open: list[asyncio.Queue] = field(default_factory=list)

    def send(self, html: str) -> None:
        self._tell({"type": "websocket.send", "text": html})

    def close(self, code: int) -> None:
        self._tell({"type": "websocket.close", "code": code})

    def _tell(self, message: dict[str, Any]) -> None:
        for queue in self.open:
            assert self.loop is not None
            self.loop.call_soon_threadsafe(queue.put_nowait, message)

    async def __call__(self, scope: dict, receive: Any, send: Any) -> None:
        await (self._socket if scope["type"] == "websocket" else self._page)(scope, receive, send)

    async def _page(self, scope: dict, receive: Any, send: Any) -> None:
        path = scope["path"]
        status, headers, content = self._answer(scope["method"], path)
        sent = {name.decode(): value.decode() for name, value in scope["headers"]}
        if not path.startswith("/static/"):
            self.requests.append((scope["method"], path, sent))
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": content})

    def _answer(self, method: str, path: str) -> tuple[int, dict[str, str], bytes]:
        if path.startswith("/static/"):
            kind = mimetypes.guess_type(path)[0] or "font/woff2"
            return 200, {"content-type": kind}, (ROOT / path[1:]).read_bytes()
        html = {"content-type": "text/html; charset=utf-8", "content-security-policy": POLICY}
        if path in self.answers:
            status, more, text = self.answers[path]
            return status, html | more, text.encode()
        page = PAGE.format(now=self.now, body=self.body)
        return 200, html | {"set-cookie": "csrftoken=tok123; path=/"}, page.encode()

    async def _socket(self, scope: dict, receive: Any, send: Any) -> None:
        self.sockets.append(f"{scope['path']}?{scope['query_string'].decode()}")
        await receive()
        if not self.accepting:
            await send({"type": "websocket.close"})
            return
        await send({"type": "websocket.accept"})
        self.loop = asyncio.get_running_loop()
        queue: asyncio.Queue = asyncio.Queue()
        self.open.append(queue)
        try:
            while True:
                message = await queue.get()
                await send(message)
                if message["type"] == "websocket.close":
                    return
        finally:
            self.open.remove(queue)


@contextmanager
def raised() -> Iterator[Stage]:
    stage = Stage()
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    stage.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    config = uvicorn.Config(stage, lifespan="off", log_level="error", ws="websockets-sansio")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield stage
    finally:
        stage.close(1001)
        server.should_exit = server.force_exit = True
        thread.join(5)
        listener.close()
