"""Rows made the way the product makes them: versions are published, runs are started, attempts are reported."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib.auth.models import Group, Permission, User

from designer import catalog
from designer.actions.publishing import digest_of
from designer.graph import Action, Graph, decode, encode
from designer.models import Version, Workflow
from runs.actions import Assignment, Grip, Report, claim_work, enlist_worker, report_attempt, start_run
from runs.engine import Fault
from runs.models import Run
from tests.servers import wait_until


def a_user(name: str = "ada", *permissions: str, groups: tuple[str, ...] = ()) -> User:
    user = User.objects.create_user(name, password="secret")
    for permission in permissions:
        app, codename = permission.split(".")
        user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    user.groups.set(Group.objects.get_or_create(name=group)[0] for group in groups)
    return User.objects.get(pk=user.pk)


def a_version(document: dict[str, Any]) -> Version:
    """A published version of ``document`` (steps and what else is needed), its contracts pinned."""
    graph = pinned(decode({"choreo": 1, "key": "flow", "title": "Flow", "owner": "acme", **document}))
    workflow, _ = Workflow.objects.get_or_create(key=graph.key, defaults={"title": graph.title})
    number = workflow.versions.count() + 1
    version = Version.objects.create(
        workflow=workflow,
        number=number,
        semantic=f"{number}.0.0",
        document=encode(graph),
        digest=digest_of(encode(graph)),
        note="test",
    )
    workflow.published = version
    workflow.save(update_fields=["published"])
    return version


def pinned(graph: Graph) -> Graph:
    used = {step.does for step in graph.steps.values() if isinstance(step, Action)}
    used |= {s.compensate.does for s in graph.steps.values() if isinstance(s, Action) and s.compensate}
    return replace(graph, contracts={does: catalog.resolve(does).contract for does in used})


def a_run(document: dict[str, Any], inputs: Any = None, **how: Any) -> Run:
    return start_run(version=a_version(document), inputs={} if inputs is None else inputs, **how)


def action(does: str = "acme.echo", **fields: Any) -> dict[str, Any]:
    return {"kind": "action", "does": does, **fields}


class Hand:
    """A worker played by the test: it claims, and reports what it is told to."""

    def __init__(self) -> None:
        self.id: UUID = enlist_worker(host="test", pid=1)
        self.held: list[Assignment] = []

    def claim(self, limit: int = 10) -> list[Assignment]:
        claimed = claim_work(grip=Grip(self.id, limit))
        self.held += claimed
        return claimed

    def claim_soon(self, limit: int = 10) -> list[Assignment]:
        """What falls due within the next moments."""
        return wait_until(lambda: self.claim(limit), seconds=5, what="work")

    def hold(self, key: str) -> Assignment:
        """The held attempt of a step."""
        return next(assignment for assignment in self.held if assignment.key == key)

    def succeed(self, key: str, output: Any = None, *, go_on: bool = True) -> Assignment | None:
        return self.report(self.hold(key), Report(output=output), go_on=go_on)

    def fail(self, key: str, name: str = "Broken", *, go_on: bool = True, **fault: Any) -> Assignment | None:
        report = Report(fault=Fault(name=name, message="it broke", step=key, **fault))
        return self.report(self.hold(key), report, go_on=go_on)

    def report(self, assignment: Assignment, report: Report, *, go_on: bool = True) -> Assignment | None:
        self.held = [held for held in self.held if held is not assignment]
        following = report_attempt(assignment, report, go_on=go_on)
        if following is not None:
            self.held.append(following)
        return following
