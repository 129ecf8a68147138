"""Dead letters: what gave up, and what a person makes of it."""

from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from designer.api.bodies import JsonBody
from designer.api.operations import operation
from designer.api.paging import cut
from designer.api.view import ApiView
from runs.actions import resolve_dead_letter
from runs.engine import Resolution
from runs.models import DeadLetter
from runs.queries import visible_runs
from runs.views.loading import get_dead_letter

from .answers import told_dead_letter
from .shapes import DeadLetterPage, DeadLetterQuestion, DeadLetterShape, DoneBody, ResolveBody

LOOK, OPERATE = "runs.view_run", "runs.operate_run"
FILTERS = {"status": "status", "run": "run", "workflow": "run__workflow__key"}
CLOSED = {409: "It is closed: somebody was faster, or the run has moved on."}
EXAMPLE = {"reason": "Paid back at the bank"}


class DeadLetters(ApiView):
    needs = {"GET": LOOK}

    @operation(
        "listDeadLetters", "List dead letters", tag="Dead letters", answer=DeadLetterPage,
        asks=[DeadLetterQuestion], said="The newest first.",
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        asked = self.asked(DeadLetterQuestion)
        wanted = {column: asked[name] for name, column in FILTERS.items() if name in asked}
        rows = DeadLetter.objects.filter(run__in=visible_runs(request.user), **wanted)
        rows = rows.select_related("run__workflow", "resolved_by")
        found, following = cut(rows, request, asked, by="id", newest_first=True)
        return self.paged([told_dead_letter(letter, request) for letter in found], following)


class OneDeadLetter(ApiView):
    needs = {"GET": LOOK}

    @operation("getDeadLetter", "Read a dead letter", tag="Dead letters", answer=DeadLetterShape)
    def get(self, request: Request, letter_id: UUID) -> Response:
        return Response(told_dead_letter(get_dead_letter(request.user, letter_id), request))


class Retry(ApiView):
    needs = {"POST": OPERATE}
    parser_classes = [JsonBody]

    @operation(
        "retryDeadLetter", "Try it again", tag="Dead letters", answer=DeadLetterShape,
        also=CLOSED, takes=ResolveBody, example={"reason": "The courier is back"},
    )  # fmt: skip
    def post(self, request: Request, letter_id: UUID) -> Response:
        return resolved(request, letter_id, Resolution.RETRY, self.sent(ResolveBody))


class Skip(ApiView):
    needs = {"POST": OPERATE}
    parser_classes = [JsonBody]

    @operation(
        "skipDeadLetter", "Pass it over", tag="Dead letters", answer=DeadLetterShape,
        also=CLOSED, takes=ResolveBody, example={"reason": "Not needed any more"},
    )  # fmt: skip
    def post(self, request: Request, letter_id: UUID) -> Response:
        return resolved(request, letter_id, Resolution.SKIP, self.sent(ResolveBody))


class Done(ApiView):
    needs = {"POST": OPERATE}
    parser_classes = [JsonBody]

    @operation(
        "markDeadLetterDone", "Say that it was done by hand", tag="Dead letters", answer=DeadLetterShape,
        also=CLOSED, takes=DoneBody, example=EXAMPLE,
    )  # fmt: skip
    def post(self, request: Request, letter_id: UUID) -> Response:
        return resolved(request, letter_id, Resolution.DONE, self.sent(DoneBody))


def resolved(request: Request, letter_id: UUID, how: Resolution, sent: dict[str, Any]) -> Response:
    letter = get_dead_letter(request.user, letter_id)
    resolve_dead_letter(letter_id=letter.pk, how=how, by=request.user, **sent)
    return Response(told_dead_letter(get_dead_letter(request.user, letter_id), request))
