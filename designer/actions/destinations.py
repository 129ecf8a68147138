"""Saying where steps may call."""

import re
from ipaddress import ip_address
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from designer.models import Destination
from designer.refusals import Refused

from .trail import note_deed

LABEL = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
NAME = re.compile(rf"(\*\.{LABEL}\.)?({LABEL}\.)*{LABEL}", re.ASCII)
HIGHEST_PORT = 65_535


def check_destination(host: str, port: int) -> None:
    """Raises Refused."""
    if not NAME.fullmatch(host) and not _is_address(host):
        raise Refused(
            f"“{host}” is no host. Write a name such as api.example.com, an address such as 10.0.0.7, or"
            " *.example.com for all names below one."
        )
    if not 1 <= port <= HIGHEST_PORT:
        raise Refused(f"A port is a whole number from 1 to {HIGHEST_PORT}.")


@transaction.atomic(durable=True)
def add_destination(*, host: str, port: int, private: bool, by: Any) -> Destination:
    """Raises Refused."""
    host = host.strip().lower().rstrip(".")
    check_destination(host, port)
    now = timezone.now()
    try:
        with transaction.atomic():
            destination = Destination.objects.create(
                host=host, port=port, private=private, added_by=by, added_at=now
            )
    except IntegrityError as error:
        raise Refused(f"{host}:{port} is listed already.") from error
    note_deed("added", "destination", str(destination), by=by, private=private)
    return destination


@transaction.atomic(durable=True)
def remove_destination(*, destination: Destination, by: Any) -> None:
    if Destination.objects.filter(pk=destination.pk).delete()[0]:
        note_deed("removed", "destination", str(destination), by=by)


def _is_address(host: str) -> bool:
    try:
        return not getattr(ip_address(host), "scope_id", None)
    except ValueError:
        return False
