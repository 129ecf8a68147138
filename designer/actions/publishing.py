"""Publishing: a draft becomes a version, frozen with the contracts it was checked against."""

import hashlib
import json
from typing import Any

from django.db import transaction

from designer.drafts import errors_in, graph_of_draft
from designer.graph import Graph, decode, difference, encode
from designer.models import Draft, Version
from designer.refusals import NotPublishable
from designer.versioning import FIRST, next_semantic

from .drafting import check_as_seen, locked_draft
from .drawings import store_drawings
from .trail import note_deed


@transaction.atomic(durable=True)
def publish(*, draft: Draft, note: str, revision: int, by: Any) -> Version:
    """The next version of the workflow. Runs that are under way stay on theirs.

    Raises DraftMoved where the draft is not the one that was looked at, NotPublishable where it has errors.
    """
    draft = locked_draft(draft)
    check_publishable(draft, note, revision)
    workflow, graph = draft.workflow, graph_of_draft(draft)
    document = encode(graph)
    last = workflow.published
    version = Version.objects.create(
        workflow=workflow,
        number=last.number + 1 if last else 1,
        semantic=next_semantic(last.semantic, decode(last.document), graph) if last else FIRST,
        document=document,
        digest=digest_of(document),
        note=note.strip(),
        published_by=by,
    )
    store_drawings(version, graph)
    workflow.published, workflow.title, workflow.owner = version, graph.title or graph.key, graph.owner[:64]
    workflow.save(update_fields=["published", "title", "owner"])
    note_deed(
        "published",
        "workflow",
        workflow.key,
        by=by,
        about=workflow.pk,
        version=version.number,
        digest=version.digest,
    )
    return version


def check_publishable(draft: Draft, note: str, revision: int) -> None:
    """Raises DraftMoved, NotPublishable."""
    check_as_seen(draft, revision)
    if not note.strip():
        raise NotPublishable("A note is needed: it says why this version exists.")
    published, graph = draft.workflow.published, graph_of_draft(draft)
    if errors := errors_in(graph, draft.workflow.team_id):
        count = "1 error" if len(errors) == 1 else f"{len(errors)} errors"
        raise NotPublishable(f"The draft has {count}, and a version has none. First: {errors[0].message}")
    if published and says_the_same(published, graph):
        raise NotPublishable(f"Nothing has changed since v{published.number}.")


def says_the_same(version: Version, graph: Graph) -> bool:
    """Whether publishing ``graph`` would give the same version again, its contracts included."""
    return not difference(decode(version.document), graph) and version.digest == digest_of(encode(graph))


def digest_of(document: dict[str, Any]) -> str:
    """SHA-256 of the document as canonical JSON."""
    canonical = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()
