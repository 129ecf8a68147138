"""Where webhooks are called: by whoever can sign, without a session or a token."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404
from rest_framework.parsers import BaseParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from designer.api.bodies import BodyTooLarge
from designer.api.view import ApiView
from designer.reading import Unreadable, read_json
from runs.actions import check_call, receive_call, refuse_call
from runs.models import Trigger
from runs.models.trigger import TriggerKind
from runs.refusals import InputRefused, Refused


class SignedJson(BaseParser):
    """The body as it came: the signature is of its bytes."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, context: Any = None) -> Any:
        """Raises BodyTooLarge."""
        limit = settings.CHOREO_HOOK_BODY_LIMIT
        data: bytes = stream.read(limit + 1)
        if len(data) > limit:
            raise BodyTooLarge(f"The body is larger than {limit // 1024} KiB, the most that a webhook takes.")
        return data


class Hook(ApiView):
    """POST starts a run: 202 with the run's id, 200 where this message has started it before."""

    schema = None
    permission_classes = [AllowAny]
    authentication_classes = []
    http_method_names = ["post"]
    parser_classes = [SignedJson]

    def caller(self, request: Request) -> tuple[str, int]:
        """Who is counted: each webhook for itself, and whoever calls it, so that a stranger cannot use it up."""
        address = request.META.get("REMOTE_ADDR", "")[:64]
        return f"hook-{self.kwargs['trigger_id']}-{address}", settings.CHOREO_HOOK_RATE

    def post(self, request: Request, trigger_id: UUID) -> Response:
        trigger, body = get_hook(trigger_id), bytes_of(request)
        headers = {name.lower(): value for name, value in request.headers.items()}
        try:
            check_call(trigger, headers, body)
            started = receive_call(trigger=trigger, headers=headers, value=value_of(body))
        except Refused as refusal:
            refuse_call(trigger=trigger, sentence=str(refusal))
            raise
        answer = {"run": str(started.run.pk), "replayed": started.replayed}
        return Response(answer, status=200 if started.replayed else 202)


def bytes_of(request: Request) -> bytes:
    """Nothing is parsed where nothing was sent."""
    return request.data if isinstance(request.data, bytes) else b""


def get_hook(trigger_id: UUID) -> Trigger:
    wanted = Trigger.objects.filter(pk=trigger_id, kind=TriggerKind.WEBHOOK, enabled=True)
    trigger = wanted.select_related("workflow__published", "version").first()
    if trigger is None:
        raise Http404("There is no webhook at this address, or it is switched off.")
    return trigger


def value_of(body: bytes) -> Any:
    """Raises InputRefused: who has signed is told what is wrong, and so is who looks after the trigger."""
    try:
        return read_json(body)
    except Unreadable as flaw:
        raise InputRefused([("", str(flaw))], what="body", said="The body is not JSON.") from flaw
