"""A socket of one open editor: it says that its person is here, and tells who else is."""

import json
from typing import Any
from urllib.parse import parse_qs

from channels.db import database_sync_to_async
from django.template.loader import render_to_string

from designer.actions import leave_draft, note_presence
from designer.models import Workflow
from designer.queries import Here, others_here
from designer.visibility import find_visible_workflow
from runs.bell import EVERYTHING

from .open_page import OpenPage
from .watch import Topic, watch

FIRST, APART = 18, 18  # pixels right of a box where initials stand


class EditorConsumer(OpenPage):
    """The page's own look, every so often, keeps its person from counting as gone."""

    async def connect(self) -> None:
        self.key = self.scope["url_route"]["kwargs"]["key"]
        asked = parse_qs(self.scope["query_string"].decode("latin1"))
        self.step = storable(asked.get("step", [""])[0])
        self.told: list[Here] | None = None
        self.told_step: str | None = None  # the step at which the others were told that this one is
        await self.open()

    def topic(self) -> Topic:
        return f"draft {self.key}"

    async def disconnect(self, code: int) -> None:
        await super().disconnect(code)
        if self.told is not None:
            await database_sync_to_async(self.leave)()
            self.ring()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """The page says which step is open now. It has drawn itself anew, so it is told everything again."""
        await super().receive(text_data, bytes_data)
        self.step = step_in(text_data)
        self.told = [] if self.told else self.told
        self.wake()

    def look(self, user: Any) -> tuple[list[Here], str] | None:
        """Who else is here, and at which step they will find this one."""
        self.user, step = user, self.step
        workflow = self.workflow()
        if workflow is None:
            return None
        note_presence(draft=workflow.draft, step=step, by=user)
        return others_here(workflow.draft, user), step

    async def tell(self, found: tuple[list[Here], str]) -> None:
        here, step = found
        if step != self.told_step:
            self.ring()
            self.told_step = step
        if here != self.told:
            left = {one.step for one in self.told or () if one.step} - {one.step for one in here}
            self.told = here
            await self.send(text_data=render(here, left))

    def ring(self) -> None:
        """For the others' pages of this web process; those of another see it when they look by themselves."""
        for page in watch().on(self.topic()) - {self}:
            page.hear(EVERYTHING)

    def leave(self) -> None:
        if workflow := self.workflow():
            leave_draft(draft=workflow.draft, by=self.user)

    def workflow(self) -> Workflow | None:
        if not self.user.has_perm("designer.change_workflow"):
            return None
        return find_visible_workflow(self.user, self.key)


def step_in(text: str | None) -> str:
    """The step that a page says it shows."""
    try:
        said = json.loads(text or "")
    except (ValueError, RecursionError):
        return ""
    step = said.get("step") if isinstance(said, dict) else ""
    return storable(step) if isinstance(step, str) else ""


def storable(step: str) -> str:
    """Empty where it is no key of a step: signs that cannot be printed are such as no database takes."""
    return step if step.isprintable() else ""


def render(here: list[Here], left: set[str]) -> str:
    """Who is here, for the toolbar and the boxes; ``left`` are the steps where nobody is any more."""
    by_step: dict[str, list[tuple[int, Here]]] = {step: [] for step in left}
    for one in here:
        if one.step:
            beside = by_step.setdefault(one.step, [])
            beside.append((FIRST + APART * len(beside), one))
    return render_to_string("designer/editor/presence.html", {"here": here, "steps": by_step.items()})
