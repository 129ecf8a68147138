"""What an open page is sent, without a socket."""

import time
from typing import Any

from runs.live import fragments
from runs.live.fragments import Fragments
from runs.live.sharing import View
from runs.models import Run


def render(
    run: Run,
    user: Any,
    asked: dict[str, str],
    *,
    after: int,
    before: View | None = None,
    since: float | None = None,
) -> Fragments:
    """To a reader who may see it; as it stands now, unless it may be as it was after the moment ``since``."""
    moment = time.monotonic() if since is None else since
    found = fragments.render(run.pk, user, asked, since=moment, after=after, before=before)
    assert found is not None
    return found
