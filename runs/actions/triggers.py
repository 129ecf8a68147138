"""Triggers: made, changed, switched on and off, removed; and the secrets that a webhook's callers sign with."""

import base64
import re
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from designer.actions import note_deed
from designer.graph import Expression, ExpressionError, condition, expressions_in
from designer.models import Workflow
from designer.secrets import seal
from runs.cron import CronRefused, check_cron
from runs.models import HookSecret, Trigger
from runs.models.trigger import MOST_HEADERS, TriggerKind
from runs.refusals import Refused, TriggerRefused

from .cron import order_moment

ROOTS_READ = ("input", "now")
HEADER = re.compile(r"[a-z0-9][a-z0-9-]{0,63}", re.ASCII)
PREFIX, SECRET_BYTES, HINT = "whsec_", 32, 4
OVERLAP = timedelta(hours=24)  # how long an old secret still counts after a new one was made
MOST_TRIGGERS = 100


class Made(NamedTuple):
    trigger: Trigger
    secret: str  # of a webhook: shown once; empty for the other kinds


def check_trigger(trigger: Trigger) -> None:
    """Raises TriggerRefused."""
    if trigger.kind == TriggerKind.CRON:
        try:
            check_cron(trigger.cron, trigger.zone)
        except CronRefused as refusal:
            raise TriggerRefused(refusal.field, str(refusal)) from refusal
    if trigger.kind == TriggerKind.SIGNAL and not trigger.signal:
        raise TriggerRefused("signal", "Say which signal starts a run.")
    _check_headers(trigger.headers)
    if trigger.condition:
        try:
            _check_roots("condition", condition(trigger.condition))
        except ExpressionError as error:
            raise TriggerRefused("condition", str(error)) from error
    for _, found in expressions_in(trigger.input):
        if isinstance(found, ExpressionError):
            raise TriggerRefused("input", str(found))
        _check_roots("input", found)


@sensitive_variables("secret")
@transaction.atomic(durable=True)
def create_trigger(*, workflow: Workflow, by: Any, **fields: Any) -> Made:
    """Raises TriggerRefused, Refused."""
    trigger = Trigger(workflow=workflow, made_by=by, made_at=timezone.now(), **fields)
    check_trigger(trigger)
    if workflow.triggers.count() >= MOST_TRIGGERS:
        raise Refused(f"A workflow has at most {MOST_TRIGGERS} triggers. Remove one that is not needed.")
    trigger.save(force_insert=True)
    secret = _add_secret(trigger, by) if trigger.kind == TriggerKind.WEBHOOK else ""
    if trigger.kind == TriggerKind.CRON:
        order_moment(trigger)
    _note("added", trigger, by)
    return Made(trigger, secret)


@transaction.atomic(durable=True)
def change_trigger(*, trigger: Trigger, by: Any, **fields: Any) -> Trigger:
    """Its moments begin anew from now. Raises TriggerRefused, Refused."""
    kept = _locked(trigger)
    for name, value in fields.items():
        setattr(kept, name, value)
    check_trigger(kept)
    kept.save(update_fields=list(fields))
    if kept.kind == TriggerKind.CRON:
        order_moment(kept)
    _note("changed", kept, by)
    return kept


@transaction.atomic(durable=True)
def switch_trigger(*, trigger: Trigger, enabled: bool, by: Any) -> Trigger:
    """On or off. What would have started runs while it was off is not made up for. Raises Refused."""
    kept = _locked(trigger)
    if kept.enabled != enabled:
        kept.enabled = enabled
        kept.save(update_fields=["enabled"])
        if kept.kind == TriggerKind.CRON:
            order_moment(kept)
        _note("switched on" if enabled else "switched off", kept, by)
    return kept


@transaction.atomic(durable=True)
def remove_trigger(*, trigger: Trigger, by: Any) -> None:
    """Its runs stay."""
    if Trigger.objects.select_for_update().filter(pk=trigger.pk).delete()[0]:
        _note("removed", trigger, by)


@sensitive_variables("secret")
@transaction.atomic(durable=True)
def rotate_secret(*, trigger: Trigger, by: Any) -> str:
    """A new secret, told this once; those before it count for a day more. Raises Refused."""
    kept = _locked(trigger)
    if kept.kind != TriggerKind.WEBHOOK:
        raise Refused("Only a webhook has secrets.")
    now = timezone.now()
    kept.secrets.filter(ends_at__lt=now).delete()
    kept.secrets.filter(ends_at=None).update(ends_at=now + OVERLAP)
    _note("made a secret for", kept, by)
    return _add_secret(kept, by)


def valid_secrets(trigger_id: UUID) -> list[str]:
    """Sealed, the newest first."""
    living = Q(ends_at=None) | Q(ends_at__gt=timezone.now())
    return list(HookSecret.objects.filter(living, trigger=trigger_id).values_list("sealed", flat=True))


@sensitive_variables("secret")
def _add_secret(trigger: Trigger, by: Any) -> str:
    secret = PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
    HookSecret.objects.create(
        trigger=trigger, sealed=seal(secret), hint=secret[-HINT:], made_by=by, made_at=timezone.now()
    )
    return secret


def _note(verb: str, trigger: Trigger, by: Any) -> None:
    note_deed(verb, "trigger", trigger.title, by=by, about=trigger.pk, workflow=trigger.workflow.key)


def _locked(trigger: Trigger) -> Trigger:
    found = Trigger.objects.select_for_update(of=("self",)).filter(pk=trigger.pk).first()
    if found is None:
        raise Refused("This trigger has been removed meanwhile.")
    return found


def _check_headers(names: Sequence[str]) -> None:
    """Raises TriggerRefused."""
    if len(names) > MOST_HEADERS:
        raise TriggerRefused("headers", f"A template reads at most {MOST_HEADERS} headers.")
    for name in names:
        if not HEADER.fullmatch(name):
            raise TriggerRefused("headers", f"“{name}” is no name of a header, such as x-shop-id.")


def _check_roots(field: str, expression: Expression) -> None:
    """Raises TriggerRefused."""
    for path in expression.references:
        if path and path[0] not in ROOTS_READ:
            raise TriggerRefused(field, f"“{path[0]}” is not known to a trigger. It reads input and now.")
