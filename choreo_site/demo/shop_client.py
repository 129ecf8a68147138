"""How a step calls the shop: one keyed request, and every way it can go wrong in plain words."""

import os
from http import HTTPStatus
from threading import Lock
from typing import Any

import httpx

from designer.catalog import Context, StepError

PATIENCE = httpx.Timeout(5.0, connect=2.0)
# A worker has hundreds of charges under way at once: none waits until another has been answered.
ROOM = httpx.Limits(max_connections=None, max_keepalive_connections=20)
_clients: dict[tuple[int, str], httpx.Client] = {}
_making = Lock()


def call_shop(
    context: Context, path: str, body: dict[str, Any], *, who: str, unavailable: str
) -> dict[str, Any]:
    """The shop's answer.

    Raises the error named `unavailable` where `who` is in trouble or cannot be reached, RateLimited, or what the
    shop itself calls its refusal.
    """
    headers = {"Idempotency-Key": context.idempotency_key}
    try:
        reply = _client().post(path, json=body, headers=headers)
    except httpx.TimeoutException:
        raise context.error(unavailable, f"{who} did not answer within {PATIENCE.read:g} seconds.") from None
    except httpx.TransportError as problem:
        raise context.error(
            unavailable, f"{who} could not be reached: {problem or type(problem).__name__}."
        ) from None
    if reply.is_success:
        return _json(reply)
    raise _refusal(context, reply, who, unavailable)


def shop_url() -> str:
    """Where the shop is: as told, else on this machine at the port it is told to open on."""
    port = os.environ.get("CHOREO_SHOP_PORT", "8099")
    return os.environ.get("CHOREO_SHOP_URL") or f"http://127.0.0.1:{port}"


def _refusal(context: Context, reply: httpx.Response, who: str, unavailable: str) -> StepError:
    said = f"{who} answered {reply.status_code} {_phrase(reply.status_code)}."
    if reply.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        later = reply.headers.get("Retry-After")
        return context.error("RateLimited", f"{said} It asks to wait {later} s." if later else said)
    if reply.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return context.error(unavailable, said)
    told = _json(reply)
    return context.error(told.get("error", "Refused"), f"{said} {told.get('message', '')}".strip())


def _json(reply: httpx.Response) -> dict[str, Any]:
    try:
        body = reply.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _phrase(status: int) -> str:
    return httpx.codes.get_reason_phrase(status) or "an unknown status"


def _client() -> httpx.Client:
    """One for each process, made after the fork: two on one connection would read each other's answers. Its threads
    share it."""
    url = shop_url()
    here = (os.getpid(), url)
    with _making:
        if here not in _clients:
            _clients[here] = httpx.Client(base_url=url, timeout=PATIENCE, limits=ROOM, trust_env=False)
        return _clients[here]
