"""A socket of one open inbox, with a review beside the list or without one."""

import hashlib
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

from django.template.loader import render_to_string

from runs.queries.inbox import WHICH, Filter, find_review, inbox
from runs.queries.review_page import ReviewPage

from .open_page import PageOfRuns

PAUSE = 1.0  # seconds: lists are read from the corner of the eye


class InboxConsumer(PageOfRuns):
    """Any run may open, move or close a review, so it sends what has become another."""

    pause = PAUSE

    async def connect(self) -> None:
        asked = parse_qs(self.scope["query_string"].decode("latin1"))
        which, kind, after, review = (
            asked.get(name, [""])[0].replace("\0", "")[:200] for name in ("which", "kind", "page", "review")
        )
        self.asked = Filter(which if which in WHICH else WHICH[0], kind, after)
        self.review_id, self.was_open = _id(review), "open" in asked
        self.sent = ""
        await self.open()

    async def tell(self, found: str) -> None:
        digest = hashlib.sha256(found.encode()).hexdigest()
        if digest != self.sent:
            self.sent = digest
            await self.send(text_data=found)

    def look(self, user: Any) -> str | None:
        if not user.has_perm("runs.view_review"):
            return None
        context = {"inbox": inbox(user, self.asked), "user": user, "oob": True}
        review = find_review(user, self.review_id) if self.review_id else None
        if review is not None:
            page = ReviewPage(review, user)
            context |= {"chosen": str(review.pk), "review": review, "page": page, "was_open": self.was_open}
        html: str = render_to_string("runs/review.html#changing", context)
        return html


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
