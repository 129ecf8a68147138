"""`If-Match`: do it only to what I have seen."""

from rest_framework.request import Request

from designer.models import Draft

from .problems import Problem


def etag_of(draft: Draft) -> str:
    return f'"{draft.revision}"'


def expected_revision(request: Request, draft: Draft) -> int:
    """The revision that is to be edited: the one ``If-Match`` names, or where it names none, what is there now.

    Raises Problem. Whether it still is the draft's when the edit is made, the edit finds out.
    """
    given = request.headers.get("If-Match", "").strip()
    tags = [tag.strip().removeprefix("W/") for tag in given.split(",")]
    if given not in ("", "*") and etag_of(draft) not in tags:
        raise Problem("precondition-failed", f"The draft is at revision {draft.revision}. Read it again.")
    return draft.revision
