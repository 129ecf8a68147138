"""Webhooks: who may call is said by a signature as Standard Webhooks writes it, and a message counts once."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from designer.secrets import SecretUnknown, unsealed
from runs.models import Trigger
from runs.refusals import CallRefused, SignatureRefused

from .firing import note_refusal, start_from
from .start import Started
from .triggers import PREFIX, valid_secrets

WINDOW = 5 * 60  # seconds, to both sides
LONGEST_ID = 256
SCHEME = "v1"


def receive_call(*, trigger: Trigger, headers: Mapping[str, str], value: Any) -> Started:
    """The run that this message starts. ``value`` is its body as JSON. Raises Refused, of several kinds."""
    with transaction.atomic(durable=True):
        told = {"body": value, "headers": {name: headers.get(name, "") for name in trigger.headers}}
        return start_from(trigger, headers["webhook-id"], told, otherwise=value)


@sensitive_variables("secrets", "secret")
def check_call(trigger: Trigger, headers: Mapping[str, str], body: bytes) -> None:
    """Raises SignatureRefused, CallRefused."""
    named, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    content = b".".join((named.encode("latin1", "replace"), stamp.encode("latin1", "replace"), body))
    signatures = (part.partition(",") for part in headers.get("webhook-signature", "").split())
    given = [signature for scheme, _, signature in signatures if scheme == SCHEME]
    if not any(_is_signed(content, secret, given) for secret in _open_secrets(trigger)):
        raise SignatureRefused(
            "The signature does not fit. Sign `webhook-id.webhook-timestamp.body` with HMAC-SHA256 and send it in"
            " webhook-signature as v1,base64."
        )
    if not named or len(named) > LONGEST_ID or not named.isascii() or not named.isprintable():
        raise CallRefused(f"webhook-id has 1 to {LONGEST_ID} printable ASCII characters.")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
        raise CallRefused("webhook-timestamp is the time in seconds since 1970, in digits.")
    apart = int(stamp) - timezone.now().timestamp()
    if abs(apart) > WINDOW:
        when = "ahead of" if apart > 0 else "behind"
        raise CallRefused(
            f"webhook-timestamp is {abs(apart):.0f} s {when} the time here; {WINDOW} s are the most."
        )


def refuse_call(*, trigger: Trigger, sentence: str) -> None:
    """Keep the sentence for those who look after the trigger."""
    with transaction.atomic(durable=True):
        note_refusal(trigger, sentence)


def sign(secret: str, named: str, stamp: int, body: bytes) -> str:
    """The value of webhook-signature."""
    content = b".".join((named.encode(), str(stamp).encode(), body))
    return f"{SCHEME},{base64.b64encode(_digest(secret, content)).decode()}"


def _is_signed(content: bytes, secret: str, given: Iterable[str]) -> bool:
    """In the same time, whatever is given."""
    right = base64.b64encode(_digest(secret, content))
    return any(hmac.compare_digest(right, each.encode("latin1", "replace")) for each in given)


def _digest(secret: str, content: bytes) -> bytes:
    return hmac.new(base64.b64decode(secret.removeprefix(PREFIX)), content, hashlib.sha256).digest()


def _open_secrets(trigger: Trigger) -> list[str]:
    opened = []
    for sealed in valid_secrets(trigger.pk):
        try:
            opened.append(unsealed(trigger.title, sealed))
        except (SecretUnknown, binascii.Error):
            continue
    return opened
