"""Signals: send and list."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from designer.api.bodies import JsonBody
from designer.api.operations import operation
from designer.api.paging import cut
from designer.api.problems import Problem, body_flaws
from designer.api.view import ApiView
from runs.actions import publish_signal
from runs.queries.signals import WORKFLOWS, visible_signals
from runs.queries.veils import veiled_signals

from .cloud_events import CloudEvent, signal_in, source_for
from .signal_shapes import SignalBody, SignalPage, SignalQuestion, SignalShape

LOOK, SEND = "runs.view_run", "runs.send_signal"
EXAMPLE: dict[str, Any] = {"name": "order.paid", "key": "ORD-1", "data": {"amount": 12}}
FIELDS = {"id": "event_id", "time": "sent_at"}


class Signals(ApiView):
    needs = {"GET": LOOK, "POST": SEND}
    parser_classes = [JsonBody, CloudEvent]

    @operation(
        "listSignals", "List signals", tag="Signals", answer=SignalPage, asks=[SignalQuestion],
        said="The newest first.",
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        asked = self.asked(SignalQuestion)
        wanted = {name: asked[name] for name in ("name", "key") if name in asked}
        rows = visible_signals(request.user).filter(**wanted)
        if "unmatched" in asked:
            rows = rows.filter(taken=0) if asked["unmatched"] else rows.exclude(taken=0)
        found, following = cut(rows, request, asked, by="id", newest_first=True)
        seen = veiled_signals(found, request.user)
        # A key that is hidden from who asks is not confirmed to them either.
        told = [signal for signal in seen if "key" not in asked or signal.key == asked["key"]]
        return self.paged([SignalShape(signal).data for signal in told], following)

    @operation(
        "sendSignal", "Send a signal", tag="Signals", answer=SignalShape, status=201,
        said="The signal. It is told to every run that waits for its name and key, and starts the workflows that are"
        " subscribed to it. A CloudEvent is taken too, as application/cloudevents+json or with ce- headers: its type"
        " is the name, and its key, partitionkey or subject the key. With a fault it says that what is waited for has"
        " failed: the retries and fallbacks of the step that waits take it as any failure.",
        also={200: "The same source has sent the same id before; this is that signal."},
        takes=SignalBody, example=EXAMPLE,
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        sent = checked(signal_in(request))
        sent.setdefault("source", source_for(request))
        check_source(sent["source"])
        signal, replayed = publish_signal(**{FIELDS.get(name, name): value for name, value in sent.items()})
        (signal,) = veiled_signals([signal], request.user)
        return Response(SignalShape(signal).data, status=200 if replayed else 201)


def check_source(source: str) -> None:
    """Nobody speaks for a run: what a run has sent is known by its source. Raises Problem."""
    if source.startswith(WORKFLOWS):
        sentence = f"source: {WORKFLOWS} is where runs send from. Give a source of your own, such as /bank."
        raise Problem("invalid", sentence, [{"pointer": "#/source", "detail": sentence}])


def checked(body: Any) -> dict[str, Any]:
    """Raises Problem."""
    given = SignalBody(data=body)
    if given.is_valid():
        return dict(given.validated_data)
    flaws = list(body_flaws(given.errors))
    where = flaws[0]["pointer"].removeprefix("#/")
    raise Problem("invalid", flaws[0]["detail"] if where == "#" else f"{where}: {flaws[0]['detail']}", flaws)
