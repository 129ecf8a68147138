"""What somebody is told of a run: on pages, by programs, in the frames of open pages."""

import re

from django.contrib.auth.models import AbstractUser
from django.core.cache import cache

from designer.graph import Graph, encode_header
from designer.models import Draft
from runs.live.inbox import InboxConsumer
from runs.models import DeadLetter, Review, Run, Upload
from runs.queries import find_run
from runs.queries.inbox import Filter
from tests.api.asking import program
from tests.live.frames import render
from tests.people import person, signed_in


def places(run: Run) -> dict[str, str]:
    """What addresses take, by the name of the argument."""
    rows = {"review": Review, "upload": Upload, "letter": DeadLetter}
    found = {f"{name}_id": str(getattr(model.objects.first(), "pk", run.pk)) for name, model in rows.items()}
    return {
        "key": run.workflow.key, "run_id": str(run.pk), "trigger_id": str(run.pk), "number": "1", "no": "1",
        "step": "say", "section": "input", "kind": "cron", "what": "input", "before": "1", "after": "draft",
        "branch": "a", "reference": "acme.echo", "user_id": "1", "secret_id": "1", "destination_id": "1",
        "token_id": "9", "token": "none", **found,
    }  # fmt: skip


def give_draft(run: Run) -> None:
    """The factories publish without one."""
    version = run.version.document
    graph = Graph(key=run.workflow.key, title="Flow", owner="acme", input=version.get("input", {}))
    Draft.objects.create(workflow=run.workflow, header=encode_header(graph), edited_by=person("admin"))


def told_at(run: Run, user: AbstractUser, patterns: list[str]) -> dict[str, str]:
    """What this person is answered there, and what open pages of theirs are sent."""
    client, asking, given = signed_in(user), program(user), places(run)
    told = {}
    for pattern in patterns:
        cache.clear()
        path = re.sub(r"<(\w+)>", lambda found: given[found[1]], pattern)
        answer = asking.get(path) if path.startswith("/api/") else client.get(path)
        assert answer.status_code < 500, path
        told[path] = (b"".join(answer) if answer.streaming else answer.content).decode()
    return told | frames(run, user)


def frames(run: Run, user: AbstractUser) -> dict[str, str]:
    """What open pages are sent."""
    told = {}
    for tab in ("", "data", "events", "step"):
        asked = {"tab": tab, "step": "say"} if tab else {}
        found = find_run(user, run.pk)
        assert found is not None
        told[f"frame {tab}"] = render(found, user, asked, after=0).html
    inbox, asked_for = InboxConsumer(), Review.objects.first()
    inbox.asked, inbox.was_open, inbox.review_id = Filter(), False, asked_for.pk if asked_for else None
    told["frame inbox"] = inbox.look(user) or ""
    return told
