"""Something of everything that belongs to one team's workflow, and the people around it."""

from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import AbstractUser, Group
from django.utils import timezone

from designer.actions import add_secret, import_document, set_team
from designer.graph import Graph, encode_header
from designer.models import Draft, Workflow
from runs.actions import create_trigger, publish_signal
from runs.models import DeadLetter, Review, Run, Signal, Upload
from tests.actions.flows import SAGA
from tests.factories import Hand
from tests.people import person
from tests.situations import a_held_run, an_open_review, an_undo_that_gave_up

TEAM = "vault"


@dataclass
class Scene:
    """The workflows of one team. Whatever leads to them is told by `ids`."""

    run: Run
    review: Review
    letter: DeadLetter
    drafted: Workflow
    args: dict[str, str] = field(default_factory=dict)  # what addresses take, by the name of the argument
    ids: frozenset[str] = frozenset()  # canaries: no page of somebody else may hold one


def teams_own() -> Scene:
    """Everything is made for everybody first, and then given to the team."""
    team, by = Group.objects.get_or_create(name=TEAM)[0], person("designer")
    run, review, letter = a_held_run(Hand()), an_open_review(), an_undo_that_gave_up()
    document = {"choreo": 1, "key": "drafted", "title": "Canary draft", "owner": "canary-owner", **SAGA}
    draft = import_document(document=document, by=by)
    trigger = create_trigger(workflow=run.workflow, by=by, kind="webhook", title="Canary hook").trigger
    upload = Upload.objects.create(
        workflow=run.workflow, version=run.version, name="canary.csv", text="a\n1\n", made_at=timezone.now()
    )
    signal = publish_signal(name="canary.sent", key="CANARY-1", source="/workflows/flow").signal
    Signal.objects.filter(pk=signal.pk).update(run=run)
    add_secret(name="canary_secret", value="canary in a mine", by=by, team=team)
    graph = Graph(key=run.workflow.key, title="Canary flow", owner="canary-owner")
    Draft.objects.create(workflow=run.workflow, header=encode_header(graph), edited_by=by)
    owned = {run.workflow, review.run.workflow, letter.run.workflow, draft.workflow}
    for workflow in owned:
        Workflow.objects.filter(pk=workflow.pk).update(title=f"Canary {workflow.key}")
        set_team(workflow=workflow, team=team, by=by)
    things: list[Any] = [run, review, letter, trigger, upload, review.run, letter.run, *owned]
    names = {"ORD-7", "ORD-8", "ORD-9", "Canary", "canary", "CANARY-1"}
    return Scene(
        run, review, letter, draft.workflow,
        args={
            "key": run.workflow.key, "run_id": str(run.pk), "review_id": str(review.pk),
            "letter_id": str(letter.pk), "trigger_id": str(trigger.pk), "upload_id": str(upload.pk),
            "number": "1", "no": "1", "step": "one", "section": "input", "kind": "cron", "what": "input",
            "before": "1", "after": "draft", "branch": "a", "reference": "acme.echo", "user_id": "1",
            "secret_id": "1", "destination_id": "1", "token_id": "999999", "grant_id": "999999", "token": "none",
        },
        ids=frozenset({str(thing.pk) for thing in things} | names),
    )  # fmt: skip


def somebody(name: str, roles: tuple[str, ...], *teams: str) -> AbstractUser:
    """A person of that name with these roles, in these teams."""
    user = person(roles[0])
    user = type(user).objects.create_user(name)
    user.groups.add(*Group.objects.filter(name__in=roles))
    user.groups.add(*(Group.objects.get_or_create(name=team)[0] for team in teams))
    return user
