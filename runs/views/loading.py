"""Loading what a page is about. Whoever may not see it is told that it is not there."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest

from designer.models import Version, Workflow
from designer.visibility import seen_by, visible_workflows
from runs.models import DeadLetter, Review, Run, Trigger, Upload
from runs.queries import find_review, find_run, visible_runs
from runs.queries.veils import veiled_letter

LONGEST_QUESTION = 200
LARGEST_NUMBER = 2**31 - 1  # of a step run, as databases count


def asked(request: HttpRequest, name: str) -> str:
    """What the address says, as far as a database can be asked for it."""
    return request.GET.get(name, "")[:LONGEST_QUESTION].replace("\0", "").strip()


def get_run(user: Any, run_id: UUID) -> Run:
    run = find_run(user, run_id)
    if run is None:
        raise Http404("There is no such run, or it is not yours to see.")
    return run


def get_key(run: Run, no: int) -> str:
    """The step that a step run is of."""
    key = run.step_runs.filter(no=no).values_list("key", flat=True).first() if no <= LARGEST_NUMBER else None
    if key is None:
        raise Http404("The run has not entered such a step.")
    return key


def get_review(user: Any, review_id: UUID) -> Review:
    review = find_review(user, review_id)
    if review is None:
        raise Http404("There is no such review, or it is not yours to see.")
    return review


def get_dead_letter(user: Any, letter_id: UUID) -> DeadLetter:
    letter = DeadLetter.objects.filter(pk=letter_id, run__in=visible_runs(user)).select_related("run").first()
    if letter is None:
        raise Http404("There is no such dead letter, or it is not yours to see.")
    return veiled_letter(letter, user)


def get_workflow(user: Any, key: str) -> Workflow:
    workflow = visible_workflows(user).select_related("published").filter(key=key).first()
    if workflow is None:
        raise Http404(f"There is no workflow “{key}”.")
    return workflow


def get_trigger(user: Any, trigger_id: UUID) -> Trigger:
    wanted = Trigger.objects.select_related("workflow__published", "version", "made_by")
    trigger = seen_by(wanted, user).filter(pk=trigger_id).first()
    if trigger is None:
        raise Http404("There is no such trigger. Perhaps somebody has removed it.")
    return trigger


def get_upload(user: Any, key: str, upload_id: UUID) -> Upload:
    wanted = Upload.objects.select_related("workflow", "version").filter(pk=upload_id, workflow__key=key)
    upload = seen_by(wanted, user).first()
    if upload is None:
        raise Http404("There is no such file. One from which nothing was started is kept for a week.")
    return upload


def get_published_version(user: Any, key: str) -> Version:
    published = get_workflow(user, key).published
    if published is None:
        raise Http404(f"“{key}” has not been published yet, so there is nothing to run.")
    return published
