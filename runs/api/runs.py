"""Runs: start, find, follow, cancel."""

import re
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from designer.api.bodies import JsonBody
from designer.api.operations import operation
from designer.api.paging import cut
from designer.api.problems import Problem
from designer.api.view import ApiView
from designer.models import Version
from designer.versions import graph_of
from designer.visibility import seen_by
from runs.actions import cancel_run, start_once
from runs.models import Run
from runs.queries import find_run, visible_runs
from runs.queries.lists import PARENTS
from runs.queries.step_panel import StepPanel
from runs.queries.veils import veil_of
from runs.refusals import KeyReused
from runs.veil import Veil
from runs.views.loading import get_run

from .answers import told_run, told_runs, told_step
from .shapes import (
    CancelBody,
    EntryPage,
    EntryShape,
    JournalQuestion,
    RunDetail,
    RunPage,
    RunQuestion,
    StartBody,
    StepDetail,
)

LOOK, START, OPERATE = "runs.view_run", "runs.start_run", "runs.operate_run"
FILTERS = {
    "status": "status",
    "reason": "reason",
    "workflow": "workflow__key",
    "key": "key",
    "started_after": "created_at__gte",
    "started_before": "created_at__lt",
}
KEY = re.compile(r"[\x21-\x7e]([\x20-\x7e]{0,198}[\x21-\x7e])?")
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "pattern": r"^[A-Za-z0-9._:-]{1,200}$"},
    OpenApiParameter.HEADER,
    description="A name of your own for this request, at most 200 characters. Sent again with the same body, it gives"
    " the same run; with another body it is refused. One key, one run, for each workflow.",
)


class Runs(ApiView):
    needs = {"GET": LOOK, "POST": START}
    parser_classes = [JsonBody]

    @operation(
        "listRuns", "List runs", tag="Runs", answer=RunPage, asks=[RunQuestion], said="The newest first."
    )
    def get(self, request: Request) -> Response:
        asked = self.asked(RunQuestion)
        rows = found_runs(visible_runs(request.user), asked)
        found, following = cut(rows, request, asked, by="id", newest_first=True)
        return self.paged(told_runs(found, request), following)

    @operation(
        "startRun", "Start a run", tag="Runs", answer=RunDetail, status=201,
        said="The run is accepted: from here on it is not lost.",
        also={
            200: "The same request has been sent before; this is its run, and `Idempotency-Replayed` is true.",
            422: "The input does not fit the workflow, or the key was used with another body.",
        },
        asks=[IDEMPOTENCY_KEY], takes=StartBody,
        example={"workflow": "table_import", "input": {"file": "shipments.csv"}},
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        sent = self.sent(StartBody)
        version = chosen_version(request.user, sent["workflow"], sent.get("version"))
        started = start_once(
            version=version, inputs=sent["input"], by=request.user, idempotency_key=idempotency_key(request)
        )
        check_same_version(started.run, sent.get("version"))
        run = find_run(request.user, started.run.pk) or started.run
        headers = {"Location": reverse("runs-api:run", [run.pk], request=request)}
        if started.replayed:
            headers["Idempotency-Replayed"] = "true"
        return Response(told_run(run, request), status=200 if started.replayed else 201, headers=headers)


class OneRun(ApiView):
    needs = {"GET": LOOK}

    @operation("getRun", "Read a run", tag="Runs", answer=RunDetail)
    def get(self, request: Request, run_id: UUID) -> Response:
        return Response(told_run(get_run(request.user, run_id), request))


class OneStep(ApiView):
    needs = {"GET": LOOK}

    @operation(
        "getStep",
        "Read a step of a run",
        tag="Runs",
        answer=StepDetail,
        said="With input, output and attempts.",
    )
    def get(self, request: Request, run_id: UUID, step: str) -> Response:
        run = get_run(request.user, run_id)
        graph = graph_of(run.version_id)
        if step not in graph.steps:
            raise Http404(f"There is no step “{step}” in this run's version.")
        newest = run.step_runs.filter(key=step).order_by("-no").first()
        return Response(told_step(StepPanel(run, graph, step, newest), request))


class Journal(ApiView):
    needs = {"GET": LOOK}

    @operation(
        "listJournal", "Read a run's journal", tag="Runs", answer=EntryPage, asks=[JournalQuestion],
        said="In the order in which it happened. To follow a run, ask for what is after the newest `seq` you have.",
    )  # fmt: skip
    def get(self, request: Request, run_id: UUID) -> Response:
        run, asked = get_run(request.user, run_id), self.asked(JournalQuestion)
        rows = run.journal.filter(seq__gt=asked["after"], seq__lte=run.seq)
        found, following = cut(rows, request, asked, by="seq")
        numbers = {entry.no for entry in found if entry.no is not None}
        keys = dict(run.step_runs.filter(no__in=numbers).values_list("no", "key"))
        veil = veil_of(run, now=True)
        entries = [{**told(entry, veil), "step": keys.get(entry.no or 0)} for entry in found]
        return self.paged([EntryShape(entry).data for entry in entries], following)


class Cancellation(ApiView):
    needs = {"POST": OPERATE}
    parser_classes = [JsonBody]

    @operation(
        "cancelRun", "Cancel a run", tag="Runs", answer=RunDetail,
        said="The run as it is now. Attempts that are out are left to report; finished steps are undone, if asked for.",
        also={409: "It is over, ending, or being undone already."},
        takes=CancelBody, example={"reason": "Ordered twice", "undo": True},
    )  # fmt: skip
    def post(self, request: Request, run_id: UUID) -> Response:
        run = get_run(request.user, run_id)
        cancel_run(run_id=run.pk, by=request.user, **self.sent(CancelBody))
        return Response(told_run(get_run(request.user, run_id), request))


def found_runs(runs: QuerySet[Run], asked: dict[str, Any]) -> QuerySet[Run]:
    wanted = {column: asked[name] for name, column in FILTERS.items() if name in asked}
    return (
        runs.filter(**wanted).defer("version__document", "input", "output", "fault").prefetch_related(PARENTS)
    )


def chosen_version(user: Any, key: str, number: int | None) -> Version:
    """The version to run: the newest, or the one that is named. Raises Problem."""
    versions = seen_by(Version.objects.filter(workflow__key=key), user)
    found = versions.order_by("-number").first() if number is None else versions.filter(number=number).first()
    if found is not None:
        return found
    where, what = (
        ("workflow", "published workflow") if number is None else ("version", f"version {number} of")
    )
    sentence = f"There is no {what} “{key}”."
    raise Problem("invalid", sentence, [{"pointer": f"#/{where}", "detail": sentence}])


def check_same_version(run: Run, number: int | None) -> None:
    """An earlier request with the same key may have asked for another version. Raises KeyReused."""
    if number is not None and run.version.number != number:
        raise KeyReused(f"This key has started a run of v{run.version.number}. Use a new key for a new run.")


def idempotency_key(request: Request) -> str | None:
    """Raises Problem."""
    given = request.headers.get("Idempotency-Key")
    if given is not None and not KEY.fullmatch(given):
        raise Problem(
            "bad-request",
            "Idempotency-Key has 1 to 200 printable ASCII characters, such as a UUID or an order number.",
        )
    return given


def told(entry: Any, veil: Veil) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in ("seq", "at", "kind", "no")} | {
        "data": veil.value(entry.data)
    }
