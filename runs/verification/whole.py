"""What is promised of the database as a whole."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db.models import Count, Exists, F, OuterRef

from designer.actions.publishing import digest_of
from designer.models import Version
from runs.models import Run, Work, Worker

from .promise import REPORT, STUCK, Broken


@dataclass(frozen=True, slots=True)
class WholePromise:
    number: str
    find: Callable[[], Iterable[str]]
    advice: str

    def broken(self) -> Iterable[Broken]:
        return (Broken(None, self.number, self.find.__name__, said, self.advice) for said in self.find())


def one_request_is_one_run() -> Iterable[str]:
    keyed = Run.objects.exclude(idempotency_key=None).order_by().values("workflow__key", "idempotency_key")
    for same in keyed.annotate(runs=Count("pk")).filter(runs__gt=1):
        yield f"{same['runs']} runs of {same['workflow__key']} have the idempotency key {same['idempotency_key']}."


def versions_are_what_was_published() -> Iterable[str]:
    for version in Version.objects.select_related("workflow").iterator(chunk_size=50):
        if version.digest != digest_of(version.document):
            yield f"{version.workflow.key} v{version.number} is not what was published: its digest differs."


def runs_are_of_their_workflow() -> Iterable[str]:
    for run in Run.objects.exclude(version__workflow=F("workflow")).order_by().values_list("pk", flat=True):
        yield f"run {run} is of another workflow than its version."


def who_holds_work_is_there() -> Iterable[str]:
    """A worker that is not enlisted never falls silent, so nobody would take its work."""
    enlisted = Worker.objects.filter(pk=OuterRef("worker"))
    for work in Work.objects.filter(~Exists(enlisted), worker__isnull=False).order_by("pk"):
        yield f"{work} is held by the worker {work.worker}, which nobody knows."


WHOLE = (
    WholePromise("I1", one_request_is_one_run, REPORT),
    WholePromise("I15", versions_are_what_was_published, REPORT),
    WholePromise("I15", runs_are_of_their_workflow, REPORT),
    WholePromise("I8", who_holds_work_is_there, STUCK),
)


def find_broken_in_whole() -> list[Broken]:
    return [broken for promise in WHOLE for broken in promise.broken()]
